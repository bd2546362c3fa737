"""What was sent to people, and what became of it."""

from typing import Annotated

from msgspec import Meta, Struct

from callboard.api.operation import Asked, Operation
from callboard.api.shapes import Asking
from callboard.auth import Caller
from callboard.services import Services
from callboard.store.outbox import Record


class Newest(Asking, frozen=True, kw_only=True):
    first: Annotated[int, Meta(ge=1, le=200)] = 50


class Messages(Struct, frozen=True):
    messages: list[Record]  # newest first


async def messages_for(services: Services, caller: Caller, first: int) -> list[Record]:
    """The newest of the caller's organization."""
    directory = services.directory
    own = [each.id for each in directory.locations if directory.organization(each.id).id == caller.organization]
    return await services.outbox.recent(own, first)


async def _messages(asked: Asked[None, Newest]) -> Messages:
    return Messages(await messages_for(asked.services, asked.caller, asked.query.first))


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
)
