"""The newest document for a plain GET, at once or when there is a newer one."""

import asyncio
from collections.abc import Callable
from contextlib import suppress

from starlette.types import Receive

from callboard.hub.hub import Closed, Mailbox
from callboard.hub.protocol import Close, Document


async def newest(
    mailbox: Mailbox, receive: Receive, is_news: Callable[[Document], bool], first_s: float, wait_s: float
) -> Document | None:
    """The first document that is news, else the last one that came. Waits `first_s` for any, `wait_s` for news.

    Raises `Closed`, also when the client goes.
    """
    closed: Closed | None = None
    found: Document | None = None
    async with asyncio.TaskGroup() as group:
        watching = group.create_task(_close_when_gone(receive, mailbox))
        try:
            found = await _news(mailbox, is_news, first_s, wait_s)
        except Closed as end:  # kept until the group is done, which would wrap it
            closed = end
        watching.cancel()
    if closed:
        raise closed
    return found


async def _news(
    mailbox: Mailbox, is_news: Callable[[Document], bool], first_s: float, wait_s: float
) -> Document | None:
    found: Document | None = None
    end = asyncio.get_running_loop().time() + wait_s
    with suppress(TimeoutError):
        async with asyncio.timeout(first_s) as limit:
            while found is None or not is_news(found):
                [found] = await mailbox.take()
                limit.reschedule(end)
    return found


async def _close_when_gone(receive: Receive, mailbox: Mailbox) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    mailbox.close(Close.GONE)
