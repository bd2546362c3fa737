"""What stands at the head of each script is what it does: its arguments, its event, its refusals; one command each."""

import inspect
import re
from collections import defaultdict
from collections.abc import Awaitable, Callable
from itertools import product
from pathlib import Path
from typing import Any

import msgspec
import pytest

from callboard.domain.directory import Directory
from callboard.domain.events import Kind
from callboard.domain.model import CloseReason, Site, State, Subscription
from callboard.errors import Refusal, Refused
from callboard.store import scripts
from callboard.store.binary import OLDEST
from callboard.store.redis import Connection
from callboard.store.transitions import Store
from conftest import SITE, Clock
from store import story
from store.story import COMMANDS, ticket_of

LUA = Path(scripts.__file__).parent / "lua"
TEXTS = {path.stem: path.read_text("utf-8") for path in LUA.glob("*.lua")}
FRAME = {"prelude", "epilogue"}
OTHERS = sorted(set(TEXTS) - set(COMMANDS) - FRAME)
GIVEN_TO_ALL = {
    "at",
    "command",
    "location",
    "partition",
    "partitions",
    "epoch",
    "seen",
    "last_serial",
    "once",
    "once_ms",
    "policies",
}  # by the store, whatever the command


only_one_store = pytest.mark.parametrize("store_url", ["one store"], indirect=True, scope="session")


def header(name: str) -> list[str]:
    lines = TEXTS[name].splitlines()
    text = "\n".join(lines[: [line[:2] == "--" for line in lines].index(False)])
    return [line.removeprefix("--").strip() for line in re.sub(r"\n-- {6,}", " ", text).splitlines()]


def section(name: str, title: str) -> str:
    """What the header says under a title; the title stands alone on its line, then two blanks or more."""
    (found,) = (line for line in header(name) if line.startswith(f"{title}  "))
    return found.removeprefix(title).strip()


def words(text: str) -> set[str]:
    """A list in a header, without what is said in brackets."""
    return {word.strip() for word in re.sub(r"\(.*?\)", "", text).split(",")} - {"none"}


def body(name: str) -> str:
    """Without the comments."""
    return re.sub(r"--.*", "", TEXTS[name])


def functions() -> dict[str, str]:
    """The functions of the prelude, by name."""
    found = re.findall(
        r"^local function (\w+)\((.*?)^end$|^local function (\w+)(\(.*?end)$", body("prelude"), re.M | re.S
    )
    return {a or b: text or line for a, text, b, line in found}


def used(name: str) -> set[str]:
    """The arguments that a script reads, also in the functions of the prelude that it calls."""
    texts, seen = [body(name)], set[str]()
    found: set[str] = set()
    while texts:
        text = texts.pop()
        found |= set(re.findall(r"\barg\.(\w+)", text))
        for called, inside in functions().items():
            if called not in seen and re.search(rf"\b{called}\(", text):
                seen.add(called)
                texts.append(inside)
    return found


def test_every_script_is_a_command_and_every_command_a_script() -> None:
    assert {name for name in TEXTS if re.search(r"^-- Event ", TEXTS[name], re.M)} == set(COMMANDS)


@pytest.mark.parametrize("name", sorted(TEXTS))
def test_a_script_says_first_what_it_is_for(name: str) -> None:
    sentence = " ".join(header(name)).split("  ")[0]
    assert re.match(r'["A-Z].*[.:]', sentence)
    assert not any("TIME" in line for line in body(name).splitlines()), "the moment is an argument"


@pytest.mark.parametrize("name", OTHERS)
def test_a_script_that_is_no_command_says_what_it_takes_and_answers(name: str) -> None:
    assert section(name, "ARGV")
    assert section(name, "Answers")


@pytest.mark.parametrize("name", COMMANDS)
def test_the_event_is_the_one_that_is_appended(name: str) -> None:
    assert re.findall(r"\b(?:done|emit)\('(\w+)'", body(name)) == [section(name, "Event")]
    assert section(name, "Event") in set(Kind)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_tested_by_its_name(name: str) -> None:
    tests = (Path(__file__).parent / "test_transitions.py").read_text("utf-8")
    assert name in re.findall(r"store\.(\w+)\(", tests)


def test_every_event_is_of_a_command_and_every_refusal_of_one() -> None:
    assert {section(name, "Event") for name in COMMANDS} == set(Kind) - {Kind.EXPECTED}
    assert set().union(*(words(section(name, "Refusals")) for name in COMMANDS)) | {"key_reused"} == set(Refusal)


