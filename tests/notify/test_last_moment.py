"""What waits for a connection while something newer happens is told no more."""

from collections.abc import Awaitable, Callable

from callboard.delivery.attempt import APART_PAUSE_MS
from callboard.delivery.model import Answer, Delivery, Mark, Sent
from callboard.notify.kinds import TAKEN
from callboard.notify.render import Message
from callboard.notify.shown import Shown
from callboard.store.reads import Reads
from callboard.store.transitions import Store
from conftest import Clock
from notify.conftest import ANNA, Office


class Busy(Shown):
    """The first message of a ticket waits until something has happened `meanwhile`: for a connection, or on its way."""

    meanwhile: Callable[[], Awaitable[object]]

    def __init__(self, *, on_its_way: bool = False) -> None:
        self.left: list[str] = []
        self._on_its_way = on_its_way

    async def send(self, to: str, message: Message, delivery: Delivery, mark: Mark) -> Answer:
        if delivery.kind == TAKEN and not self._on_its_way:
            await self.meanwhile()
        await mark(message.text)
        if delivery.kind == TAKEN and self._on_its_way:
            await self.meanwhile()
        self.left.append(delivery.kind)
        return Sent("taken")


async def last_of_five(office: Office, busy: Busy) -> None:
    """Anna takes the fifth ticket. While one worker tells her so, another hears that two were called."""

    async def comes_near() -> None:
        for desk in ("d1", "d2"):
            await office.call_next(desk)
        await office.another("two").run(until_idle=True)

    busy.meanwhile = comes_near
    for _ in range(4):
        await office.join()
    await office.join(phone=ANNA)
    await office.tell()


async def test_a_message_that_something_newer_overtakes_on_its_way_out_does_not_leave(
    store: Store, reads: Reads, clock: Clock, open_desks: None
) -> None:
    busy = Busy()
    office = Office(store, reads, clock, {"sms": busy, "mail": Shown()})
    await last_of_five(office, busy)
    assert busy.left == ["almost_your_turn"]
    (skipped,) = [record for record in await office.records() if record.kind == TAKEN]
    assert (skipped.state, skipped.detail) == ("skipped", "is almost there already")


async def test_a_message_waits_while_an_earlier_one_to_the_same_person_is_on_its_way(
    store: Store, reads: Reads, clock: Clock, open_desks: None
) -> None:
    busy = Busy(on_its_way=True)
    office = Office(store, reads, clock, {"sms": busy, "mail": Shown()})
    await last_of_five(office, busy)
    assert busy.left == ["taken"]
    clock.now += APART_PAUSE_MS
    await office.tell()
    assert busy.left == ["taken", "almost_your_turn"]
