"""The running server and `callboard replay` of what it exports say the same, to the last bit."""

import asyncio
import json
import random
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec
import pytest
from click.testing import CliRunner, Result

from callboard.__main__ import main
from callboard.archive import KEEP_MS, Archive
from callboard.domain.events import Event, Kind
from callboard.domain.model import CloseReason, Location
from callboard.domain.wait import State, follow, forecast
from callboard.domain.wait.log import read
from callboard.errors import Refused
from callboard.estimating.exported import log_of, missing
from callboard.estimating.lobby import lobby_of
from callboard.estimating.part import Part
from callboard.store.keys import partition
from callboard.store.learned import Learning
from callboard.store.reads import Reads
from callboard.store.redis import Connection
from callboard.store.stream import BEGINNING, Streams
from callboard.store.transitions import Done, Store
from conftest import START, Clock

SITE_FILE = """
[organization]
id = "hilltop"
name = "Hilltop"
[[locations]]
id = "main"
name = "Hilltop Clinic"
time_zone = "Europe/Stockholm"
country = "SE"
[[locations.queues]]
id = "general"
tag = "A"
name = "General"
priorities = { elderly = 15, urgent = 10000 }
[[locations.queues]]
id = "lab"
tag = "B"
name = "Lab"
finish_on_next = false
booking_head_start_min = 10
[[locations.queues]]
id = "advice"
tag = "C"
name = "Advice"
[[locations.desks]]
id = "d1"
tag = "1"
name = "Desk 1"
queues = ["general", "lab"]
[[locations.desks]]
id = "d2"
tag = "2"
name = "Desk 2"
queues = ["general", "advice"]
take = "arrival"
[[locations.desks]]
id = "d3"
tag = "3"
name = "Lab 3"
queues = ["lab"]
"""


class Lobby:
    """Two days of a waiting room, in which everything happens that may; the same for the same seed."""

    def __init__(self, store: Store, clock: Clock, seed: int) -> None:
        self._store = store
        self._clock = clock
        self._dice = random.Random(seed)
        self._here: list[str] = []

    async def live(self, steps: int) -> None:
        for day in range(2):
            for desk in ("d1", "d2", "d3"):
                await self._store.open_desk(desk, staff="kim")
            for _ in range(steps):
                self._clock.pass_(s=self._dice.randrange(5, 150))
                with suppress(Refused):  # as happens to staff
                    await self._something()
            self._clock.now = START + (day + 1) * 86_400_000
            await self._store.reset("main")
            self._here.clear()

    async def _something(self) -> None:
        store, dice = self._store, self._dice
        desk = dice.choice(("d1", "d2", "d3"))
        if not self._here:
            self._came(await store.join("general"))
        ticket = dice.choice(self._here)
        kind = dice.choices(
            ("join", "book", "next", "finish", "no_show", "put_back", "undo", "hold", "move", "more", "go"),
            (9, 2, 8, 3, 1, 1, 2, 1, 1, 1, 1),
        )[0]
        match kind:
            case "join":
                queue = dice.choice(("general", "general", "lab"))
                priority = dice.choice(("", "", "elderly")) if queue == "general" else ""
                self._came(await store.join(queue, priority=priority))
            case "book":
                self._came(await store.book("lab", slot_at=self._clock() + 900_000))
                if dice.random() < 0.7:
                    self._clock.pass_(s=30)
                    await store.check_in(self._here[-1])
            case "finish":
                await store.finish(ticket)
            case "next" | "no_show" | "put_back" | "undo":
                called = (await store.call_next(desk)).ticket
                assert called
                self._clock.pass_(s=4)
                if kind == "no_show":
                    await store.no_show(called.id)
                elif kind == "put_back":
                    await store.put_back(called.id, places=1)
                elif kind == "undo":
                    await store.undo(desk)
            case "hold":
                await store.hold(ticket, held_by=desk)
                self._clock.pass_(s=40)
                await store.release(ticket)
            case "move":
                await store.transfer(ticket, queue=dice.choice(("general", "lab")))
            case "more":
                await store.postpone(ticket, places=2)
            case "go":
                await store.cancel(ticket, reason=CloseReason.CUSTOMER)

    def _came(self, made: Done) -> None:
        assert made.ticket
        self._here.append(made.ticket.id)


async def all_events(connection: Connection) -> list[Event]:
    found = await Streams(connection).after(partition("main"), BEGINNING, 100_000)
    return [event for event in found if event.kind is not Kind.EXPECTED]


