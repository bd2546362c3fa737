"""From a ticket as it stands to the codes of a case, and back: pure, total, by the tables of `codes.toml`."""

from collections.abc import Mapping

from callboard.domain.model import CloseReason, State, Ticket
from callboard.facades.qflow.codes import Codes, Forced, Shown

# Of a command that has no line in `action_of` the action before it stays (INF): the furthest that the ticket came.
ENQUEUE, CALL_NEXT, COMPLETE, SET_APPOINTMENT = 0, 1, 7, 13  # S3

# What has a row of its own in `shown` besides the states.
ABANDONED, RESCHEDULED = CloseReason.ABANDONED, CloseReason.RESCHEDULED
HELD_FROM_COUNTER = "held_from_counter"

# A booking in one of these has arrived.
ARRIVED = frozenset({State.WAITING, State.CALLED, State.SERVING, State.HELD})


def row(ticket: Ticket) -> str:
    """The row of `shown` that a ticket has.

    Who was called before they were parked is parked from the counter: 12 rather than 11 (INF).
    """
    if ticket.state is State.CANCELLED and ticket.close_reason in (ABANDONED, RESCHEDULED):
        return ticket.close_reason.value
    if ticket.state is State.HELD and ticket.last_called_at is not None:
        return HELD_FROM_COUNTER
    return ticket.state.value


def shown(ticket: Ticket, codes: Codes) -> Shown:
    """CaseStatus, ProcessStatus, EntityStatus and Resolution."""
    return codes.shown.get(row(ticket)) or codes.shown[ticket.state.value]


def action(ticket: Ticket, codes: Codes) -> int:
    """The last step."""
    known = codes.action_of.get(ticket.last)
    return _furthest(ticket) if known is None else known


def _furthest(ticket: Ticket) -> int:
    if ticket.state is State.DONE:
        return COMPLETE
    if ticket.last_called_at is not None:
        return CALL_NEXT
    return SET_APPOINTMENT if ticket.joined_at is None and ticket.slot_at is not None else ENQUEUE


def forced(status: int | None, codes: Codes) -> Forced | None:
    """What a Status of Cases/Cancel asks for; without one, cancelled (Q10 INF). None for one that is not known."""
    return codes.forced.get(str(15 if status is None else status))


def words(table: Mapping[str, str], code: int | None) -> str | None:
    """What a code is called; null for none."""
    return None if code is None else table[str(code)]
