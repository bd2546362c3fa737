"""The carrier is away for half an hour: of every kind what is still worth telling goes out once and in order, and what
is not is on record."""

from collections.abc import Awaitable, Callable

import pytest

from callboard.domain.expected import Told
from callboard.domain.model import CloseReason, Ticket
from callboard.notify.kinds import KINDS
from callboard.store.keys import partition
from conftest import Clock
from notify.carrier import Carrier
from notify.conftest import ANNA, Office
from notify.test_look import expect

MIN = 60_000
LASTING = {"booking_confirmed", "booking_moved", "booking_delayed"}  # worth telling for longer than that


class Lobby:
    """Somebody for each kind of message, all told what came before; `happens` makes all kinds due."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self.people: dict[str, Ticket] = {}

    async def comes(self, kind: str, queue: str) -> None:
        self.people[kind] = await self.office.join(queue, phone=number(kind))

    async def books(self, kind: str, min: int) -> None:
        at = self.office.clock.now + min * MIN
        booked = (await self.office.store.book("general", slot_at=at, phone=number(kind), locale="en")).ticket
        assert booked is not None
        self.people[kind] = booked

    async def fills(self, minute: int) -> None:
        office, store = self.office, self.office.store
        for kind, desk in (("called_again", "d1"), ("missed", "d3")):
            await self.comes(kind, "lab")
            await store.call(self.people[kind].id, desk)
        await self.comes("your_turn", "lab")
        ahead = [await office.join("lab") for _ in range(3)]
        await self.comes("almost_your_turn", "lab")
        for kind in ("moved", "cancelled"):
            await self.comes(kind, "advice")
        for _ in range(4):
            await office.join("general")
        await expect(office, 20, 30)
        await self.comes("delayed", "general")
        await self.books("booking_moved", 180)
        await self.books("booking_reminder", 120)
        await self.books("booking_delayed", minute + 50)
        await office.tell()
        self.leaves = ahead[0]

    async def happens(self) -> None:
        office, store, people = self.office, self.office.store, self.people
        await store.recall(people["called_again"].id)
        await store.no_show(people["missed"].id)
        await store.call(people["your_turn"].id, "d3")
        await store.cancel(self.leaves.id, reason=CloseReason.CUSTOMER)
        await store.transfer(people["moved"].id, queue="lab")
        await store.cancel(people["cancelled"].id, reason=CloseReason.STAFF)
        await self.comes("taken", "lab")
        await self.books("booking_confirmed", 240)
        await store.reschedule(people["booking_moved"].id, slot_at=office.clock.now + 200 * MIN)
        await store.remind(people["booking_reminder"].id)
        await expect(office, 45, 65, bookings={"general": Told(15, 30, 1300)})
        await office.look()


def number(kind: str) -> str:
    return f"+467017406{KINDS.index(kind):02}"


async def work_for(office: Office, clock: Clock, *, minutes: float) -> None:
    """As a worker does while that time passes; when nothing is due, on to what is next."""
    end = clock.now + round(minutes * MIN)
    while clock.now < end:
        await office.tell()
        due = await office.outbox.next_due([partition("main")], "sms")
        clock.now = min(end, max(clock.now + 15_000, due.get(partition("main"), end)))


@pytest.mark.parametrize("away", ["busy", "failing and deaf"])
@pytest.mark.parametrize("minute", [0, 27])
async def test_every_kind_goes_out_once_or_is_on_record(
    texting: Office, carrier: Carrier, clock: Clock, minute: int, away: str
) -> None:
    """All is due at that minute of the half hour. What failed and could not be asked for may have arrived. Nobody who
    is sent on reads as well that it takes longer there than it did here."""
    lobby = Lobby(texting)
    await lobby.fills(minute)
    before = len(carrier.accepted)
    clock.pass_(min=1)
    carrier.always, carrier.deaf = (429, False) if away == "busy" else (503, True)
    await work_for(texting, clock, minutes=minute)
    await lobby.happens()
    await work_for(texting, clock, minutes=30 - minute)
    carrier.always, carrier.deaf = None, False
    await work_for(texting, clock, minutes=13)
    sent = [form["To"] for form in carrier.accepted[before:]]
    due = LASTING if minute == 0 else set(KINDS)
    assert sorted(sent) == sorted(map(number, due))
    states = {kind: dict(await texting.told(ticket))[kind] for kind, ticket in lobby.people.items()}
    lost = "expired" if away == "busy" else "unknown"
    assert states == {kind: "sent" if kind in due else lost for kind in KINDS}


Does = Callable[[Office, Ticket], Awaitable[object]]
SLOT = 6 * 60 * MIN


async def moves(office: Office, ticket: Ticket) -> None:
    assert ticket.slot_at is not None
    await office.store.reschedule(ticket.id, slot_at=ticket.slot_at + 60 * MIN)


async def is_reminded_of(office: Office, ticket: Ticket) -> None:
    await office.store.remind(ticket.id)


@pytest.mark.parametrize("later", [moves, is_reminded_of])
async def test_of_a_booking_nothing_is_told_after_what_came_later(
    texting: Office, carrier: Carrier, clock: Clock, later: Does
) -> None:
    """What is tried for the first time is due before what was put off often."""
    booked = (await texting.store.book("general", slot_at=clock.now + SLOT, phone=ANNA, locale="en")).ticket
    assert booked is not None
    carrier.always = 429
    await work_for(texting, clock, minutes=30)
    await later(texting, booked)
    await texting.tell()
    carrier.always = None
    await work_for(texting, clock, minutes=5)
    told = await texting.told(booked)
    assert [state for kind, state in told if kind == "booking_confirmed"] == ["skipped"]
    assert sorted(state for _, state in told) == ["sent", "skipped"]
    assert len(carrier.texts(ANNA)) == 1
