"""Other systems register to be told what happens, in our own words and signed: Standard Webhooks."""

from typing import Annotated

from msgspec import Meta, Struct
from msgspec.structs import replace

from callboard.api.admin import allow_admin_or_key
from callboard.api.operation import ROOT, Asked, Operation
from callboard.api.shapes import Asking, Name, Taking
from callboard.api.watches import Webhook, WebhookAnswer, Which, shown
from callboard.domain.directory import Unknown
from callboard.domain.events import Kind
from callboard.domain.typed import Id
from callboard.domain.watch import Watch
from callboard.errors import Invalid, Mistake
from callboard.http import Problem
from callboard.noticed import SHAPE, TOLD, options
from callboard.receiving import receiver_mistakes
from callboard.services import Services
from callboard.store.watches import MOST, Full

KEPT_MS = 24 * 3_600_000  # so long the key before signs too


class Register(Taking, frozen=True, kw_only=True):
    """Without `queue` it is told of the whole organization, without `kinds` of all that happens to a ticket."""

    address: Annotated[str, Meta(min_length=1, max_length=2000, description="http or https")]
    name: Name = ""
    queue: Id | None = None
    kinds: Annotated[tuple[Kind, ...], Meta(max_length=40)] = ()


class Named(Asking, frozen=True, kw_only=True):
    webhook: Annotated[str, Meta(min_length=1, max_length=64)]


class Registered(Struct, frozen=True, kw_only=True):
    """`secret` is told this once: what comes is signed with it."""

    webhook: Webhook
    secret: str


async def _register(asked: Asked[Register, None]) -> Registered:
    allow_admin_or_key(asked.caller)
    services, body, organization = asked.services, asked.body, asked.caller.organization
    if body.queue is not None:
        location, _ = services.directory.queue(body.queue)
        if services.directory.organization(location.id).id != organization:
            raise Unknown("queue", body.queue)
    watch = Watch(
        organization=organization,
        shape=SHAPE,
        address=body.address,
        name=body.name,
        queue=body.queue or "",
        options=options(tuple(dict.fromkeys(body.kinds))),
    )
    if mistakes := _mistakes(watch, body):
        raise Invalid(mistakes)
    key = await services.accounts.signing.make(f"webhook {body.name}".strip(), organization=organization)
    try:
        made = await services.watches.add(replace(watch, signing_keys=(key.id,)))
    except Full:
        await services.accounts.signing.revoke(key.id)
        raise Problem(409, "too_many_webhooks", f"An organization has at most {MOST} webhooks.") from None
    return Registered(webhook=await shown(services, made), secret=key.secret)


def _mistakes(watch: Watch, body: Register) -> list[Mistake]:
    never = [kind for kind in body.kinds if kind not in TOLD]
    untold = [Mistake("kinds", f"nobody is told of {', '.join(never)}")] if never else []
    return receiver_mistakes(watch, (SHAPE,)) + untold


async def _remove(asked: Asked[None, Named]) -> WebhookAnswer:
    allow_admin_or_key(asked.caller)
    services, watch = asked.services, await _own(asked.services, asked.caller.organization, asked.query.webhook)
    before = await shown(services, watch)
    if not await services.watches.remove(watch.organization, watch.id):
        raise Unknown("webhook", watch.id)
    for key in watch.signing_keys if watch.shape == SHAPE else ():
        await services.accounts.signing.revoke(key)
    return WebhookAnswer(before)


async def _rotate(asked: Asked[Which, None]) -> Registered:
    """The key before signs too for a day, so that nothing is missed while the receiver learns the new one."""
    allow_admin_or_key(asked.caller)
    services, watch = asked.services, await _own(asked.services, asked.caller.organization, asked.body.webhook)
    if watch.shape != SHAPE:
        raise Unknown("webhook", watch.id)
    signing, now = services.accounts.signing, services.clock()
    before = await signing.of(watch.organization, watch.signing_keys)
    key = await signing.make(f"webhook {watch.name}".strip(), organization=watch.organization)
    turned = replace(watch, signing_keys=(key.id, *(each.id for each in before)))
    if not await services.watches.replace(turned):
        await signing.revoke(key.id)
        raise Unknown("webhook", watch.id)
    for each in before:
        await signing.end(watch.organization, each.id, now + KEPT_MS)
    for gone in set(watch.signing_keys) - {each.id for each in before}:
        await signing.revoke(gone)
    return Registered(webhook=await shown(services, turned), secret=key.secret)


async def _own(services: Services, organization: str, id: str) -> Watch:
    """One that was registered, and not one of a site file. Raises Unknown."""
    if (watch := await services.watches.get(organization, id)) is None:
        raise Unknown("webhook", id)
    return watch


OPERATIONS = (
    Operation(
        name="register_webhook",
        method="POST",
        path="/webhooks",
        tag="webhooks",
        summary="A system is told from now on what happens to tickets: Standard Webhooks",
        do=_register,
        takes=Register,
        answers=Registered,
        status=201,
        finds=True,
        made_at=lambda made: f"{ROOT}/webhooks",
    ),
    Operation(
        name="remove_webhook",
        method="DELETE",
        path="/webhooks",
        tag="webhooks",
        summary="A system is told no more, and its secret is worth nothing",
        do=_remove,
        asks=Named,
        finds=True,
        answers=WebhookAnswer,
    ),
    Operation(
        name="rotate_webhook",
        method="POST",
        path="/webhooks/rotate",
        tag="webhooks",
        summary="A new secret; the one before signs beside it for a day",
        do=_rotate,
        takes=Which,
        answers=Registered,
        finds=True,
    ),
)
