"""A day on which every command of the store is given, each with success at least once."""

import inspect

from callboard.domain.model import CloseReason, State, Subscription
from callboard.store.transitions import Done, Store
from conftest import Clock

COMMANDS = sorted(
    name for name, method in inspect.getmembers(Store, inspect.iscoroutinefunction) if not name.startswith("_")
)


async def play(store: Store, clock: Clock) -> None:
    """On a store without data; `clock` is moved on to the end of the third day."""
    await open_up(store)
    await come(store, clock)
    await serve(store, clock)
    await close_down(store, clock)


def ticket_of(done: Done) -> str:
    assert done.ticket
    return done.ticket.id


async def open_up(store: Store) -> None:
    for desk in ("d1", "d2", "d3"):
        await store.open_desk(desk, staff="ada")
    await store.close_queue("advice")
    await store.open_queue("advice")


async def come(store: Store, clock: Clock) -> None:
    """With and without a slot, a priority, a person, a key."""
    await store.join("general", name="Ada", phone="+46700000001", email="a@example.org", extra="x", source="kiosk")
    await store.join("general", priority="elderly", locale="sv", once="key")
    await store.join("advice", force=True)
    kept = ticket_of(await store.reserve("general", slot_at=clock.now + 60_000, name="Bo"))
    await store.confirm(kept)
    await store.check_in(kept)
    kept = ticket_of(await store.book("lab", slot_at=clock.now + 60_000, priority="", once="other key"))
    clock.pass_(min=1)
    await store.activate(kept)
    changed = ticket_of(await store.join("general"))
    await store.change_person(changed, phone="+46700000002", name="")
    await store.postpone(changed, places=1)
    await store.postpone(changed, minutes=2, force=True)
    await store.erase(changed)
    await come_with_more(store, clock)


async def come_with_more(store: Store, clock: Clock) -> None:
    """Customers, parties, slots that move, a reminder, files."""
    soon = {"slot_at": clock.now + 60_000, "slot_end": clock.now + 120_000}
    more = {
        "customer": "c1",
        "party": 2,
        "almost_ahead": 4,
        "travel_min": 20,
        "attachments": "{}",
        "one_each": True,
        "phone": "+46701740605",
    }
    family = ticket_of(await store.join("general", **more))  # type: ignore[arg-type]
    await store.change_ticket(family, party=3, locale="sv", travel_min=0)
    await store.change_person(family, customer="c2", attachments="[]", extra="x", extra_was="")
    await store.subscribe(family, Subscription(id="1", endpoint="https://push", p256dh="", auth=""))
    await store.unsubscribe(family, "1")
    kept = ticket_of(await store.book("general", **soon, **{**more, "customer": "c3"}))  # type: ignore[arg-type]
    await store.reschedule(kept, slot_at=clock.now + 120_000, slot_end=clock.now + 180_000)
    await store.remind(kept)
    await store.cancel(kept, reason=CloseReason.RESCHEDULED, followed_by=family)
    kept = ticket_of(await store.reserve("lab", **soon, **{**more, "customer": "c4"}))  # type: ignore[arg-type]
    await store.correct(kept, "d3", state=State.CANCELLED)
    await store.correct(kept, state=State.SERVING)
    await store.correct(kept, state=State.WAITING, expected=State.SERVING, keep_place=True)
    await store.correct(kept, state=State.DONE)
    await store.feedback(kept, rating=4, comment="kind")
    await store.note(kept, text="thank you", no_texts="not_mobile")


async def serve(store: Store, clock: Clock) -> None:
    first = ticket_of(await store.call_next("d1"))
    await store.recall(first, "d1")
    await store.put_back(first, "d1", places=2)
    await store.call(first, "d1")
    await store.start(first, "d1")
    clock.pass_(min=1)
    await store.call_next("d1")  # finishes the first
    await store.undo("d1")
    await store.finish(first, "d1")
    missed = ticket_of(await store.call_next("d2"))
    await store.no_show(missed, "d2")
    await store.rejoin(missed)
    await store.hold(missed, "d2", held_by="pool")
    await store.release(missed, "d2")
    await store.transfer(missed, "d2", queue="lab", keep_arrival=False)
    called = ticket_of(await store.call(missed, "d3"))
    await store.transfer(called, "d3", queue="general")
    await store.undo("d3")
    await store.cancel(called, "d3", reason=CloseReason.STAFF)
    await store.hold(ticket_of(await store.join("general")), "d1")


async def close_down(store: Store, clock: Clock) -> None:
    """Somebody is left waiting, parked, booked and at a desk when the day turns over; later all that is forgotten."""
    await store.close_desk("d3")
    await store.reserve("general", slot_at=clock.now + 40 * 3_600_000)
    await store.reserve("general", slot_at=clock.now)
    await store.join("lab")
    await store.call_next("d1")
    for _ in range(2):
        clock.pass_(h=25)
        assert await store.reset("main")
    store.connection.marks.see("main", 10_000)  # as if the store had lost most of it
    assert await store.restore("main")
