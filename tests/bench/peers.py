"""Other servers that hand one text to many WebSockets, each a child on the servers' core."""

import asyncio
import os
import shutil
import socket
import ssl
import subprocess
import sys
import time
import venv
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from string import Template
from typing import Any, NamedTuple

from bench.certificate import Certificate, believing
from bench.load import SERVER, Missing, compiled, on_core

HERE = Path(__file__).parent
NCHAN = "usr/lib/nginx/modules/ngx_nchan_module.so"
ROOTS = (Path("/"), HERE.parents[1] / "build" / "nchan")  # installed, or unpacked there by `make proof`
START_S = 10
FIRST = 100_000_000_000  # numbers of as many digits as load.c writes


class Served(NamedTuple):
    """A running server. `processes` are those whose time and memory count; `request` makes it publish."""

    port: int
    processes: Callable[[], set[int]]
    request: bytes
    paths: list[str]
    started_s: float  # how long it took until it answered
    is_tls: bool = False


Argv = list[str | Path]


class Peer(NamedTuple):
    """How to start one on a port, for documents of a size, and the request that makes it publish one."""

    command: Callable[[int, int], Argv]
    request: Callable[[int], bytes]
    is_given_its_socket: bool = False
    tls: ssl.SSLContext | None = None  # of a client


def floor(directory: Path) -> Peer:
    program = compiled("floor", directory)
    return Peer(lambda port, _: [program, str(port)], posted)


def starlette(directory: Path) -> Peer:
    return Peer(lambda port, _: [sys.executable, HERE / "peer_starlette.py", str(port)], posted)


def nchan(directory: Path, certificate: Certificate | None = None) -> Peer:
    """With a certificate, over TLS. On a socket with Nagle's algorithm off. nchan leaves it on for its subscribers; a
    text as long as the last, above some 500 bytes, then waits 40 ms for the client's kernel, which is not what is to be
    compared."""
    template = Template((HERE / "nchan.conf").read_text("ascii"))
    config = directory / f"nchan{'-tls' if certificate else ''}.conf"
    for root in ROOTS:
        nginx = shutil.which("nginx", path=root / "usr/sbin")
        if nginx and (root / NCHAN).is_file():
            break
    else:
        raise Missing("no nginx with nchan (on Debian: apt-get install nginx libnginx-mod-nchan)")
    filled = {"module": root / NCHAN, "directory": directory, "ssl": "", "tls": ""}
    if certificate:
        filled |= {"ssl": " ssl", "tls": certificate.nginx}

    def command(port: int, _: int) -> Argv:
        config.write_text(template.substitute(filled, port=port), "ascii")
        return [nginx, "-p", directory, "-e", directory / "nginx.log", "-c", config]

    if (checked := subprocess.run([*command(1, 0), "-t"], capture_output=True, text=True)).returncode:
        raise Missing(f"nginx with nchan does not start: {checked.stderr.strip()[-300:]}")
    return Peer(command, posted, is_given_its_socket=True, tls=believing() if certificate else None)


def socketify(directory: Path) -> Peer:
    """In an environment of its own: it is none of our packages. It dies of many requests with a body."""
    home = directory / "socketify"
    try:
        venv.create(home, with_pip=True)
        _quietly(home / "bin" / "python", "-m", "pip", "install", "-q", "socketify")
        _quietly(home / "bin" / "python", "-c", "import socketify")
    except (subprocess.SubprocessError, OSError) as error:
        raise Missing(f"socketify cannot be installed: {str(error)[-300:]}") from None
    program = HERE / "peer_socketify.py"
    return Peer(lambda port, size: [home / "bin" / "python", program, str(port), str(size)], named)


def _quietly(*command: str | Path) -> None:
    subprocess.run(command, check=True, capture_output=True, timeout=120)


@asynccontextmanager
async def serving_peer(peer: Peer, size: int, count: int) -> AsyncIterator[Served]:
    """One that answers, and has been told a document of `size` bytes; for `count` clients. Stopped by its id."""
    began = time.monotonic()
    with on_core(SERVER), socket.create_server(("127.0.0.1", 0), backlog=4096) as door:
        port = door.getsockname()[1]
        given: dict[str, Any] = {}
        if peer.is_given_its_socket:  # as nginx gives them to its successor
            door.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            door.setblocking(False)
            given = {"pass_fds": [door.fileno()], "env": os.environ | {"NGINX": f"{door.fileno()};"}}
        else:
            door.close()
        process = await asyncio.create_subprocess_exec(*peer.command(port, size), stdout=subprocess.DEVNULL, **given)
    try:
        request = peer.request(size)
        await _told(process, port, request, peer.tls)
        started_s = time.monotonic() - began
        yield Served(port, lambda: family(process.pid), request, ["/live"] * count, started_s, peer.tls is not None)
    finally:
        if process.returncode is None:
            process.terminate()
        try:
            async with asyncio.timeout(5):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()


def posted(size: int) -> bytes:
    """The whole document in the body."""
    head, end = f'{{"type":"board","seq":{FIRST},"filling":"', '"}'
    body = head + "." * (size - len(head) - len(end)) + end
    fields = f"Host: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: {len(body)}"
    return f"POST /pub HTTP/1.1\r\n{fields}\r\n\r\n{body}".encode()


def named(size: int) -> bytes:
    """Only its number, in the address."""
    return f'GET /pub/"seq":{FIRST} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n'.encode()


async def _told(process: asyncio.subprocess.Process, port: int, request: bytes, tls: ssl.SSLContext | None) -> None:
    async with asyncio.timeout(START_S):
        while True:
            assert process.returncode is None, "it ended at once"
            try:
                reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=tls)
                break
            except OSError:
                await asyncio.sleep(0.05)
        writer.write(request)
        assert (await reader.readline()).startswith(b"HTTP/1.1 2")
        writer.close()
        await writer.wait_closed()


def family(pid: int) -> set[int]:
    """A process and all that came of it."""
    parents = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(path.parent.name)] = int(path.read_text().rpartition(")")[2].split()[1])
        except (OSError, IndexError):  # it has ended meanwhile
            continue
    found = {pid}
    while more := {child for child, parent in parents.items() if parent in found} - found:
        found |= more
    return found


def spent_s(pids: set[int]) -> float:
    """Processor time of processes, of their own and of the kernel for them; of all threads that there are."""
    threads = [path for pid in pids for path in Path(f"/proc/{pid}/task").glob("*/schedstat")]
    assert threads, "the server has ended"
    try:
        return sum(int(path.read_text().split()[0]) for path in threads) / 1e9
    except OSError:
        raise AssertionError("a thread of the server has ended") from None
