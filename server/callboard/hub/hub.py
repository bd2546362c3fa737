"""Who listens to what, and what each has yet to be told."""

import asyncio
from collections.abc import Container, Iterable
from typing import Protocol

from callboard.hub.few import Few
from callboard.hub.post import Post
from callboard.hub.protocol import Close, Document


class Listener(Protocol):
    """What the hub needs of whoever listens. Neither call may wait, or one would hold up all the others. One listener
    may stand for many, and may hear of a document before it has told all of them of the one before."""

    @property
    def count(self) -> int: ...

    def put(self, document: Document) -> None: ...

    def close(self, code: Close) -> None: ...


class Closed(Exception):
    """The mailbox will hold nothing more; `code` says why."""

    def __init__(self, code: Close) -> None:
        super().__init__(code.name)
        self.code = code


class Mailbox:
    """The newest document of each channel that its owner has not taken yet.

    A slow owner skips what is no longer true and never misses the last word; so a mailbox is never larger than its
    channels are many, and nobody waits for anybody.
    """

    __slots__ = ("_closed", "_filled", "_newest")

    count = 1

    def __init__(self) -> None:
        self._newest: dict[str, Document] = {}
        self._closed: Close | None = None
        self._filled = asyncio.Event()

    def put(self, document: Document) -> None:
        self._newest[document.channel] = document
        self._filled.set()

    def close(self, code: Close) -> None:
        """End it. The first code is kept; what was not taken is dropped."""
        self._closed = self._closed or code
        self._filled.set()

    def check(self) -> None:
        """Raises `Closed` where it is."""
        if self._closed:
            raise Closed(self._closed)

    async def take(self) -> list[Document]:
        """Wait for documents and take them; raises `Closed`. Cancelled, it has taken nothing."""
        await self._filled.wait()
        self.check()
        self._filled.clear()
        documents, self._newest = list(self._newest.values()), {}
        return documents


class _Channel(Few[Listener]):
    """Who listens to it, and the newest document."""

    __slots__ = ("newest",)

    def __init__(self) -> None:
        super().__init__()
        self.newest: Document | None = None

    def put(self, document: Document) -> None:
        members = self._members
        if members is None or isinstance(members, dict):
            for listener in self.all():
                listener.put(document)
        else:  # as each of ten thousand phones has it
            members.put(document)


class Hub:
    """Listeners by channel, and the newest document of each channel that has any. What they leave in the `post` while
    they are told goes out when all are."""

    def __init__(self) -> None:
        self.post = Post()
        self._channels: dict[str, _Channel] = {}
        self._closed: Close | None = None

    def join(self, channel: str, listener: Listener) -> None:
        """Listen. The newest document, where there is one, is put at once; a closed hub closes the listener."""
        found = self._channels.setdefault(channel, _Channel())
        found.add(listener)
        if self._closed:
            listener.close(self._closed)
        elif found.newest:
            listener.put(found.newest)
            self.post.send()

    def leave(self, channel: str, listener: Listener) -> None:
        """Listen no more. The last to leave takes the channel's document along."""
        found = self._channels.get(channel)
        if found:
            found.discard(listener)
            if not found:
                del self._channels[channel]

    def listeners(self, channel: str) -> int:
        found = self._channels.get(channel)
        return sum(listener.count for listener in found or ())

    def newest(self, channel: str) -> Document | None:
        found = self._channels.get(channel)
        return found.newest if found else None

    def publish_all(self, documents: Iterable[Document], came: Container[str] = ()) -> None:
        """Each as `publish` does it, to `came` as to channels to which someone came."""
        try:
            for document in documents:
                self._publish(document, document.channel in came)
        finally:
            self.post.send()

    def publish(self, document: Document, *, someone_came: bool = False) -> bool:
        """Tell all listeners; answers whether there was news. An older document than the newest is dropped; one that
        says the same is kept for those who join later, and disturbs nobody now.

        Except when `someone_came` since the document before was read: they may have had a newer one than that from
        another process, and so have not taken it.
        """
        is_news = self._publish(document, someone_came)
        self.post.send()
        return is_news

    def _publish(self, document: Document, someone_came: bool) -> bool:
        found = self._channels.get(document.channel)
        if found is None or ((before := found.newest) and document.version.is_before(before.version)):
            return False
        found.newest = document
        is_later = before is None or document.version.seq != before.version.seq
        if not document.says_more_than(before) and not (someone_came and is_later):
            return False
        found.put(document)
        return True

    def hang_up(self, channel: str, code: Close) -> None:
        """End all who listen to the channel."""
        found = self._channels.get(channel)
        for listener in found.all() if found else ():
            listener.close(code)

    def close(self, code: Close = Close.RESTARTING) -> None:
        """End everybody, and whoever comes later."""
        self._closed = code
        for channel in self._channels:
            self.hang_up(channel, code)