@only_one_store
async def test_the_arguments_are_those_that_are_sent_and_read(connection: Connection, clock: Clock) -> None:
    """One that is optional counts as sent when it ever is."""
    sent: dict[str, set[str]] = defaultdict(set)
    site = msgspec.json.decode(msgspec.json.encode(SITE))
    site["locations"][0]["queues"][0]["reserve_min"] = 30

    class Recorder(Store):
        async def _ask(self, script: str, *args: Any) -> Any:
            sent[script] |= {name for name, value in args[2].items() if value is not None} | {"day"}
            return await super()._ask(script, *args)

    await story.play(Recorder(connection, Directory([msgspec.convert(site, Site)]), clock), clock)
    said = {name: words(section(name, "ARGV")) for name in COMMANDS}
    assert said == {name: (used(name) - GIVEN_TO_ALL) & sent[name] for name in COMMANDS}


# Refusals: those that name what is wrong stand in the script, and those that name the state are found by trying.

ON_TICKETS: dict[str, dict[str, Any]] = {
    "confirm": {},
    "check_in": {"force": True},
    "activate": {},
    "call": {"desk": "d2"},
    "recall": {},
    "put_back": {},
    "start": {},
    "finish": {},
    "no_show": {},
    "rejoin": {"force": True},
    "postpone": {"places": 1, "force": True},
    "hold": {"held_by": "pool"},
    "release": {},
    "transfer": {"queue": "lab"},
    "cancel": {"reason": CloseReason.STAFF},
    "change_person": {"name": "Ada"},
    "change_ticket": {"party": 2},
    "subscribe": {"push": Subscription(id="1", endpoint="https://push.example.org/1", p256dh="", auth="")},
    "unsubscribe": {"id": "1"},
    "reschedule": {"slot_at": 1},
    "remind": {},
    "correct": {"state": State.SERVING},
    "feedback": {"rating": 5},
    "note": {"text": "late"},
    "erase": {},
}


OTHERWISE: dict[str, list[dict[str, Any]]] = {
    "correct": [
        *({"state": state} for state in (State.WAITING, State.SERVING, State.DONE, State.NO_SHOW)),
        {"expected": State.WAITING},
    ]
}


def in_state(store: Store, now: int) -> dict[State, Callable[[], Awaitable[str]]]:
    """How a ticket gets into each state."""

    async def after(*commands: str, **given: Any) -> str:
        ticket = ticket_of(await store.join("general"))
        for command in commands:
            await getattr(store, command)(ticket, **ON_TICKETS[command] | ({"desk": "d1"} if command == "call" else {}))
        return ticket

    async def slot(take: Callable[..., Awaitable[Any]]) -> str:
        return ticket_of(await take("general", slot_at=now))

    return {
        State.RESERVED: lambda: slot(store.reserve),
        State.BOOKED: lambda: slot(store.book),
        State.WAITING: after,
        State.CALLED: lambda: after("call"),
        State.SERVING: lambda: after("call", "start"),
        State.HELD: lambda: after("hold"),
        State.DONE: lambda: after("call", "finish"),
        State.NO_SHOW: lambda: after("call", "no_show"),
        State.CANCELLED: lambda: after("cancel"),
    }


def test_these_are_the_commands_on_tickets() -> None:
    assert set(ON_TICKETS) == {
        name for name in COMMANDS if "ticket" in inspect.signature(getattr(Store, name)).parameters
    }


@only_one_store
@pytest.mark.parametrize("name", COMMANDS)
async def test_the_refusals_are_those_that_it_gives(name: str, store: Store, clock: Clock) -> None:
    given = set(re.findall(r"refuse\('(\w+)'\)", body(name)))
    if name in ON_TICKETS:
        for desk in ("d1", "d2"):
            await store.open_desk(desk, staff="ada")
        for make, how in product(in_state(store, clock.now).values(), OTHERWISE.get(name, [{}])):
            try:
                await getattr(store, name)(await make(), **ON_TICKETS[name] | how)
            except Refused as no:
                given.add(str(no.refusal))
    assert words(section(name, "Refusals")) == given


# Commands of the store


@only_one_store
@pytest.mark.parametrize("name", sorted(TEXTS))
async def test_only_what_the_oldest_supported_store_has_is_used(name: str, connection: Connection) -> None:
    """The store itself tells since when it has a command, and each word that it takes."""
    assert "redis.pcall" not in body(name)
    calls = body(name).split("redis.call(")[1:]
    for call in calls:
        command, taken = re.findall(r"'([A-Z]+)'", call)[0], set(re.findall(r"'([A-Z]+)'", call)[1:])
        assert call.startswith(f"'{command}'"), "the command is written out"
        facts = (await connection.client.execute_command("COMMAND DOCS", command))[command.lower()]
        assert version(facts["since"]) <= OLDEST, command
        newer = {token for token, since in tokens(facts.get("arguments", [])) if version(since) > OLDEST}
        assert newer.isdisjoint(taken), command


def tokens(arguments: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """Each word that a command takes, and since when where that is later than the command."""
    found = []
    for each in arguments:
        if "token" in each and "since" in each:
            found.append((each["token"], each["since"]))
        found += tokens(each.get("arguments", []))
    return found


def version(text: str) -> tuple[int, ...]:
    return tuple(map(int, text.split(".")))
