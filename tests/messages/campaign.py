"""A campaign: people come and go, notifiers are killed, providers lie; in the end the checker says what went wrong."""

import asyncio
import random
import shutil
import time
from collections import Counter
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import msgspec
from httpx2 import AsyncClient
from msgspec import Struct

from callboard.app import create_app
from callboard.assets import DISPLAYS, TEMPLATES
from callboard.domain.directory import Directory
from callboard.domain.model import Site
from callboard.store.outbox import LEASE_MS
from callboard.store.redis import Connection
from callboard.store.transitions import Store
from conftest import START
from house import client, make_services
from messages.book import Book
from messages.checking import faults, repeated
from messages.fast import Fast
from messages.fleet import AT_RANDOM, Fleet
from messages.notifier import Spec
from messages.points import NAMES
from messages.providers import LyingCarrier, LyingMailServer
from messages.visits import Visits
from notify.carrier import SID, TOKEN, Call
from servers import start_server

NOTIFIERS = 2
AWAY_LINES = 3
PUBLIC = "https://queue.example.org"
SOURCE = Path(__file__).parents[2] / "server"


class Sabotage(Struct, frozen=True):
    """One line of ours that is written otherwise."""

    file: str
    line: str
    instead: str


class Told(Struct):
    """How it went."""

    faults: list[str]
    kills: Counter[str]
    book: Book
    took_s: float
    callbacks: Counter[str]
    asked: int
    carrier_posts: int

    def figures(self) -> str:
        kinds = Counter(taken.kind for taken in self.book.taken)
        texts = sum(not taken.id for taken in self.book.taken)
        must = sum(due.must for due in self.book.due)
        sorts = Counter(fault.partition(" to ")[0] for fault in self.faults)
        return (
            f"{len(self.book.taken)} messages taken ({texts} texts, {len(self.book.taken) - texts} mails) of "
            f"{len(self.book.due)} that were due, {must} of which had to come; {self.took_s:.0f} s\n"
            f"{self.kills.total()} kills: {dict(self.kills)}\n"
            f"carrier: {self.carrier_posts} posts, asked {self.asked} times; mails again: {repeated(self.book)}, "
            f"answers lost: {dict(self.book.lost)}; callbacks: {dict(self.callbacks)}\n"
            f"by kind: {dict(kinds)}\n"
            f"{len(self.faults)} faults {dict(sorts)}" + "".join(f"\n  {fault}" for fault in sorted(self.faults)[:60])
        )


