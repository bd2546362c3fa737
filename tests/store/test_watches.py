"""Subscriptions in the store: an organization's own, changed by one at a time, and no more of them than is good."""

import pytest
from msgspec.structs import replace

from callboard.domain.model import Queue
from callboard.domain.receiver import Receiver
from callboard.domain.watch import Watch, watch_of
from callboard.store import watches as store_watches
from callboard.store.redis import Connection
from callboard.store.watches import Full, Token, Watches
from conftest import START, Clock


@pytest.fixture
def watches(connection: Connection, clock: Clock) -> Watches:
    return Watches(connection, clock)


def watch(organization: str = "hilltop", queue: str = "", path: str = "a") -> Watch:
    return Watch(organization=organization, queue=queue, shape="plain", address=f"https://example.org/{path}")


async def test_a_watch_is_kept_with_an_id_and_found_by_its_organization_alone(watches: Watches, clock: Clock) -> None:
    first = await watches.add(watch(queue="general"))
    clock.pass_(s=1)
    second = await watches.add(watch())
    assert first.id != second.id and (first.created_at, second.created_at) == (START, START + 1000)
    assert await watches.get("hilltop", first.id) == first
    assert await watches.list("hilltop") == [first, second]
    assert await watches.list("hilltop", "general") == [first]
    assert await watches.get("valley", first.id) is None
    assert await watches.list("valley") == [] and not await watches.remove("valley", first.id)
    assert await watches.remove("hilltop", first.id) and not await watches.remove("hilltop", first.id)
    assert await watches.list("hilltop") == [second]


async def test_what_was_removed_does_not_come_back_by_a_change(watches: Watches) -> None:
    made = await watches.add(watch())
    assert await watches.replace(replace(made, name="new"))
    found = await watches.get("hilltop", made.id)
    assert found and found.name == "new"
    await watches.remove("hilltop", made.id)
    assert not await watches.replace(made)
    await watches.disable(made, "gone")
    assert await watches.all("hilltop") == {} and await watches.fares("hilltop") == {}


async def test_a_watch_of_a_site_file_is_stored_when_it_changes_and_is_not_anybodys_to_remove(watches: Watches) -> None:
    queue = Queue(id="general", tag="A", name="General")
    fixed = watch_of("hilltop", queue, Receiver(shape="plain", address="https://example.org/a"))
    await watches.disable(fixed, "answered 410")
    assert await watches.all("hilltop") == {fixed.id: replace(fixed, enabled=False)}
    assert await watches.list("hilltop") == [] and await watches.get("hilltop", fixed.id) is None
    assert not await watches.remove("hilltop", fixed.id)


async def test_so_many_there_may_be(watches: Watches, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store_watches, "MOST", 2)
    await watches.add(watch())
    await watches.add(watch())
    with pytest.raises(Full):
        await watches.add(watch())
    await watches.add(watch("valley"))


async def test_how_a_watch_fares_is_remembered(watches: Watches, clock: Clock) -> None:
    made = await watches.add(watch())
    await watches.note(made, "answered 500", delivered=False)
    clock.pass_(s=1)
    await watches.note(made, "no answer", delivered=False)
    fares = (await watches.fares("hilltop"))[made.id]
    assert (fares.detail, fares.failing_since, fares.failed_at) == ("no answer", START, START + 1000)
    await watches.note(made, "answered 200", delivered=True)
    fares = (await watches.fares("hilltop"))[made.id]
    assert (fares.detail, fares.failing_since, fares.delivered_at) == ("answered 200", None, START + 1000)


async def test_a_token_is_kept_for_its_watch(watches: Watches) -> None:
    made, other = await watches.add(watch()), await watches.add(watch())
    token = Token(asked="x", access="secret", until=START)
    await watches.keep_token(made, token)
    assert await watches.token(made) == token and await watches.token(other) is None
