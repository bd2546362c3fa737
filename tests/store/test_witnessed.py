"""An event carries its tickets as they stood after it, without the name of whoever called them."""

from typing import Any

import msgspec
import pytest

from callboard.domain.events import Kind, Witnessed
from callboard.domain.model import Ticket
from callboard.store.keys import partition
from callboard.store.redis import Connection
from callboard.store.stream import Group
from callboard.store.transitions import Store


async def witnessed(connection: Connection) -> list[Witnessed]:
    group = Group(connection, "told", partition("main"), "one", Witnessed)
    await group.start()
    events = await group.read()
    await group.close()
    return [event for event in events if isinstance(event, Witnessed) and event.ticket]


@pytest.mark.parametrize("staff", ["kim", 'K"', "K\\", '","staff":"x', '\\","state":"x"}', "Åsa, الف"])
async def test_it_is_the_record_without_who_called_it(store: Store, connection: Connection, staff: str) -> None:
    await store.open_desk("d1", staff=staff)
    done = [await store.join("general", source='"staff":"robin"'), await store.call_next("d1")]
    ticket = done[1].ticket
    assert ticket and ticket.staff == staff
    done += [await store.recall(ticket.id), await store.put_back(ticket.id)]
    for event, each in zip(await witnessed(connection), done, strict=True):
        assert each.ticket
        plain: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(each.ticket))
        plain.pop("staff", None)
        stood = msgspec.json.decode(event.stood)
        assert "staff" not in stood
        assert msgspec.convert(stood, Ticket) == msgspec.convert(plain, Ticket)
        assert event.event() == each.event


async def test_also_the_one_that_calling_the_next_finished(store: Store, connection: Connection) -> None:
    await store.open_desk("d1", staff="kim")
    for _ in range(2):
        await store.join("general")
    await store.call_next("d1")
    await store.call_next("d1")
    last = (await witnessed(connection))[-1]
    stood, finished = (msgspec.json.decode(raw, type=Ticket) for raw in (last.stood, last.finished_stood))
    assert last.kind == Kind.CALLED and (stood.label, stood.state) == ("A002", "called")
    assert (finished.id, finished.label, finished.state, finished.close_reason) == (
        last.finished,
        "A001",
        "done",
        "served",
    )
