"""From an event to a receiver: everything once, in order, as it was then, and nobody's name where it lies waiting."""

import asyncio

from callboard.domain.model import CloseReason
from callboard.domain.receiver import Receiver as Told
from callboard.store.outbox import LEASE_MS
from callboard.store.redis import Connection
from conftest import Clock
from house import everything
from webhooks.conftest import Office
from webhooks.receiver import Answer, Receiver


async def test_each_event_of_a_ticket_is_told_in_order_and_as_it_was_then(office: Office) -> None:
    await office.watch()
    ticket = await office.join(name="Ada Lovelace")
    await office.store.call_next("d1")
    await office.store.start(ticket.id)
    await office.store.finish(ticket.id)
    await office.tell()
    assert office.said("kind", "state", "desk", "staff") == [
        ("joined", "waiting", None, ""),
        ("called", "called", "d1", "kim"),
        ("started", "serving", "d1", "kim"),
        ("finished", "done", "d1", "kim"),
    ]
    assert set(office.said("who")) == {"Ada Lovelace"}
    assert [state for state, _ in await office.ends()] == ["sent"] * 4


async def test_who_is_erased_is_told_without_a_name(office: Office) -> None:
    await office.watch()
    ticket = await office.join(name="Ada Lovelace")
    await office.store.erase(ticket.id)
    await office.tell()
    assert office.said("kind", "who") == [("joined", None), ("erased", None)]


async def test_no_name_lies_in_the_outbox(office: Office, connection: Connection) -> None:
    await office.watch(address="http://192.0.2.1:9/hook")
    await office.join(name="Ada Lovelace", phone="+46701740605", email="ada@example.org")
    await office.store.call_next("d1")
    office.receiver.always["/hook"] = Answer(500)
    await office.watch()
    await office.worker.run(until_idle=True)
    kept = "\n".join(line for line in (await everything(connection)).splitlines() if "A001" in line)
    lying = [
        await connection.client.hgetall(key) async for key in connection.client.scan_iter("*:outbox:webhooks:work")
    ]
    assert "called" in repr(lying), "there is something that waits"
    for secret in ("Lovelace", "4670", "ada@", "kim"):
        assert secret not in repr(lying), kept


async def test_calling_the_next_tells_of_the_one_that_it_finished(office: Office) -> None:
    await office.watch()
    await office.join()
    await office.join("lab")
    await office.store.call_next("d1")
    await office.store.call_next("d1")
    await office.tell()
    by_ticket = sorted(office.said("ticket", "kind", "queue"), key=lambda said: said[0])
    assert by_ticket == [
        ("A001", "joined", "general"),
        ("A001", "called", "general"),
        ("A001", "finished", "general"),
        ("B001", "joined", "lab"),
        ("B001", "called", "lab"),
    ]


async def test_a_reset_tells_of_each_ticket_that_it_closed(office: Office, clock: Clock) -> None:
    await office.watch()
    await office.join()
    await office.join("lab")
    await office.store.call_next("d1")
    await office.tell()
    clock.pass_(h=24)
    assert await office.store.reset("main")
    await office.tell()
    assert sorted(office.said("ticket", "kind", "reason")[3:]) == [
        ("A001", "finished", "served"),
        ("B001", "cancelled", "reset"),
    ]


async def test_a_watch_hears_of_its_queue_alone_and_of_who_leaves_it(office: Office) -> None:
    await office.watch("/general", queue="general")
    await office.watch("/all")
    ticket = await office.join("lab")
    await office.store.transfer(ticket.id, queue="general")
    await office.store.transfer(ticket.id, queue="lab")
    await office.store.cancel(ticket.id, reason=CloseReason.STAFF)
    await office.tell()
    assert office.said("kind", "queue", path="/general") == [("transferred", "general"), ("transferred", "lab")]
    assert len(office.said("kind", path="/all")) == 4


async def test_a_watch_of_the_site_file_is_told_until_it_is_taken_out(office: Office) -> None:
    office.change_queue("general", Told(shape="plain", address=f"{office.receiver.base}/hook"))
    await office.join()
    await office.tell()
    await office.join()
    office.change_queue("general")
    await office.tell()
    assert office.said("ticket") == ["A001"]


async def test_what_nobody_wants_or_has_words_for_is_not_sent(office: Office) -> None:
    await office.watch()
    office.shape.unwanted, office.shape.mute = {"joined"}, {"called"}
    await office.join()
    await office.store.call_next("d1")
    await office.tell()
    assert office.receiver.got == []
    assert await office.ends() == [("skipped", "there was nothing to say")]


async def test_what_waits_for_a_watch_that_is_removed_is_never_sent(office: Office) -> None:
    watch = await office.watch()
    office.receiver.answers["/hook"].append(Answer(503))
    await office.join()
    await office.tell()
    assert await office.watches.remove("hilltop", watch.id)
    await office.tell(ms=600_000)
    assert len(office.receiver.got) == 1
    assert await office.ends() == [("skipped", "nobody wants to be told any more")]


async def test_later_events_of_a_ticket_wait_for_the_earlier_ones_and_other_tickets_do_not(office: Office) -> None:
    await office.watch()
    office.receiver.answers["/hook"] += [Answer(422), Answer(422)]
    first = await office.join()
    await office.tell()
    await office.join()
    await office.store.cancel(first.id, reason=CloseReason.STAFF)
    await office.tell()
    assert office.said("ticket", "kind") == [("A001", "joined"), ("A002", "joined")]
    for _ in range(4):
        await office.tell(ms=60_000)
    later = sorted(office.said("ticket", "kind")[2:], key=lambda said: said[0])
    assert later == [("A001", "joined"), ("A001", "cancelled"), ("A002", "joined")]
    assert len({got.id for got in office.receiver.got}) == 3


async def test_killed_between_sending_and_writing_it_down_it_is_sent_again_with_the_same_id(
    office: Office, clock: Clock
) -> None:
    await office.watch()
    office.receiver.answers["/hook"].append(Answer(hang=True))
    await office.join()
    async with asyncio.timeout(20):
        run = asyncio.create_task(office.worker.run())
        await office.receiver.until("/hook", 1)
        run.cancel()
        await asyncio.wait([run])
    assert await office.records() == []
    clock.pass_(ms=LEASE_MS)
    await office.another("two").run(until_idle=True)
    first, second = office.receiver.at("/hook")
    assert first.id == second.id and first.body == second.body
    assert [state for state, _ in await office.ends()] == ["sent"]


async def test_killed_before_it_is_planned_nothing_is_lost_and_nothing_comes_out_of_order(office: Office) -> None:
    await office.watch()
    ticket = await office.join()
    (group,) = office.another()._groups.values()
    await group.start()
    assert len(await group.read()) > 0, "read, and never acknowledged"
    await group.close()
    await office.store.cancel(ticket.id, reason=CloseReason.STAFF)
    await office.tell()
    assert office.said("kind") == ["joined", "cancelled"]


async def test_a_shape_that_breaks_on_one_thing_is_given_up_and_stops_nothing_else(
    office: Office, receiver: Receiver
) -> None:
    await office.watch()
    office.shape.broken = KeyError("Ada Lovelace")
    await office.join()
    for _ in range(8):
        await office.tell(ms=120_000)
    assert await office.ends() == [("failed", "given up after 5 crashes")]
    office.shape.broken = None
    await office.join()
    await office.tell()
    assert office.said("ticket") == ["A002"]
