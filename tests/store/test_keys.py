"""Whatever a script touches is among its KEYS, and those are in one slot: so one store and a cluster are the same."""

from pathlib import Path
from typing import Any

import pytest
from redis.crc import key_slot
from redis.exceptions import NoScriptError, ResponseError

from callboard.domain.directory import Directory
from callboard.domain.spending import Texting
from callboard.store import keys, scripts
from callboard.store.accounts import Accounts
from callboard.store.customers import Customers
from callboard.store.kept import Kept
from callboard.store.keys import PARTITIONS, partition, script_keys
from callboard.store.outbox import LEASE_MS, Item, Outbox
from callboard.store.passwords import Passwords
from callboard.store.reads import Reads
from callboard.store.records import Record, Said
from callboard.store.redis import Connection
from callboard.store.text_budget import TextBudget
from callboard.store.transitions import Store
from callboard.store.windows import Windows
from conftest import START, Clock
from house import CHEAP, PASSWORD
from store import story

LUA = Path(scripts.__file__).parent / "lua"

# In front of a script: every command is asked which of its arguments are keys before it is let through.
GUARD = """
local given = {}
for _, key in ipairs(KEYS) do given[key] = true end
local redis = {call = function(command, ...)
  for _, key in ipairs(redis.call('COMMAND', 'GETKEYS', command, ...)) do
    if not given[key] then error('not in KEYS: ' .. command .. ' ' .. key) end
  end
  return redis.call(command, ...)
end, sha1hex = redis.sha1hex}
"""


class Guarded:
    """A client whose scripts may touch nothing but their KEYS, in one slot; `scripts` are the texts of those it ran."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self.scripts: set[str] = set()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    async def evalsha(self, *args: Any) -> Any:
        raise NoScriptError  # so that the text is sent

    async def eval(self, script: str, count: int, *args: Any) -> Any:
        self.scripts.add(script)
        assert len({key_slot(key.encode()) for key in args[:count]}) == 1
        return await self._client.eval(GUARD + script, count, *args)


@pytest.fixture
def guarded(connection: Connection) -> Connection:
    client: Any = Guarded(connection.client)
    return Connection(connection.url, client, wait_s=2)


def names(connection: Connection) -> set[str]:
    """Which script files were run: a file's text stands in what was sent, between others or alone."""
    files = {path.stem for path in LUA.glob("*.lua")} - {"prelude", "epilogue"}
    return {file for file in files if any(scripts.text(file) in sent for sent in connection.client.scripts)}


@pytest.mark.parametrize("shows", [False, True])
async def test_a_transition_touches_only_its_keys(
    guarded: Connection, directory: Directory, clock: Clock, shows: bool
) -> None:
    store = Store(guarded, directory, clock)
    await story.play(store.showing if shows else store, clock)
    assert names(guarded) == {*story.COMMANDS, "picture"}  # which each can show


async def test_a_picture_touches_only_its_keys(
    guarded: Connection, store: Store, directory: Directory, clock: Clock
) -> None:
    ticket = (await store.join("general")).ticket
    assert ticket
    await store.open_desk("d1", staff="ada")
    await store.call_next("d1")
    picture = await Reads(guarded, directory).picture("main", phones=[ticket.id], first=9, calls=9, staff=True)
    assert picture.at_desks["d1"].id == ticket.id
    assert names(guarded) == {"picture"}


async def test_a_look_at_a_crowd_touches_only_its_keys(guarded: Connection, store: Store, directory: Directory) -> None:
    ticket = (await store.join("general")).ticket
    assert ticket
    for _ in range(2):
        assert await Kept(guarded).look(directory.location("main"), [ticket.id], calls=9, first=9, staff=True)
    assert names(guarded) == {"picture", "crowd"}


