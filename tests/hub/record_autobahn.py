"""Records what Autobahn's suite says and must hear, for machines where it cannot run: into autobahn.jsonl.

    PYTHONPATH=tests .venv/bin/python tests/hub/record_autobahn.py

Only what the suite has called right is kept, if it is short and nobody has the same.
"""

import asyncio
import json
import re
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from hub.autobahn import Verdict, fuzz, suite
from hub.echo import echoing

RECORD = Path(__file__).with_name("autobahn.jsonl")
LONGEST = 1000  # bytes
BY_HAND = re.compile(r"2\.([145]|10)|7\..*")  # in test_conformance.py
CUT_OTHERWISE = re.compile(r"2\.(6|11)|5\.([4578]|1[0134]|20)")  # bytes that another case has too


@dataclass
class Talk:
    """What went over the wire, each way."""

    sends: bytearray = field(default_factory=bytearray)
    hears: bytearray = field(default_factory=bytearray)

    @property
    def key(self) -> str:
        head = self.sends.partition(b"\r\n\r\n")[0].decode()
        return head.partition("Sec-WebSocket-Key: ")[2].partition("\r\n")[0]

    def line(self, case: str) -> str:
        sends, hears = (data.partition(b"\r\n\r\n")[2].hex() for data in (self.sends, self.hears))
        return json.dumps({"case": case, "sends": sends, "hears": hears})


@asynccontextmanager
async def listening_in(port: int, talks: list[Talk]) -> AsyncIterator[int]:
    """A port that stands for the other one, and what passes through it."""

    async def pass_on(client: asyncio.StreamReader, answers: asyncio.StreamWriter) -> None:
        talks.append(talk := Talk())
        server, asks = await asyncio.open_connection("127.0.0.1", port)
        async with asyncio.TaskGroup() as group:
            group.create_task(copy(client, asks, talk.sends))
            group.create_task(copy(server, answers, talk.hears))

    async with await asyncio.start_server(pass_on, "127.0.0.1", 0) as listening:
        yield listening.sockets[0].getsockname()[1]


async def copy(source: asyncio.StreamReader, target: asyncio.StreamWriter, record: bytearray) -> None:
    while data := await source.read(1 << 16):
        record += data
        target.write(data)
        await target.drain()
    target.write_eof()


async def record(program: Path, directory: Path) -> list[str]:
    talks: list[Talk] = []
    async with echoing() as port, listening_in(port, talks) as ear:
        verdicts = await fuzz(program, f"ws://127.0.0.1:{ear}", directory)
    by_key = {talk.key: talk for talk in talks}
    return [by_key[each.key].line(each.case) for each in verdicts if is_kept(each, by_key[each.key])]


def is_kept(verdict: Verdict, talk: Talk) -> bool:
    is_right = (verdict.talk, verdict.end) == ("OK", "OK")
    is_known = BY_HAND.fullmatch(verdict.case) or CUT_OTHERWISE.fullmatch(verdict.case)
    return is_right and not is_known and len(talk.sends) <= LONGEST


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        lines = asyncio.run(record(suite(), Path(name)))
    RECORD.write_text("".join(f"{line}\n" for line in lines))
    print(len(lines), "cases in", RECORD.name)