class Live:
    """What the running server has learned and tells after each event. Whoever follows is killed now and then."""

    def __init__(self, reads: Reads, clock: Clock) -> None:
        self._reads = reads
        self._clock = clock
        self._learning = Learning(reads.connection)
        self.location = reads.directory.location("main")
        self.told: dict[tuple[float, str], tuple[object, ...]] = {}
        self.begin()

    def begin(self) -> None:
        self._part = Part(self._reads, self._learning, self._clock)

    async def take(self, events: Sequence[Event]) -> None:
        await self._part.take([self.location], events)
        await self._part.keep()

    async def state(self) -> State:
        learned = await self._learning.load("main")
        assert learned
        return msgspec.json.decode(learned.state, type=State)

    async def note(self, event: Event) -> None:
        """What whoever came with this event is told."""
        state = await self.state()
        if event.ticket in state.waiting:
            said = forecast(state, lobby_of(self.location), state.at).tickets[event.ticket]
            self.told[round(state.at, 3), event.ticket] = (
                *(said.ahead, said.low_s, said.likely_s and round(said.likely_s), said.high_s),
            )


def replayed(location: Location, lines: Sequence[bytes]) -> State:
    lobby, facts = read(iter(lines))
    state = State()
    for fact in facts:
        follow(state, lobby, fact)
    return state


async def followed(live: Live, connection: Connection, clock: Clock, noting: bool = False) -> list[Event]:
    """Every event by itself; after some the follower is killed, and the next one is given the last few again."""
    events, now = await all_events(connection), clock()
    for n, event in enumerate(events):
        clock.now = event.at
        if n % 17 == 16:
            live.begin()
            await live.take(events[n - 5 : n])
        await live.take([event])
        if noting:
            await live.note(event)
    clock.now = now
    return events


async def test_live_and_replayed_are_the_same_whoever_is_killed_when(
    store: Store, reads: Reads, connection: Connection, clock: Clock
) -> None:
    live = Live(reads, clock)
    await live.take([])
    await Lobby(store, clock, seed=5).live(25)
    events = await followed(live, connection, clock)
    assert missing(events) == 0
    assert {event.kind for event in events} >= {Kind.UNDONE, Kind.HELD, Kind.POSTPONED, Kind.PUT_BACK, Kind.RESET}
    lines = list(log_of(live.location, events))
    assert msgspec.json.encode(replayed(live.location, lines)) == msgspec.json.encode(await live.state())


@pytest.fixture
def place(tmp_path: Path, store_url: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data directory beside the store of the tests, and their site in it."""
    (tmp_path / "site.toml").write_text(SITE_FILE, "utf-8")
    monkeypatch.setenv("CALLBOARD_REDIS", store_url)
    monkeypatch.setenv("CALLBOARD_DATA_DIR", str(tmp_path))
    return tmp_path


def run(*arguments: str) -> Result:
    result = CliRunner().invoke(main, [*arguments])
    assert result.exit_code == 0, result.output
    return result


async def test_what_is_exported_replays_to_what_people_were_told(
    store: Store, reads: Reads, connection: Connection, clock: Clock, place: Path
) -> None:
    live = Live(reads, clock)
    await live.take([])
    await Lobby(store, clock, seed=8).live(12)
    await followed(live, connection, clock, noting=True)
    log = place / "log.jsonl"
    log.write_text((await asyncio.to_thread(run, "export", "--events")).stdout)
    said: list[dict[str, Any]] = [json.loads(line) for line in run("replay", str(log)).stdout.splitlines()]
    told = {
        (round(line["t"], 3), line["ticket"]): (line["ahead"], line["low_s"], line["likely_s"], line["high_s"])
        for line in said
        if line["at"] == "created"
    }
    assert len(told) > 10
    assert told == {key: live.told[key] for key in told}


async def test_old_days_come_from_the_archive_and_each_event_once(
    store: Store, connection: Connection, place: Path
) -> None:
    await store.join("general", name="Ada Lovelace", phone="+46701740605")
    await store.open_desk("d1", staff="kim")
    whole = (await asyncio.to_thread(run, "export", "--events", "--location", "main")).stdout
    seconds, _ = await connection.client.time()
    await store.join("general")
    archive = Archive(place / "archive", Streams(connection), lambda: int(seconds) * 1000 + KEEP_MS + 60_000)
    assert await archive.keep([partition("main")]) == 3
    archived = (await asyncio.to_thread(run, "export", "--events")).stdout
    assert archived.startswith(whole) and len(archived.splitlines()) == len(whole.splitlines()) + 1
    assert [json.loads(line)["ev"] for line in archived.splitlines()] == ["meta", "created", "desk_opened", "created"]
    assert "Lovelace" not in archived and "467" not in archived and "kim" not in archived


def test_an_export_names_what_it_needs(place: Path) -> None:
    assert "--events" in CliRunner().invoke(main, ["export"]).output
    result = CliRunner().invoke(main, ["export", "--events", "--location", "mian"])
    assert result.exit_code == 1 and "main" in result.output
