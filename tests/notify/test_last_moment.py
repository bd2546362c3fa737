"""What waits for a connection while something newer happens is told no more."""

from collections.abc import Awaitable, Callable

from callboard.delivery.model import Answer, Delivery, Mark, Sent
from callboard.notify.plan import TAKEN
from callboard.notify.render import Message
from callboard.notify.shown import Shown
from callboard.store.reads import Reads
from callboard.store.transitions import Store
from conftest import Clock
from notify.conftest import ANNA, Office


class Busy(Shown):
    """The first message of a ticket waits until something has happened `meanwhile`."""

    meanwhile: Callable[[], Awaitable[object]]

    def __init__(self) -> None:
        self.left: list[str] = []

    async def send(self, to: str, message: Message, delivery: Delivery, mark: Mark) -> Answer:
        if delivery.kind == TAKEN:
            await self.meanwhile()
        await mark(message.text)
        self.left.append(delivery.kind)
        return Sent("taken")


async def test_a_message_that_something_newer_overtakes_on_its_way_out_does_not_leave(
    store: Store, reads: Reads, clock: Clock, open_desks: None
) -> None:
    busy = Busy()
    office = Office(store, reads, clock, {"sms": busy, "mail": Shown()})
    for _ in range(4):
        await office.join()

    async def comes_near() -> None:
        for desk in ("d1", "d2"):
            await office.call_next(desk)
        await office.another("two").run(until_idle=True)

    busy.meanwhile = comes_near
    await office.join(phone=ANNA)
    await office.tell()
    assert busy.left == ["almost_your_turn"]
    (skipped,) = [record for record in await office.records() if record.kind == TAKEN]
    assert (skipped.state, skipped.detail) == ("skipped", "is almost there already")
