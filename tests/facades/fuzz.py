"""A whole server on a socket, and schemathesis let loose on what it says of itself: no bug, no undeclared answer."""

import asyncio
import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
import uvicorn

from api.built import build
from callboard.app import create_app
from callboard.domain.directory import Directory
from callboard.services import Services
from callboard.settings import Settings
from callboard.store.redis import Connection
from callboard.wire import uvicorn_options
from servers import start_server

Prepare = Callable[[Services], Awaitable[dict[str, Any]]]


@dataclass
class Fuzzed:
    """A running server; `known` is what the preparation gave."""

    url: str
    known: dict[str, Any]
    server: uvicorn.Server

    def document(self, root: str) -> dict[str, Any]:
        found: dict[str, Any] = httpx2.get(f"{self.url}{root}/openapi.json", trust_env=False).json()
        return found


@contextmanager
def fuzzed(directory: Path, site: Directory, prepare: Prepare, **settings: Any) -> Iterator[Fuzzed]:
    """The whole application over a real socket, on a store of its own, in a thread."""
    with start_server(directory) as store:
        ready: list[Fuzzed] = []
        thread = threading.Thread(target=lambda: asyncio.run(_serve(store, site, prepare, settings, ready)))
        thread.start()
        deadline = time.monotonic() + 20
        while not ready or not ready[0].server.started:
            assert thread.is_alive(), "the server could not start"
            assert time.monotonic() < deadline
            time.sleep(0.01)
        try:
            yield ready[0]
        finally:
            ready[0].server.should_exit = True
            thread.join()


async def _serve(store: str, site: Directory, prepare: Prepare, settings: dict[str, Any], ready: list[Fuzzed]) -> None:
    connection = Connection.open(store)
    services = build(connection, site, lambda: time.time_ns() // 1_000_000, Settings(**settings))
    known = await prepare(services)
    server = uvicorn.Server(uvicorn.Config(create_app(services), lifespan="off", **uvicorn_options()))
    # Said to be TCP, or asyncio does not switch Nagle's algorithm off, and every answer takes 40 ms.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))
    ready.append(Fuzzed(f"http://127.0.0.1:{listener.getsockname()[1]}", known, server))
    await server.serve([listener])
    await connection.close()


@dataclass
class Run:
    """One run of the tool. `config` is TOML beside what all runs have."""

    directory: Path
    options: list[str] = field(default_factory=list)
    config: str = ""

    def __call__(self, server: Fuzzed, document: dict[str, Any]) -> None:
        """Raises with everything that was found."""
        (self.directory / "openapi.json").write_text(json.dumps(document))
        (self.directory / "schemathesis.toml").write_text(self.config)
        argv = [str(Path(sys.executable).parent / "st"), "run", "openapi.json", "--url", server.url, "--no-color"]
        argv += ["--seed", "1", "--suppress-health-check", "all", *self.options]
        done = subprocess.run(argv, cwd=self.directory, env=os.environ, capture_output=True, text=True, timeout=300)
        assert done.returncode == 0, done.stdout + done.stderr


def narrowed(document: dict[str, Any], names: dict[str, list[str]]) -> dict[str, Any]:
    """The same about things that there are, so that most requests come through to what they are about."""
    for methods in document["paths"].values():
        for operation in methods.values():
            for parameter in operation["parameters"]:
                if parameter.get("name") in names and parameter["in"] == "path":
                    parameter["schema"] = {"enum": names[parameter["name"]]}
    return document
