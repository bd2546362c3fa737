"""A WebSocket handshake as every client writes it: found in what came, and shown to uvicorn without the library."""

import re
from collections.abc import Iterator, Sequence

from websockets.datastructures import Headers
from websockets.http11 import Request

Pairs = Sequence[tuple[bytes, bytes]]
UPGRADES = {b"upgrade", b"keep-alive, upgrade"}
KEY = re.compile(rb"[A-Za-z0-9+/]{21}[AQgw]==")  # of sixteen bytes


class Accepting:
    """In the library's place while uvicorn asks it for its answer to a plain handshake: itself."""

    status_code = 101

    def accept(self, request: Request) -> "Accepting":
        return self


ACCEPTING = Accepting()


class Plain:
    """What uvicorn looks at in a plain handshake; its headers also."""

    def __init__(self, path: str, headers: Pairs) -> None:
        self.path = path
        self._pairs = headers

    @property
    def headers(self) -> "Plain":  # no loop, which would wait for the garbage collector
        return self

    def raw_items(self) -> Iterator[tuple[str, str]]:
        return ((name.decode("latin-1"), value.decode("latin-1")) for name, value in self._pairs)

    def get_all(self, name: str) -> tuple[str, ...]:
        """Of subprotocols, which a plain one has none of."""
        return ()


def key_of(headers: Pairs) -> str | None:
    """The key of a handshake as every client writes it, of one without a body. None for any other, which is the
    library's to judge."""
    said = dict(headers)
    key = said.get(b"sec-websocket-key", b"")
    plain = (
        len(said) == len(headers)
        and said.get(b"upgrade", b"").lower() == b"websocket"
        and said.get(b"connection", b"").lower() in UPGRADES
        and said.get(b"sec-websocket-version") == b"13"
        and KEY.fullmatch(key)
        and b"sec-websocket-protocol" not in said
    )
    return key.decode() if plain else None


def headers_of(pairs: Pairs) -> Headers:
    """As the library has them."""
    headers = Headers()
    for name, value in pairs:
        headers[name.decode("latin-1")] = value.decode("latin-1")
    return headers