async def test_deliveries_touch_only_their_keys(guarded: Connection, store: Store) -> None:
    ticket = (await store.join("general")).ticket
    assert ticket
    outbox = Outbox(guarded, "told", ["fast", "slow"])
    items = [Item(id=id, lane="slow", body="b", at=START, quiet="q", quiet_ms=0) for id in ("a", "b")]
    await outbox.schedule("main", items, ["c"], START)
    (first, second), _ = await outbox.lease(partition("main"), "slow", START, 9)
    assert await outbox.keep(first, "b", START + LEASE_MS)
    about: dict[str, Any] = {"medium": "sms", "kind": "told", "location": "main", "ticket": ticket.id}
    assert await outbox.close(second, Record(id="b", at=START, state="sent", detail="", **about), again=True)
    await outbox.hear("main", "b", Said(rank=1, words="waits", at=START))
    await outbox.forget("main", START, ticket.id)
    assert names(guarded) == {"schedule", "lease_due", "settle", "hear", "forget"}


async def test_accounts_touch_only_their_keys(guarded: Connection, clock: Clock) -> None:
    accounts = Accounts(guarded, clock, session_hours=12, passwords=Passwords(CHEAP))
    token = await accounts.make_setup_link()
    assert token
    await accounts.set_up(token, "Ada", PASSWORD, organization="hilltop")
    await accounts.add("Bo", PASSWORD, organization="hilltop", roles=("staff",))
    assert await accounts.remove("Bo")
    assert names(guarded) == {"put_user"}


async def test_customers_touch_only_their_keys(guarded: Connection, clock: Clock) -> None:
    customers = Customers(guarded, clock, passwords=Passwords(CHEAP))
    ada = await customers.put("hilltop", username="ada", personal_id="p", email="ada@example.org", unique=["email"])
    await customers.put("hilltop", ada.id, username="lovelace", personal_id="")
    await customers.erase("hilltop", ada.id)
    assert names(guarded) == {"put_customer"}


async def test_windows_touch_only_their_keys(guarded: Connection, clock: Clock) -> None:
    assert [await Windows(guarded, clock).take("try", 1, 1000) for _ in range(2)] == [0, 1000]
    assert names(guarded) == {"window"}


async def test_what_texts_cost_touches_only_its_keys(guarded: Connection, clock: Clock) -> None:
    spent = TextBudget(guarded, clock).spend("hilltop", "main", "+46701740605", "t:1", "1", Texting())
    assert await spent == ""
    assert names(guarded) == {"spend"}


@pytest.mark.parametrize("command", ["'GET', '{p}other'", "'SET', '{p}other', 1", "'DEL', KEYS[1], '{p}other'"])
async def test_the_guard_stops_a_script_that_touches_another_key(guarded: Connection, command: str) -> None:
    with pytest.raises(ResponseError, match=r"not in KEYS: [A-Z]+ \{p\}other"):
        await guarded.client.eval(f"return redis.call({command})", 1, "{p}mine")


def test_every_key_of_a_location_carries_its_partition(directory: Directory) -> None:
    location = directory.location("main")
    given = script_keys(location, "c:a key {with} braces}")
    assert len(given) == len(set(given)) == 1 + len(keys.FIXED) + 2 + len(location.queues)
    tag = f"cb:{{p{partition('main'):02}}}:"
    assert all(key.startswith(tag) for key in given)
    assert {key_slot(key.encode()) for key in given} == {key_slot(tag.encode())}


def test_a_location_stays_in_its_partition() -> None:
    """What is written must be found again by every later version."""
    assert PARTITIONS == 16
    assert {id: partition(id) for id in ("main", "hilltop", "branch-1", "a")} == {
        "main": 15,
        "hilltop": 6,
        "branch-1": 7,
        "a": 8,
    }


def test_locations_are_spread_over_the_partitions() -> None:
    counts = [0] * PARTITIONS
    for number in range(1600):
        counts[partition(f"branch-{number}")] += 1
    assert min(counts) > 50
    assert max(counts) < 150
