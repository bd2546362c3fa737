"""Why a ticket stands where it stands: its score explained against those before it."""

from msgspec import Struct

from callboard.domain.model import Ticket


class Because(Struct, frozen=True):
    """One ticket that goes first, and why: earlier, booking, head_start, more_time or put_back.

    `minutes` is its head start; the last two are about the ticket that asks, not about the one that goes first.
    """

    label: str
    reason: str
    minutes: int = 0
    priority: str = ""
    slot_at: int | None = None


class Why(Struct, frozen=True, kw_only=True):
    """`counts_from` is the moment (ms) the ticket counts as having arrived: the one number that orders a queue."""

    label: str
    queue: str
    state: str
    place: int
    joined_at: int
    counts_from: int
    head_start_min: int
    priority: str
    slot_at: int | None
    ahead: list[Because]


def explain(ticket: Ticket, ahead: list[Ticket]) -> Why:
    """A waiting ticket and those of its queue that are called before it, in order."""
    return Why(
        label=ticket.label,
        queue=ticket.queue,
        state=ticket.state,
        place=len(ahead) + 1,
        joined_at=ticket.joined_at or ticket.created_at,
        counts_from=round(float(ticket.score or ticket.created_at)),
        head_start_min=round(ticket.head_start_ms / 60_000),
        priority=ticket.priority,
        slot_at=ticket.slot_at,
        ahead=[because(other, ticket) for other in ahead],
    )


def because(other: Ticket, ticket: Ticket) -> Because:
    """Why `other` goes before `ticket`."""
    minutes = round(other.head_start_ms / 60_000)
    if (other.joined_at or 0) <= (ticket.joined_at or 0):
        reason = "earlier"
    elif other.slot_at is not None:
        reason = "booking"
    elif other.head_start_ms > ticket.head_start_ms:
        reason = "head_start"
    elif ticket.postponed:
        reason = "more_time"
    elif ticket.retry_count:
        reason = "put_back"
    else:
        reason = "earlier"  # it came to another queue first and was transferred here
    return Because(other.label, reason, minutes, other.priority, other.slot_at)
