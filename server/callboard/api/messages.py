"""What was sent to people, and what became of it; what did not get through may be sent again."""

from typing import Annotated

from msgspec import Meta, Struct

from callboard.api.operation import Asked, Operation, words
from callboard.api.shapes import Asking, Taking
from callboard.auth import Caller
from callboard.domain.directory import Unknown
from callboard.errors import Invalid, Mistake
from callboard.services import Services
from callboard.store.records import Record


class Newest(Asking, frozen=True, kw_only=True):
    first: Annotated[int, Meta(ge=1, le=200)] = 50


class WhichMessage(Taking, frozen=True, kw_only=True):
    message: Annotated[str, Meta(min_length=1, max_length=120)]


class Message(Struct, frozen=True, kw_only=True):
    """What came of one message. `state`: sent, shown, skipped, expired, failed, unknown, or instead. `said` is what the
    carrier has told of it since, `segments` what a text is paid as. Moments are ms since 1970."""

    id: str
    at: int
    medium: str
    kind: str
    location: str
    ticket: str
    state: str
    detail: str
    ticket_label: str
    recipient: str
    subject: str
    text: str
    segments: int
    said: str
    said_at: int | None
    dead: bool  # it did not get through, and may be sent again


class Messages(Struct, frozen=True):
    messages: list[Message]  # newest first


class SentAgain(Struct, frozen=True):
    """Under which id it is sent now."""

    id: str


async def messages_for(services: Services, caller: Caller, first: int) -> list[Message]:
    """The newest of the caller's organization."""
    directory = services.directory
    own = [each.id for each in directory.locations if directory.organization(each.id).id == caller.organization]
    return [_message(record) for record in await services.outbox.recent(own, first)]


async def _messages(asked: Asked[None, Newest]) -> Messages:
    return Messages(await messages_for(asked.services, asked.caller, asked.query.first))


async def _ticket_messages(asked: Asked[None, None]) -> Messages:
    return Messages([_message(record) for record in await _of_ticket(asked.services, asked.ids["ticket"])])


async def _send_again(asked: Asked[WhichMessage, None]) -> SentAgain:
    """By its id alone: asked twice, it is sent once."""
    found = await _of_ticket(asked.services, asked.ids["ticket"])
    return SentAgain(await asked.services.message_again(dead(found, asked.body.message, "message")))


def dead(records: list[Record], id: str, field: str) -> Record:
    """The newest record of that id, if it may be sent again. Raises Unknown and Invalid."""
    record = next((each for each in records if each.id == id), None)
    if record is None:
        raise Unknown(field, id)
    if not record.again:
        raise Invalid([Mistake(field, f"a {record.kind} that is {record.state} is not sent again")])
    return record


async def _of_ticket(services: Services, ticket: str) -> list[Record]:
    await services.reads.ticket(ticket)
    return await services.outbox.of_ticket(services.directory.location_of_ticket(ticket).id, ticket)


def _message(record: Record) -> Message:
    given = {name: getattr(record, name) for name in Message.__struct_fields__ if name != "dead"}
    return Message(**given, dead=bool(record.again))


OPERATIONS = (
    Operation(
        name="messages",
        method="GET",
        path="/messages",
        tag="messages",
        summary="The newest messages to people, and what became of them",
        do=_messages,
        asks=Newest,
        answers=Messages,
    ),
    Operation(
        name="ticket_messages",
        method="GET",
        path="/tickets/{ticket}/messages",
        tag="messages",
        summary="What was sent about a ticket: when, how, what the carrier said of it, and what it cost",
        do=_ticket_messages,
        answers=Messages,
    ),
    Operation(
        name="send_again",
        method="POST",
        path="/tickets/{ticket}/messages/send_again",
        tag="messages",
        summary="A message that did not get through is sent again, if it is still true",
        do=_send_again,
        takes=WhichMessage,
        answers=SentAgain,
        refuses=words(
            "not_found not_checked_in still_waiting already_called already_serving on_hold ticket_closed"
            " too_late changed_since"
        ),
        finds=True,
    ),
)
