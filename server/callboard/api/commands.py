"""Commands on one ticket, for staff and machines. The fields of a body are the arguments of the store's method."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any

from msgspec import Meta
from msgspec.structs import asdict

from callboard.api.operation import Asked, Operation, words
from callboard.api.shapes import AtDesk, Name, Nothing, Places, Taking, TicketAnswer, ticket_shape
from callboard.domain.model import CloseReason
from callboard.domain.typed import Id
from callboard.store.transitions import Done, Store

Command = Callable[..., Awaitable[Done]]


class CallTo(Taking, frozen=True, kw_only=True):
    desk: Id


class PutBack(AtDesk, frozen=True, kw_only=True):
    places: Places = 0  # so many go first; none: its old place


class Hold(AtDesk, frozen=True, kw_only=True):
    held_by: Name | None = None  # a desk or a pool; else the desk that acts


class Transfer(AtDesk, frozen=True, kw_only=True):
    queue: Id
    keep_arrival: bool = True


class Force(Taking, frozen=True, kw_only=True):
    force: bool = False  # even when the rules of the queue say no


class MoreTime(Taking, frozen=True, kw_only=True):
    """So many others go first, or so many minutes; without either, one other."""

    places: Annotated[int, Meta(ge=1, le=1000)] | None = None
    minutes: Annotated[int, Meta(ge=1, le=1440)] | None = None


class Postpone(MoreTime, frozen=True, kw_only=True):
    force: bool = False


def arguments(body: Taking) -> dict[str, Any]:
    """What was given, by the store's names."""
    given = {name: value for name, value in asdict(body).items() if value is not None}
    if isinstance(body, MoreTime) and not given.keys() & {"places", "minutes"}:
        given["places"] = 1
    return given


def ticket_command(
    name: str, does: Command, takes: type[Taking], summary: str, refuses: str, **fixed: Any
) -> Operation[Any, None]:
    """POST /tickets/{ticket}/<name>: `does` of the store with what the body gives, and `fixed`."""

    async def do(asked: Asked[Any, None]) -> TicketAnswer:
        given = arguments(asked.body) | fixed
        done = await does(asked.services.store, asked.ids["ticket"], once=asked.once, **given)
        assert done.ticket is not None, f"{name} is a command on a ticket"
        return TicketAnswer(ticket_shape(done.ticket))

    return Operation(
        name=name,
        method="POST",
        path="/tickets/{ticket}/" + name,
        tag="tickets",
        summary=summary,
        do=do,
        answers=TicketAnswer,
        takes=takes,
        refuses=words(refuses),
        once=True,
    )


OPERATIONS = (
    ticket_command(
        "call",
        Store.call,
        CallTo,
        "Calls this ticket to a desk, out of turn",
        "not_checked_in already_called already_serving ticket_closed desk_closed desk_busy",
    ),
    ticket_command(
        "recall",
        Store.recall,
        AtDesk,
        "Announces a called ticket again",
        "not_checked_in still_waiting already_serving on_hold ticket_closed wrong_desk",
    ),
    ticket_command(
        "put_back",
        Store.put_back,
        PutBack,
        "A called ticket waits again, in its old place or some places back",
        "not_checked_in still_waiting already_serving on_hold ticket_closed wrong_desk",
    ),
    ticket_command(
        "start",
        Store.start,
        AtDesk,
        "The person has come to the desk",
        "not_checked_in still_waiting already_serving on_hold ticket_closed wrong_desk",
    ),
    ticket_command(
        "finish",
        Store.finish,
        AtDesk,
        "The visit is over",
        "not_checked_in still_waiting on_hold ticket_closed wrong_desk",
    ),
    ticket_command(
        "no_show",
        Store.no_show,
        AtDesk,
        "Nobody came",
        "not_checked_in still_waiting already_serving on_hold ticket_closed wrong_desk",
    ),
    ticket_command(
        "hold",
        Store.hold,
        Hold,
        "Parks a ticket with a desk or a pool",
        "not_checked_in on_hold ticket_closed wrong_desk",
    ),
    ticket_command(
        "release",
        Store.release,
        AtDesk,
        "A parked ticket waits again, in its old place",
        "not_checked_in still_waiting already_called already_serving ticket_closed",
    ),
    ticket_command(
        "transfer",
        Store.transfer,
        Transfer,
        "Goes on in another queue of the location",
        "ticket_closed wrong_desk same_queue",
    ),
    ticket_command(
        "cancel",
        Store.cancel,
        AtDesk,
        "Ends a ticket without a visit",
        "ticket_closed wrong_desk",
        reason=CloseReason.STAFF,
    ),
    ticket_command(
        "check_in",
        Store.check_in,
        Force,
        "A booking starts to wait",
        "still_waiting already_called already_serving on_hold ticket_closed too_early too_late staff_only",
    ),
    ticket_command(
        "confirm",
        Store.confirm,
        Nothing,
        "A reservation becomes a booking",
        "already_booked still_waiting already_called already_serving on_hold ticket_closed too_late",
    ),
    ticket_command(
        "activate",
        Store.activate,
        Nothing,
        "A booking whose time has come starts to wait",
        "not_checked_in still_waiting already_called already_serving on_hold ticket_closed too_early",
    ),
    ticket_command(
        "rejoin",
        Store.rejoin,
        Force,
        "A missed ticket waits again, in its old place",
        "not_checked_in still_waiting already_called already_serving on_hold ticket_closed too_late",
    ),
    ticket_command(
        "postpone",
        Store.postpone,
        Postpone,
        "Lets others go first",
        "not_checked_in already_called already_serving on_hold ticket_closed limit_reached",
    ),
)