async def campaign(
    directory: Path,
    *,
    messages: int,
    kills: int,
    lines: int,
    speed: float = 10,
    seed: int = 7,
    first: int = 0,
    sabotage: Sabotage | None = None,
) -> Told:
    """Goes on until so many messages were due and so many kills done, spread over them; every other one at a named
    point, in turn from the `first` on."""
    chance, book = random.Random(seed), Book()
    fast = Fast(START, time.time(), speed)
    callbacks: Counter[str] = Counter()
    began = time.monotonic()
    async with AsyncExitStack() as stack:
        url = stack.enter_context(start_server(directory))
        connection = Connection.open(url, wait_s=20)
        stack.push_async_callback(connection.close)
        site = _site(lines)
        where = Directory([site])
        told: dict[str, Any] = {"twilio_account_sid": SID, "twilio_auth_token": TOKEN, "public_url": PUBLIC}
        app = create_app(make_services(connection, where, fast, twilio_from="+46700000000", **told))  # type: ignore[arg-type]
        server = await stack.enter_async_context(client(app))

        async def calls_back(call: Call, is_true: bool) -> None:
            status = (await _post(server, call)).status_code
            callbacks[f"{'true' if is_true else 'forged'} {status}"] += 1

        def dies(point: str, sender: str) -> None:
            fleet.dies(point, int(sender.partition("@")[0][-1]))

        carrier = LyingCarrier(book, fast, chance, dies, calls_back)
        await stack.enter_async_context(carrier.serve())
        mails = LyingMailServer(book, fast, chance, dies)
        await stack.enter_async_context(mails.serve())
        specs = [
            Spec(
                time=fast,
                store=url,
                site=site,
                settings={
                    **told,
                    "twilio_from": f"+4670000000{number}",
                    "twilio_api_base": carrier.base,
                    "smtp_host": "127.0.0.1",
                    "smtp_port": mails.port,
                    "smtp_tls": "none",
                    "mail_from": f"desk{number}@hilltop.example",
                    "data_dir": str(directory / f"data{number}"),
                },
            )
            for number in range(NOTIFIERS)
        ]
        fleet = Fleet(specs, _sabotaged(directory, sabotage) if sabotage else "")
        await stack.enter_async_context(fleet.running())
        visits = Visits(
            Store(connection, where, fast),
            book,
            fast,
            chance,
            enough=lambda: len(book.taken) >= messages and fleet.kills.total() >= kills,
        )
        points = [point for _ in range(kills) for name in NAMES for point in (name, AT_RANDOM)][first : first + kills]

        async def kill(number: int) -> None:
            for turn in range(number, kills, NOTIFIERS):
                await book.reach(round((turn + chance.random()) * messages / kills))
                await fleet.kill(number, points[turn])

        async with asyncio.TaskGroup() as beside:
            away = [beside.create_task(visits.away(lines + number)) for number in range(AWAY_LINES)]
            async with asyncio.TaskGroup() as tasks:
                for number in range(lines):
                    tasks.create_task(visits.line(number))
                for number in range(NOTIFIERS):
                    tasks.create_task(kill(number))
            await asyncio.sleep(fast.real_s(LEASE_MS + 10_000))  # what somebody killed has left comes now
            for task in away:
                task.cancel()
    return Told(
        faults(book, fleet.kills.total()),
        fleet.kills,
        book,
        time.monotonic() - began,
        callbacks,
        carrier.lists,
        carrier.posts,
    )


async def _post(server: AsyncClient, call: Call) -> Any:
    return await server.post(call.address.removeprefix(PUBLIC), data=dict(call.fields), headers=dict(call.headers))


def _sabotaged(directory: Path, sabotage: Sabotage) -> str:
    """A copy of ours with that line in it."""
    copy = directory / "copy" / "server"
    shutil.copytree(SOURCE, copy, ignore=shutil.ignore_patterns("__pycache__"))
    for assets in (DISPLAYS, TEMPLATES):
        (copy.parent / assets.name).symlink_to(assets)
    file = copy / "callboard" / sabotage.file
    text = file.read_text()
    assert text.count(sabotage.line) == 1, f"{sabotage.file} has no such line (any more): {sabotage.line}"
    file.write_text(text.replace(sabotage.line, sabotage.instead))
    return str(copy)


def _site(lines: int) -> Site:
    queue = {"almost_min": 0, "almost_ahead": 2, "finish_on_next": False, "rejoin_min": 15, "max_waiting": 1000}
    given = {
        "organization": {"id": "hilltop", "name": "Hilltop"},
        "locations": [
            {
                "id": "main",
                "name": "Hilltop Clinic",
                "time_zone": "Europe/Stockholm",
                "country": "SE",
                "languages": ["en"],
                "texting": {"per_number": 1000, "per_prefix": 10_000, "per_day": 1_000_000},
                "queues": [
                    {"id": f"{way}{n}", "tag": "A", "name": f"{way}{n}", **queue}
                    for way in "qo"
                    for n in range(lines + AWAY_LINES)
                ],
                "desks": [
                    {"id": f"{desk}{n}", "tag": str(n), "name": f"Desk {n}", "queues": [f"{way}{n}"]}
                    for desk, way in ("dq", "eo")
                    for n in range(lines + AWAY_LINES)
                ],
            }
        ],
    }
    return msgspec.convert(given, Site)
