"""WebSocket frames (RFC 6455): written without a mask, and read from clients, who have little to say."""

from codecs import getincrementaldecoder
from collections.abc import Iterator
from enum import IntEnum
from struct import Struct
from typing import Final

LONGEST_CONTROL = 125
UNHEARD_BYTES = 4_000_000

_utf8 = getincrementaldecoder("utf-8")
_LONG, _LONGEST = Struct(">BBH").pack, Struct(">BBQ").pack


class Op(IntEnum):
    MORE = 0
    TEXT = 1
    BINARY = 2
    CLOSE = 8
    PING = 9
    PONG = 10


_KNOWN: Final = frozenset(Op)


class Broken(Exception):
    """What a client sent is no WebSocket. `code` is to be told; 0 is for one to whom nothing more need be said."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


BAD_FRAME = 1002
BAD_TEXT = 1007
TOO_BIG = 1009


def frame(op: Op, payload: bytes, more: bytes = b"") -> bytes:
    """A whole message, as a server sends it."""
    size = len(payload) + len(more)
    if size < 126:
        return bytes((0x80 | op, size)) + payload + more
    head = _LONG(0x80 | op, 126, size) if size < 1 << 16 else _LONGEST(0x80 | op, 127, size)
    return b"".join((head, payload, more))


def close_frame(code: int) -> bytes:
    return frame(Op.CLOSE, code.to_bytes(2, "big"))


def check_close(payload: bytes) -> None:
    """Raises `Broken` unless it is what a close frame may hold: nothing, or a code and a text."""
    if not payload:
        return
    code = int.from_bytes(payload[:2], "big")
    if len(payload) == 1 or not (1000 <= code <= 1003 or 1007 <= code <= 1014 or 3000 <= code <= 4999):
        raise Broken(BAD_FRAME)
    _decode(payload[2:])


class Reader:
    """What has come of a message that is not whole yet. One that is not amid anything need not be kept."""

    __slots__ = ("_data", "_fragments", "_limit", "_message", "_op", "_text")

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._data = bytearray()
        self._message = bytearray()
        self._op: Op | None = None  # of the message whose fragments are coming
        self._fragments = 0

    @property
    def is_amid(self) -> bool:
        return bool(self._data) or self._op is not None

    def feed(self, data: bytes) -> Iterator[tuple[Op, bytes]]:
        """The messages and control frames that are whole now. Raises `Broken`, also before a message that is longer
        than the limit is there; after that it is of no more use."""
        self._data += data
        while (found := self._frame()) is not None:
            op, is_last, payload = found
            if op >= Op.CLOSE:
                yield op, payload
            elif (message := self._joined(op, is_last, payload)) is not None:
                yield message

    def _frame(self) -> tuple[Op, bool, bytes] | None:
        """The first frame, taken off when it is whole."""
        data = self._data
        if len(data) < 2:
            return None
        op, is_last, size, start = data[0] & 15, data[0] >= 128, data[1] & 127, 2
        self._check_head(op, is_last, size)
        if size >= 126:
            start = 4 if size == 126 else 10
            if len(data) < start:
                return None
            size = int.from_bytes(data[2:start], "big")
        if op < Op.CLOSE and size + len(self._message) > self._limit:
            raise Broken(TOO_BIG)
        end = start + 4 + size
        if len(data) < end:
            return None
        payload = _unmasked(data[start + 4 : end], data[start : start + 4])
        del data[:end]
        return Op(op), is_last, payload

    def _check_head(self, op: int, is_last: bool, size: int) -> None:
        first, second = self._data[:2]
        if first & 0x70 or op not in _KNOWN or not second & 0x80:
            raise Broken(BAD_FRAME)
        if op >= Op.CLOSE:
            if size > LONGEST_CONTROL or not is_last:
                raise Broken(BAD_FRAME)
        elif (op == Op.MORE) is (self._op is None):
            raise Broken(BAD_FRAME)

    def _joined(self, op: Op, is_last: bool, payload: bytes) -> tuple[Op, bytes] | None:
        """The message whose last fragment this is; text is looked at as it comes."""
        if self._op is None:
            self._op, self._fragments, self._text = op, 0, _utf8()
        self._fragments += 1
        if self._fragments > self._limit:  # those of nothing cost a client nothing
            raise Broken(0)
        if self._op is Op.TEXT:
            try:
                self._text.decode(payload, final=is_last)
            except UnicodeDecodeError:
                raise Broken(BAD_TEXT) from None
        self._message += payload
        if not is_last:
            return None
        whole, self._op = (self._op, bytes(self._message)), None
        self._message.clear()
        return whole


class Deaf(Reader):
    """Of one who broke the protocol: what still comes is thrown away, until it is more than could be on its way."""

    __slots__ = ()

    def __init__(self) -> None:
        super().__init__(UNHEARD_BYTES)

    @property
    def is_amid(self) -> bool:
        return True

    def feed(self, data: bytes) -> Iterator[tuple[Op, bytes]]:
        self._limit -= len(data)
        if self._limit < 0:
            raise Broken(0)
        return iter(())


def _decode(text: bytes) -> None:
    try:
        text.decode()
    except UnicodeDecodeError:
        raise Broken(BAD_TEXT) from None


def _unmasked(payload: bytearray, mask: bytearray) -> bytes:
    """As one large number: several times faster than byte by byte."""
    size = len(payload)
    masks = (mask * (size // 4 + 1))[:size]
    return (int.from_bytes(payload, "big") ^ int.from_bytes(masks, "big")).to_bytes(size, "big")
