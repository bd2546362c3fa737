"""The connections that ask for one channel again and again: an answer is written once for all who wait for it."""

from collections.abc import Iterator
from email.utils import formatdate
from typing import cast

from callboard.hub.asker import ENDED, FOUND, NOTHING, Asker
from callboard.hub.audience import CHUNK, Audience, House
from callboard.hub.lean import Lean, write_all
from callboard.hub.protocol import Document
from callboard.hub.watched import Place
from callboard.hub.ways import Way

IDLE_S = 10  # from an answer to the next question
DATED_S = 1  # an answer says when it was written, so it is written anew after so long


class Askers(Audience):
    """To the hub they listen all the while, so that who asks for what is there already has it at once."""

    __slots__ = ("_going", "_waiting", "_written")

    def __init__(self, house: House, place: Place, way: Way) -> None:
        super().__init__(house, place, way)
        self._waiting: dict[Asker, None] = {}
        self._written: tuple[Document, float, bytes] | None = None
        self._going = False

    def add(self, socket: Lean) -> None:
        super().add(socket)
        self.asked(cast(Asker, socket))

    def asked(self, asker: Asker) -> None:
        document = self.house.newest(self)
        if document and asker.is_new(document):
            self._answer(asker, document)
        else:
            self._waiting[asker] = None
            self.house.wait(asker, asker.wait_s)

    def put(self, document: Document) -> None:
        if self._waiting and not self._going:
            self._going = True
            self.house.sweep.add(self._tell_all())

    def greet(self, socket: Lean, document: Document) -> None:
        """Nobody is told before they ask."""

    def is_silent(self, since: float) -> bool:
        return False  # nobody takes a beat for an answer

    def is_late(self, asker: Asker) -> None:
        """That there is nothing new is said only where it is known; else the application finds the words."""
        document = self.house.newest(self)
        if document is None or not self.house.is_fresh(self):
            asker.give_back(extensions={ENDED: None})
        else:
            self._answered(asker)
            asker.send(b"%b%b%betag: %b\r\n\r\n" % (NOTHING, asker.head, _date(), document.etag.encode()))

    def freed(self, socket: Lean) -> None:
        super().freed(socket)
        self.house.wait(socket, IDLE_S)

    def _tell_all(self) -> Iterator[None]:
        try:
            waiting = list(self._waiting)
            for start in range(0, len(waiting), CHUNK):
                if document := self.house.newest(self):
                    self._tell_some(waiting[start : start + CHUNK], document)
                yield
        finally:
            self._going = False

    def _tell_some(self, some: list[Asker], document: Document) -> None:
        """Whose answers have the same head get the same bytes."""
        alike: dict[bytes, list[Asker]] = {}
        for asker in some:
            if asker in self._waiting and asker.is_new(document):
                alike.setdefault(asker.head, []).append(asker)
                self._answered(asker)
        for head, askers in alike.items():
            wires = [asker.wire for asker in askers]
            write_all(askers, iter(wires), range(len(askers)), b"".join((FOUND, head, self._text(document))))

    def _answer(self, asker: Asker, document: Document) -> None:
        self._answered(asker)
        asker.send(b"".join((FOUND, asker.head, self._text(document))))

    def _answered(self, asker: Asker) -> None:
        asker.after = None
        self._waiting.pop(asker, None)
        self.house.wait(asker, IDLE_S)

    def _text(self, document: Document) -> bytes:
        now = self.house.now()
        if self._written is None or self._written[0] is not document or now - self._written[1] > DATED_S:
            self._written = document, now, _text(document)
        return self._written[2]

    def _remove(self, socket: Lean) -> None:
        self._waiting.pop(cast(Asker, socket), None)
        super()._remove(socket)


def _text(document: Document) -> bytes:
    head = b"%betag: %b\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n"
    body = document.body
    return head % (_date(), document.etag.encode(), len(body)) + body


def _date() -> bytes:
    return b"date: %b\r\n" % formatdate(usegmt=True).encode()
