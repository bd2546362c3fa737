"""The OpenAPI document against the server that it describes: schemathesis finds nothing that is not as it says."""

import asyncio
import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import msgspec
import pytest
import uvicorn

from api.asking import ROOT, take
from api.built import build
from api.conftest import VALLEY
from callboard.app import create_app
from callboard.domain.directory import Directory
from callboard.domain.model import Site
from callboard.settings import Settings
from callboard.store.redis import Connection
from callboard.wire import uvicorn_options
from conftest import SITE
from servers import start_server
from thorough import examples

# All checks are on, but for two that would be told which answers belong to whom. No schema says which numbers a country
# has, what lies within a year, which bytes are a point on a curve, nor what an address is: four operations refuse more
# than theirs does.
CONFIG = """
[checks]
object_level_authorization.enabled = false
ensure_resource_availability.enabled = false

[[operations]]
include-operation-id = ["take", "my_contact", "my_subscribe", "register_webhook"]
checks.positive_data_acceptance.enabled = false
"""


@dataclass
class Served:
    """A running server and its thread."""

    url: str
    key: str
    server: uvicorn.Server

    def document(self) -> dict[str, Any]:
        document: dict[str, Any] = httpx2.get(f"{self.url}{ROOT}/openapi.json").json()
        return document


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The whole application over a real socket, on a store of its own."""
    with start_server(tmp_path_factory.mktemp("store")) as store:
        ready: list[Served] = []
        thread = threading.Thread(target=lambda: asyncio.run(_serve(store, ready)))
        thread.start()
        deadline = time.monotonic() + 20
        while not ready or not ready[0].server.started:
            assert thread.is_alive() and time.monotonic() < deadline
            time.sleep(0.01)
        yield ready[0]
        ready[0].server.should_exit = True
        thread.join()


async def _serve(store: str, ready: list[Served]) -> None:
    connection = Connection.open(store)
    directory = Directory([msgspec.convert(SITE, Site), msgspec.convert(VALLEY, Site)])
    services = build(connection, directory, lambda: time.time_ns() // 1_000_000, Settings())
    _, key = await services.accounts.keys.make("Robot", organization="hilltop")
    server = uvicorn.Server(uvicorn.Config(create_app(services), lifespan="off", **uvicorn_options()))
    # Said to be TCP, or asyncio does not switch Nagle's algorithm off, and every answer takes 40 ms.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))
    ready.append(Served(f"http://127.0.0.1:{listener.getsockname()[1]}", key, server))
    await server.serve([listener])
    await connection.close()


def run(tmp_path: Path, served: Served, document: dict[str, Any], *options: str) -> None:
    """Raises with everything that was found."""
    (tmp_path / "openapi.json").write_text(json.dumps(document))
    (tmp_path / "schemathesis.toml").write_text(CONFIG)
    tests = Path(__file__).parent
    argv = [str(Path(sys.executable).parent / "st"), "run", "openapi.json", "--url", served.url, "--no-color"]
    argv += ["--seed", "1", "--suppress-health-check", "all", *options]
    environment = os.environ | {"SCHEMATHESIS_HOOKS": "schemathesis_hooks", "PYTHONPATH": str(tests)}
    done = subprocess.run(argv, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr


def narrowed(document: dict[str, Any], names: dict[str, list[str]]) -> dict[str, Any]:
    """The same about things that there are, so that most requests come through to what they are about."""
    for methods in document["paths"].values():
        for operation in methods.values():
            for parameter in operation["parameters"]:
                if parameter.get("name") in names and parameter["in"] == "path":
                    parameter["schema"] = {"enum": names[parameter["name"]]}
    for schema in document["components"]["schemas"].values():
        for name, field in schema.get("properties", {}).items():
            for choice in field.get("anyOf", [field]):
                if name in names and "pattern" in choice:
                    choice["enum"] = names[name]
    return document


@pytest.mark.timeout(320)
@examples
async def test_staff_and_machines_find_it_as_described(served: Served, tmp_path: Path, examples: int) -> None:
    async with httpx2.AsyncClient(base_url=served.url, headers={"Authorization": f"Bearer {served.key}"}) as staff:
        taken = [await take(staff, queue) for queue in ("general", "lab", "advice") for _ in range(2)]
        booked = [await take(staff, slot_at=time.time_ns() // 1_000_000 + 3_600_000, reserve=True) for _ in range(2)]
        owned = [await take(staff, "general") for _ in range(6)]  # nobody forgets their holders
        await staff.post(f"{ROOT}/desks/d1/open")
    names = {
        "location": ["main"],
        "queue": ["general", "lab", "advice"],
        "desk": ["d1", "d2", "d3"],
        "ticket": [each["ticket"]["id"] for each in taken + booked],
        "token": [each["token"] for each in owned],
    }
    options = ["--header", f"Authorization: Bearer {served.key}", "--max-examples", str(examples)]
    run(tmp_path, served, narrowed(served.document(), names), "--phases", "coverage,fuzzing,stateful", *options)


@pytest.mark.timeout(320)
@examples
def test_visitors_find_it_as_described(served: Served, tmp_path: Path, examples: int) -> None:
    run(tmp_path, served, served.document(), "--phases", "coverage,fuzzing", "--max-examples", str(examples))
