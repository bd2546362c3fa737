"""Other systems that are told what happens: how each watch fares, and what came of what was sent."""

from typing import Annotated
from urllib.parse import urlsplit, urlunsplit

from msgspec import Meta, Struct
from msgspec.structs import replace

from callboard.api.messages import SentAgain, dead
from callboard.api.operation import Asked, Operation
from callboard.api.shapes import Asking, Taking
from callboard.auth import Caller
from callboard.domain.directory import Unknown
from callboard.domain.watch import Watch, by_queue
from callboard.services import Services
from callboard.store.records import RECORDS
from callboard.store.watches import Fares


class Newest(Asking, frozen=True, kw_only=True):
    first: Annotated[int, Meta(ge=1, le=200)] = 50


class Which(Taking, frozen=True, kw_only=True):
    webhook: Annotated[str, Meta(min_length=1, max_length=64)]


class Webhook(Struct, frozen=True, kw_only=True):
    """A watch, without what it is known by at the receiver. Moments are ms since 1970."""

    id: str
    name: str
    queue: str  # id; empty: all of the organization
    shape: str
    address: str  # without what stands behind a question mark
    method: str
    signing_keys: list[str]
    in_site_file: bool
    enabled: bool
    detail: str  # what came of the last attempt
    delivered_at: int | None
    failed_at: int | None
    failing_since: int | None
    disabled_at: int | None


class Notice(Struct, frozen=True, kw_only=True):
    """What came of one delivery: `sent`, `skipped`, `expired` or `failed`."""

    id: str
    webhook: str
    at: int
    kind: str
    location: str
    ticket: str
    ticket_label: str
    state: str
    detail: str
    dead: bool  # it did not get through, and may be sent again


class WhichNotice(Taking, frozen=True, kw_only=True):
    """As it stands among the deliveries."""

    webhook: Annotated[str, Meta(min_length=1, max_length=64)]
    delivery: Annotated[str, Meta(min_length=1, max_length=64)]


class Webhooks(Struct, frozen=True):
    webhooks: list[Webhook]
    deliveries: list[Notice]  # newest first


class WebhookAnswer(Struct, frozen=True):
    webhook: Webhook


async def watches_for(services: Services, caller: Caller) -> dict[str, Watch]:
    """All of the caller's organization, those of its site files too, by id."""
    stored = await services.watches.all(caller.organization)
    found = {id: watch for id, watch in stored.items() if not watch.fixed}
    for location in services.directory.locations_of(caller.organization):
        for watches in by_queue(caller.organization, location, stored).values():
            found |= {watch.id: watch for watch in watches}
    return dict(sorted(found.items(), key=lambda each: (each[1].created_at, each[0])))


async def _webhooks(asked: Asked[None, Newest]) -> Webhooks:
    services, caller = asked.services, asked.caller
    fares = await services.watches.fares(caller.organization)
    watches = await watches_for(services, caller)
    return Webhooks(
        [_webhook(watch, fares.get(watch.id, Fares())) for watch in watches.values()],
        await _deliveries(services, caller, asked.query.first),
    )


async def _enable(asked: Asked[Which, None]) -> WebhookAnswer:
    services = asked.services
    watch = (await watches_for(services, asked.caller)).get(asked.body.webhook)
    if watch is None:
        raise Unknown("webhook", asked.body.webhook)
    watch = replace(watch, enabled=True)
    if not await services.watches.replace(watch):
        raise Unknown("webhook", watch.id)
    return WebhookAnswer(await shown(services, watch))


async def shown(services: Services, watch: Watch) -> Webhook:
    """With how it fares."""
    return _webhook(watch, (await services.watches.fares(watch.organization)).get(watch.id, Fares()))


async def _notice_again(asked: Asked[WhichNotice, None]) -> SentAgain:
    """By its id alone: asked twice, it is sent once."""
    services = asked.services
    own = [location.id for location in services.directory.locations_of(asked.caller.organization)]
    found = await services.notices.recent(own, RECORDS)
    id = await services.notice_again(dead(found, f"{asked.body.webhook}:{asked.body.delivery}", "delivery"))
    return SentAgain(id.partition(":")[2])


async def _deliveries(services: Services, caller: Caller, first: int) -> list[Notice]:
    own = [location.id for location in services.directory.locations_of(caller.organization)]
    return [
        Notice(
            id=record.id.partition(":")[2],
            webhook=record.id.partition(":")[0],
            at=record.at,
            kind=record.kind,
            location=record.location,
            ticket=record.ticket,
            ticket_label=record.ticket_label,
            state=record.state,
            detail=record.detail,
            dead=bool(record.again),
        )
        for record in await services.notices.recent(own, first)
    ]


def _webhook(watch: Watch, fares: Fares) -> Webhook:
    return Webhook(
        id=watch.id,
        name=watch.name,
        queue=watch.queue,
        shape=watch.shape,
        address=urlunsplit(urlsplit(watch.address)._replace(query="")),
        method=watch.method,
        signing_keys=list(watch.signing_keys),
        in_site_file=watch.fixed,
        enabled=watch.enabled,
        detail=fares.detail,
        delivered_at=fares.delivered_at,
        failed_at=fares.failed_at,
        failing_since=fares.failing_since,
        disabled_at=None if watch.enabled else fares.disabled_at,
    )


OPERATIONS = (
    Operation(
        name="webhooks",
        method="GET",
        path="/webhooks",
        tag="webhooks",
        summary="The systems that are told what happens, and the newest deliveries to them",
        do=_webhooks,
        asks=Newest,
        answers=Webhooks,
    ),
    Operation(
        name="enable_webhook",
        method="POST",
        path="/webhooks/enable",
        tag="webhooks",
        summary="A system that wanted no more is told again from now on",
        do=_enable,
        takes=Which,
        answers=WebhookAnswer,
        finds=True,
    ),
    Operation(
        name="notice_again",
        method="POST",
        path="/webhooks/send_again",
        tag="webhooks",
        summary="What a system did not take is sent again, with the id that it knows it by",
        do=_notice_again,
        takes=WhichNotice,
        answers=SentAgain,
        finds=True,
    ),
)
