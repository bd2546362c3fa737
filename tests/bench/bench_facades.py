"""The commonest calls of each vendor's API beside the same command through our own, over HTTP, on one server.

Both sides of a pair take turns, request by request and then in blocks of several connections, so that whatever else the
machine does meets both. `ratio` is the vendor's call against ours: what imitating costs. Words of a call's name choose
which are measured.
"""

import asyncio
import json
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import uvloop

from bench.calls import FILE, ROOM, VIRTUAL, Make, Request, Tickets, pairs
from bench.child import server
from bench.crowd import fill
from bench.figures import percentile, show
from callboard.compose import clock
from callboard.store.accounts import Accounts
from callboard.store.reads import Reads
from callboard.store.redis import Connection
from running import Running

ROUNDS = 120  # one request after the other, of each side
BLOCKS, CONNECTIONS, EACH = 4, 8, 15  # then so many blocks of each side, by so many connections, so many requests each


class Client:
    """One connection that stays open. Each comes from an address of its own, so that no limit for visitors counts."""

    _addresses: Iterator[str] = iter(f"127.0.{a}.{b}" for a in range(1, 250) for b in range(1, 250))

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, key: str) -> None:
        self._reader, self._writer, self._key = reader, writer, key

    @classmethod
    async def open(cls, port: int, key: str) -> "Client":
        return cls(*await asyncio.open_connection("127.0.0.1", port, local_addr=(next(cls._addresses), 0)), key)

    async def ask(self, request: Request) -> Any:
        body = json.dumps(request.body).encode() if request.body is not None else b""
        keys = "Authorization: Bearer {0}\r\nApiKey: {0}\r\ntoken: {0}\r\nApplication-API-Key: {0}\r\n"
        said = f"vt_token: {request.token}\r\n" if request.token else keys.format(self._key)
        self._writer.write(
            f"{request.method} {request.path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{said}"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode()
            + body
        )
        head = (await self._reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        answer = await self._reader.readexactly(int(head.partition("content-length:")[2].partition("\r\n")[0]))
        assert head[9:12] in ("200", "201"), answer
        said_back = json.loads(answer or "null")
        assert not isinstance(said_back, dict) or said_back.get("success", True) is not False, answer
        return said_back

    def close(self) -> None:
        self._writer.close()


async def compare(port: int, key: str, theirs: Make, ours: Make) -> list[object]:
    """p50 of each and their ratio, one at a time; then p99 and requests a second of each, by several connections."""
    client = await Client.open(port, key)
    took: tuple[list[float], list[float]] = ([], [])
    for turn in range(ROUNDS + 10):
        for side, make in enumerate((theirs, ours)):
            began = time.perf_counter()
            await client.ask(make())
            if turn >= 10:
                took[side].append((time.perf_counter() - began) * 1000)
    client.close()
    many = [await crowd(port, key, (theirs, ours)[block % 2]) for block in range(2 * BLOCKS)]
    alone = [percentile(side, 0.5) for side in took]
    p99 = [percentile([ms for each in many[side::2] for ms in each[0]], 0.99) for side in (0, 1)]
    rate = [BLOCKS * CONNECTIONS * EACH / sum(each[1] for each in many[side::2]) for side in (0, 1)]
    return [*alone, alone[0] / alone[1], *p99, *rate, rate[1] / rate[0]]


async def crowd(port: int, key: str, make: Make) -> tuple[list[float], float]:
    """What each request took (ms), and all of them together (s)."""
    clients = [await Client.open(port, key) for _ in range(CONNECTIONS)]
    took: list[float] = []

    async def run(client: Client) -> None:
        for _ in range(EACH):
            began = time.perf_counter()
            await client.ask(make())
            took.append((time.perf_counter() - began) * 1000)

    began = time.perf_counter()
    await asyncio.gather(*map(run, clients))
    whole = time.perf_counter() - began
    for client in clients:
        client.close()
    return took, whole


async def prepare(running: Running, key: str) -> tuple[Tickets, Tickets, list[str], str]:
    """Enough tickets for every call that uses one up; the line of queue b has fifty."""
    each = ROUNDS + 10 + BLOCKS * CONNECTIONS * EACH
    await fill(running.store_url, ROOM, clock, "b", 50)
    done = await fill(running.store_url, ROOM, clock, "c", 9 * each)
    waiting = Tickets([made.ticket for made in done if made.ticket])
    client = await Client.open(running.port, key)
    await client.ask(Request("POST", "/api/v1/desks/desk/open", {}))
    slot_at = clock() + 600_000
    take = {"queue": "c", "slot_at": slot_at}
    booked: list[dict[str, Any]] = []
    for _ in range(2 * each):
        booked.append((await client.ask(Request("POST", "/api/v1/tickets", take)))["ticket"])
    anna = {"username": "anna", "password": "aksjdhf879234"}
    token = (await client.ask(Request("POST", "/vt/api/json/customer/register", anna)))["vt_token"]
    virtual = await _virtual(running.port, key, token, each + 1)
    client.close()
    return waiting, await _booked(running, booked), virtual, token


async def _booked(running: Running, made: list[dict[str, Any]]) -> Tickets:
    connection = Connection.open(running.store_url)
    tickets = await Reads(connection, ROOM).tickets("depot", [each["id"] for each in made])
    await connection.close()
    return Tickets(tickets)


async def _virtual(port: int, key: str, token: str, count: int) -> list[str]:
    wanted = Request("POST", "/vt/api/json/ticket/create", VIRTUAL, token)
    found: list[str] = []
    while len(found) < count:
        client = await Client.open(port, key)  # another address, so that no limit counts
        found += [(await client.ask(wanted))["ticket"]["id"] for _ in range(15)]
        client.close()
    return found


async def run(directory: Path, words: list[str]) -> list[list[object]]:
    async with server(directory, FILE, join_per_minute=10_000) as running:
        connection = Connection.open(running.store_url)
        _, key = await Accounts(connection, clock, session_hours=1).keys.make("Bench", organization="bench")
        await connection.close()
        made = pairs(*await prepare(running, key))
        chosen = {name: pair for name, pair in made.items() if all(word in name for word in words)}
        return [[name, *await compare(running.port, key, *pair)] for name, pair in chosen.items()]


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="cb") as data, asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        rows = runner.run(run(Path(data), sys.argv[1:]))
    head = ["call", "p50 ms", "ours", "ratio", f"p99 ms x{CONNECTIONS}", "ours", "requests/s", "ours", "ratio"]
    show("vendors' calls, and the same command through our own API", head, rows)


if __name__ == "__main__":
    main()
