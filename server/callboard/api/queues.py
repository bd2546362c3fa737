"""Queues: who waits there in which order, and whether more people may come."""

from typing import Annotated, Any

from msgspec import Meta, Struct

from callboard.api.language import chosen
from callboard.api.operation import Asked, Operation, words
from callboard.api.shapes import InLanguage, Nothing, Ticket, ticket_shape
from callboard.domain.documents import BoardQueue


class First(InLanguage, frozen=True, kw_only=True):
    first: Annotated[int, Meta(ge=0, le=500)] = 50


class Queue(Struct, frozen=True):
    """A queue now, and its first tickets in the order in which they will be called."""

    queue: BoardQueue
    tickets: list[Ticket]


class QueueAnswer(Struct, frozen=True):
    queue: BoardQueue


async def _queue(asked: Asked[None, First]) -> Queue:
    tickets = await asked.services.reads.order(asked.ids["queue"], asked.query.first)
    return Queue(await _state(asked, asked.query.lang), [ticket_shape(ticket) for ticket in tickets])


async def _open(asked: Asked[Nothing, None]) -> QueueAnswer:
    await asked.services.store.open_queue(asked.ids["queue"], once=asked.once)
    return QueueAnswer(await _state(asked))


async def _close(asked: Asked[Nothing, None]) -> QueueAnswer:
    await asked.services.store.close_queue(asked.ids["queue"], once=asked.once)
    return QueueAnswer(await _state(asked))


async def _state(asked: Asked[Any, Any], lang: str | None = None) -> BoardQueue:
    location, queue = asked.services.directory.queue(asked.ids["queue"])
    view = await asked.services.screens.location(location.id, chosen(asked.request, location.languages, asked=lang))
    return next(each for each in view.queues if each.id == queue.id)


OPERATIONS = (
    Operation(
        name="queue",
        method="GET",
        path="/queues/{queue}",
        tag="queues",
        summary="A queue and its first waiting tickets, in order",
        do=_queue,
        asks=First,
        answers=Queue,
    ),
    Operation(
        name="open_queue",
        method="POST",
        path="/queues/{queue}/open",
        tag="queues",
        summary="The queue takes people again",
        do=_open,
        takes=Nothing,
        answers=QueueAnswer,
        once=True,
    ),
    Operation(
        name="close_queue",
        method="POST",
        path="/queues/{queue}/close",
        tag="queues",
        summary="The queue takes nobody more; who waits is still served",
        do=_close,
        takes=Nothing,
        answers=QueueAnswer,
        refuses=words("queue_closed"),
        once=True,
    ),
)
