"""Long poll on a connection that asks the same again and again: for what is newer than it has.

Its first request is the application's. While there is nothing newer, an `Asker` borrows the connection. Each further
request that is the same but for its `after` was let in with the first, as is all that a WebSocket is told. Whatever
else comes, or ends, is the application's again, together with the connection.
"""

import re
from asyncio.transports import Transport
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, Protocol, cast

from callboard.hub.keeper import Keeper
from callboard.hub.lean import Lean
from callboard.hub.protocol import Close, Document
from callboard.hub.wires import limit

LEND = "callboard.lend"  # in the extensions of a scope whose request may come again: lends the connection
ENDED = "callboard.ended"  # of one that is handed back: why there is nothing to wait for, a `Close` or None
FOUND, NOTHING = b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 204 No Content\r\n"

_ASKED = re.compile(rb"(GET [^ \r\n]*[?&]after=)(\d{1,15})((?:&[^ \r\n]*)? HTTP/1\.1\r\n(?:[^\r\n]+\r\n)+\r\n)")


class Question(NamedTuple):
    """A whole request, around the number that it has behind `after=`."""

    before: bytes
    behind: bytes

    def after(self, data: bytes) -> int | None:
        """The number, where all the rest is the same."""
        if not (data.startswith(self.before) and data.endswith(self.behind)):
            return None
        number = data[len(self.before) : len(data) - len(self.behind)]
        return int(number) if len(number) < 16 and number.isdigit() else None

    def asked(self, after: int) -> bytes:
        return b"%b%d%b" % (self.before, after, self.behind)


def question(data: bytes) -> tuple[Question, int] | None:
    """What is asked, where that is one whole request that may come again with a higher number."""
    found = _ASKED.fullmatch(data) if b"after=" in data else None
    return (Question(found[1], found[3]), int(found[2])) if found else None


class Lent(NamedTuple):
    """`head` is what each answer has, without its first line. `leave` hands over the connection; `home` gives it back
    with what has come on it, and with what the request is to have in its extensions."""

    question: Question
    after: int
    head: bytes
    leave: Callable[[Lean], None]
    home: Callable[[Transport, bytes, Mapping[str, Any]], Any]


class Answering(Keeper[Lean], Protocol):
    """Who has the answers."""

    def asked(self, asker: "Asker") -> None:
        """It waits for what is newer than `after`."""

    def is_late(self, asker: "Asker") -> None:
        """It has waited long enough."""


class Asker(Lean):
    """One connection. It has asked while `after` is a number: then one answer is due."""

    __slots__ = ("_home", "_question", "after", "epoch", "head", "wait_s")

    keeper: Answering

    def borrow(self, lent: Lent, epoch: str, wait_s: float) -> None:
        """`epoch` is what `after` counts in; empty for any. Raises `Gone`."""
        self._question, self.head, self._home = lent.question, lent.head, lent.home
        self.epoch, self.wait_s = epoch, wait_s
        self.after: int | None = lent.after
        lent.leave(self)

    def is_new(self, document: Document) -> bool:
        epoch, seq, _ = document.version
        return self.after is not None and (seq > self.after or epoch != (self.epoch or epoch))

    def send(self, message: bytes) -> None:
        """An answer: it waits for its turn, and no other comes in its place."""
        self._write(message)

    def data_received(self, data: bytes) -> None:
        after = self._question.after(data)
        if self.is_blocked:  # asks on and reads nothing
            self.transport.abort()
        elif after is None or self.after is not None:
            self.give_back(data)
        else:
            self.after = after
            self.keeper.asked(self)

    def give_back(self, data: bytes = b"", extensions: Mapping[str, Any] = {}) -> Any:
        """To the application, with the question that has no answer yet and what came behind it. The keeper forgets in
        its time; whatever it does until then does nothing."""
        asked = b"" if self.after is None else self._question.asked(self.after)
        limit(self.transport, None)
        transport, self.transport, self.after = self.transport, cast(Transport, _ELSEWHERE), None
        self.connection_lost(None)
        return self._home(transport, asked + data, extensions)

    def ping(self) -> None:
        """It asks often enough."""

    def close(self, code: Close) -> None:
        """The application says why; where nothing was asked there is nothing to say. Nor to one who is going."""
        if self.is_ended or self.transport.is_closing():
            return
        if self.after is None:
            self._end()
            self.transport.close()
        else:
            self.give_back(extensions={ENDED: code}).shutdown()

    def late(self) -> None:
        if self.is_blocked or self.is_ended:
            self.transport.abort()
        elif self.transport.is_closing():
            return
        elif self.after is not None:
            self.keeper.is_late(self)
        else:
            self.transport.close()


class _Elsewhere:
    """In the place of a transport that was given back."""

    def is_closing(self) -> bool:
        return True

    def close(self) -> None:
        pass

    abort = close


_ELSEWHERE = _Elsewhere()
