"""Where messages of one's own ticket go: to browsers as notifications, and to a number and an address, shown masked."""

import hashlib
from collections.abc import Mapping
from typing import Annotated, Any
from urllib.parse import urlsplit

from msgspec import Meta, Struct

from callboard.api.operation import Asked, Operation, words
from callboard.api.shapes import Taking
from callboard.contact import masked
from callboard.domain.directory import Unknown
from callboard.domain.model import Subscription
from callboard.errors import Invalid, Mistake
from callboard.http import Problem
from callboard.p256 import is_point, read, written
from callboard.services import Services

AUTH_BYTES = 16

Endpoint = Annotated[str, Meta(max_length=1000, description="https address of the browser's push service")]
Key = Annotated[str, Meta(max_length=100, description="in base64 for addresses")]


class Addresses(Struct, frozen=True, kw_only=True):
    """`push_key` is what a browser subscribes with; empty where there are no notifications. `push` are the browsers
    that show them, each by the first 22 characters of its endpoint's SHA-256 in base64 for addresses."""

    push_key: str
    push: list[str]
    phone: str
    email: str


class Subscribe(Taking, frozen=True, kw_only=True):
    """What a browser's `PushSubscription` says."""

    endpoint: Endpoint
    p256dh: Key
    auth: Key


class Unsubscribe(Taking, frozen=True, kw_only=True):
    endpoint: Endpoint


async def addresses(services: Services, token: str) -> Addresses:
    """Raises Unknown."""
    person = await services.reads.person(await services.reads.ticket_of_token(token))
    if person is None:
        raise Unknown("token", "")
    return Addresses(
        push_key=await services.push_key() if services.push_key else "",
        push=[each.id for each in person.pushes],
        phone=masked(person.phone),
        email=masked(person.email),
    )


def subscription_mistakes(given: Mapping[str, Any]) -> list[Mistake]:
    """What is wrong with what a browser said, by field. What is no text is not looked at."""
    endpoint, p256dh, auth = (given.get(name) for name in ("endpoint", "p256dh", "auth"))
    mistakes = []
    if isinstance(endpoint, str) and not _is_address(endpoint):
        mistakes.append(Mistake("endpoint", "must be an https address such as https://push.example.org/abc"))
    if isinstance(p256dh, str) and not is_point(_bytes(p256dh)):
        mistakes.append(Mistake("p256dh", "must be a public key on P-256, 65 bytes in base64 for addresses"))
    if isinstance(auth, str) and len(_bytes(auth)) != AUTH_BYTES:
        mistakes.append(Mistake("auth", f"must be {AUTH_BYTES} bytes in base64 for addresses"))
    return mistakes


def browser_id(endpoint: str) -> str:
    return written(hashlib.sha256(endpoint.encode()).digest())[:22]


def _is_address(text: str) -> bool:
    """Where it leads is looked at when it is spoken to."""
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        return False
    is_plain = text.isascii() and text.isprintable() and " " not in text and "@" not in parts.netloc
    return parts.scheme == "https" and bool(parts.hostname) and port != 0 and is_plain and not parts.fragment


def _bytes(text: str) -> bytes:
    """Empty for what is not written so."""
    try:
        return read(text)
    except ValueError:
        return b""


async def _addresses(asked: Asked[None, None]) -> Addresses:
    return await addresses(asked.services, asked.ids["token"])


async def _subscribe(asked: Asked[Subscribe, None]) -> Addresses:
    services, body, token = asked.services, asked.body, asked.ids["token"]
    ticket = await services.reads.ticket_of_token(token)
    if services.push_key is None:
        raise Problem(404, "not_found", "There are no notifications here.")
    if mistakes := subscription_mistakes({"endpoint": body.endpoint, "p256dh": body.p256dh, "auth": body.auth}):
        raise Invalid(mistakes)
    push = Subscription(id=browser_id(body.endpoint), endpoint=body.endpoint, p256dh=body.p256dh, auth=body.auth)
    await services.store.subscribe(ticket, push, once=asked.once)
    return await addresses(services, token)


async def _unsubscribe(asked: Asked[Unsubscribe, None]) -> Addresses:
    services, token = asked.services, asked.ids["token"]
    ticket = await services.reads.ticket_of_token(token)
    await services.store.unsubscribe(ticket, browser_id(asked.body.endpoint), once=asked.once)
    return await addresses(services, token)


OPERATIONS = (
    Operation(
        name="my_addresses",
        method="GET",
        path="/t/{token}/contact",
        tag="visitors",
        summary="Where messages go, as much of it as its owner knows it by",
        do=_addresses,
        answers=Addresses,
        open=True,
        limit="own",
    ),
    Operation(
        name="my_subscribe",
        method="POST",
        path="/t/{token}/subscribe",
        tag="visitors",
        summary="Messages go to this browser as notifications; texts only where that fails",
        do=_subscribe,
        answers=Addresses,
        takes=Subscribe,
        refuses=words("ticket_closed"),
        once=True,
        open=True,
        limit="own",
        more_mistakes=lambda services, ids, given: subscription_mistakes(given),
    ),
    Operation(
        name="my_unsubscribe",
        method="POST",
        path="/t/{token}/unsubscribe",
        tag="visitors",
        summary="This browser shows no notifications of the ticket any more",
        do=_unsubscribe,
        answers=Addresses,
        takes=Unsubscribe,
        once=True,
        open=True,
        limit="own",
    ),
)
