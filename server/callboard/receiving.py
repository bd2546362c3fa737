"""What a receiver must fulfil beyond its types, in a site file or through an API: addresses, headers, its shape."""

import re
from collections.abc import Collection, Iterator, Mapping
from urllib.parse import SplitResult, urlsplit

from callboard.domain.receiver import OAuth2, Receiver
from callboard.errors import Mistake
from callboard.mistakes import did_you_mean

TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}")
VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]{0,4000}")
OURS = frozenset({"connection", "content-length", "expect", "host", "te", "trailer", "transfer-encoding", "upgrade"})
MOST_HEADERS = 30


def receiver_mistakes(receiver: Receiver, shapes: Collection[str]) -> list[Mistake]:
    """All mistakes of one; `shapes` are the names that there are."""
    return [Mistake(where, what) for where, what in _mistakes(receiver, shapes)]


def address_mistake(address: str) -> str | None:
    """What is wrong with an address that something is to be sent to. Whether it may be reached is seen when it is."""
    parts = _split(address)
    if parts is None or parts.scheme not in ("http", "https") or not parts.hostname:
        return "must be an address such as https://example.org/hook"
    if parts.username is not None or parts.password is not None:
        return "must not hold a name or a password; say them in 'basic'"
    if parts.fragment:
        return "must not have a part behind #, which is never sent"
    return None


def _split(address: str) -> SplitResult | None:
    if re.search(r"[\x00-\x20\x7f\\]", address):
        return None
    try:
        parts = urlsplit(address)
        return parts if parts.port != 0 else None
    except ValueError:  # no such port, half an IPv6 address
        return None


def _mistakes(receiver: Receiver, shapes: Collection[str]) -> Iterator[tuple[str, str]]:
    if receiver.shape not in shapes:
        near = did_you_mean(receiver.shape, shapes) or f"; there are {', '.join(sorted(shapes)) or 'none'}"
        yield "shape", f"no shape is called '{receiver.shape}'{near}"
    if what := address_mistake(receiver.address):
        yield "address", what
    yield from _headers(receiver.headers)
    if receiver.oauth2:
        yield from _oauth2(receiver.oauth2)


def _headers(headers: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    if len(headers) > MOST_HEADERS:
        yield "headers", f"must be at most {MOST_HEADERS}"
    for name, value in headers.items():
        if not TOKEN.fullmatch(name):
            yield "headers", f"'{name[:40]}' is not the name of a header"
        elif name.lower() in OURS:
            yield f"headers.{name}", "is not for others to say"
        elif not VALUE.fullmatch(value):
            yield f"headers.{name}", "must be one line of at most 4000 Latin characters"


def _oauth2(oauth2: OAuth2) -> Iterator[tuple[str, str]]:
    if what := address_mistake(oauth2.token_address):
        yield "oauth2.token_address", what
    if oauth2.grant == "refresh_token" and not oauth2.refresh_token:
        yield "oauth2.refresh_token", "is needed for the grant refresh_token"
