"""What a receiver did not take is sent again at staff's word, with the id that it knows it by."""

from collections.abc import Callable

from callboard.delivery.again import again, schedule
from callboard.store.outbox import Outbox
from callboard.store.records import Record


class NoticeAgain:
    """Schedules what a record of a dead notice stands for, and answers its new id. Raises StoreAway."""

    def __init__(self, outbox: Outbox, clock: Callable[[], int]) -> None:
        self._outbox = outbox
        self._clock = clock

    async def __call__(self, record: Record) -> str:
        now = self._clock()
        return await schedule(self._outbox, again(record, now), now)
