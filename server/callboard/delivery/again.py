"""What did not get through may be sent again, when staff say so: under an id of its own, so that the record stays."""

from msgspec.structs import replace

from callboard.delivery.model import Delivery, decode, encode
from callboard.store.outbox import Item, Outbox
from callboard.store.records import Record

DEAD = frozenset({"failed", "expired", "unknown"})  # states of a record
MARK = ":again"


def kept(delivery: Delivery) -> str:
    """What a record keeps of one that is dead: it begins anew, and with nothing of a person."""
    return encode(replace(delivery, tries=0, asked=0, tries_before=0, trying="", trying_at=0, why=""))


def first_id(id: str) -> str:
    """The id that it had when it was sent for the first time."""
    return id.partition(MARK)[0]


def again(record: Record, now: int) -> Delivery:
    """What is sent in its place, worth as long from now on as it was from its event on. The id follows from the one
    before, so whoever asks twice gets one."""
    dead = decode(record.again)
    before = record.id.partition(MARK)[2] or "0"
    return replace(
        dead,
        id=f"{first_id(record.id)}{MARK}{int(before) + 1}",
        until=now + dead.until - dead.at,
    )


async def schedule(outbox: Outbox, delivery: Delivery, now: int) -> str:
    """Its id; it goes out once, however often this is asked. Raises StoreAway."""
    item = Item(
        id=delivery.id,
        lane=delivery.lane,
        body=encode(delivery),
        at=delivery.at,
        line=delivery.line,
        place=delivery.place,
    )
    await outbox.schedule(delivery.location, [item], [], now)
    return delivery.id
