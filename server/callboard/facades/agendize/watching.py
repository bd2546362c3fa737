"""A watch as the core keeps it, from what is sent and back; what only this vendor knows of it is in its `options`."""

from typing import Any

import msgspec
from msgspec import UNSET, Struct

from callboard.domain.directory import Directory, Unknown
from callboard.domain.identity import queue_number
from callboard.domain.receiver import Basic, Method, OAuth2
from callboard.domain.watch import Watch
from callboard.errors import Invalid, Mistake
from callboard.facades.agendize.kept import FACADE
from callboard.facades.agendize.schema import read_schema
from callboard.facades.agendize.translation import NEW
from callboard.facades.agendize.watch_models import (
    BasicAuth,
    Event,
    OAuth2Auth,
    ObjectOwner,
    SentWatch,
    Signature,
    Watcher,
)
from callboard.receiving import receiver_mistakes

MASKED = "********"
OBJECT_TYPE = "queue"  # guess: the published list of types has none for queues

# Where the core's words for what is wrong stand in what was sent.
FIELDS = {
    "headers": "httpRequestHeader",
    "oauth2.token_address": "oauth2Auth.accessTokenUrl",
    "oauth2.refresh_token": "oauth2Auth.refreshToken",
}


class Options(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`version` is that of the address at which it was made, and of what it is sent."""

    version: str = NEW
    schema: dict[str, Any] | str | None = None
    previous: bool = False
    level: str = "full"
    events: list[Event] | None = None
    auth_url: str = ""
    redirect_uri: str = ""
    signature: Signature | None = None


def options_of(watch: Watch) -> Options:
    """Those of a site file are written by hand; what cannot be read counts as nothing."""
    try:
        return msgspec.json.decode(watch.options or "{}", type=Options)
    except msgspec.DecodeError:
        return Options()


def watch_of(sent: SentWatch, organization: str, queue: str, version: str) -> Watch:
    """The watch to be kept. Raises Invalid with all that is wrong, in the sender's names."""
    if sent.schema:
        read_schema(sent.schema)
    watch = Watch(
        organization=organization,
        queue=queue,
        shape=FACADE,
        address=sent.address,
        name=sent.name or "",
        method=_method(sent.method or "POST"),
        enabled=sent.status != "disabled",
        headers=sent.http_request_header or {},
        basic=_basic(sent.basic_auth or None),
        oauth2=_oauth2(sent.oauth2_auth or None),
        signing_keys=_signing_keys(sent.signature or None),
        options=msgspec.json.encode(_options(sent, version)).decode(),
    )
    if mistakes := receiver_mistakes(watch, (FACADE,)):
        raise Invalid([Mistake(_field(each.where), each.what) for each in mistakes])
    return watch


def watcher(watch: Watch, directory: Directory) -> Watcher:
    """What is answered: secrets are masked."""
    options = options_of(watch)
    return Watcher(
        id=watch.id,
        address=watch.address,
        name=watch.name or UNSET,
        object_owner=ObjectOwner(type=OBJECT_TYPE, id=_number(watch.queue, directory)),
        basic_auth=BasicAuth(username=watch.basic.username, password=MASKED) if watch.basic else UNSET,
        http_request_header=dict(watch.headers),
        schema=options.schema or UNSET,
        add_previous_data=options.previous,
        level_details=options.level,
        method=watch.method,
        status="enabled" if watch.enabled else "disabled",
        events=options.events or UNSET,
        oauth2_auth=_shown_oauth2(watch.oauth2, options) if watch.oauth2 else UNSET,
        signature=options.signature or UNSET,
    )


def _method(word: str) -> Method:
    try:
        method: Method = msgspec.convert(word.upper(), Method)
    except msgspec.ValidationError:
        raise Invalid([Mistake("method", "must be POST, PUT, PATCH, GET or DELETE")]) from None
    return method


def _basic(sent: BasicAuth | None) -> Basic | None:
    if sent is None:
        return None
    if not sent.username:
        raise Invalid([Mistake("basicAuth.username", "is missing")])
    return Basic(username=sent.username, password=sent.password or "")


def _oauth2(sent: OAuth2Auth | None) -> OAuth2 | None:
    if sent is None:
        return None
    given = {"clientId": sent.client_id, "accessTokenUrl": sent.access_token_url}
    if missing := [Mistake(f"oauth2Auth.{name}", "is missing") for name, value in given.items() if not value]:
        raise Invalid(missing)
    return OAuth2(
        token_address=sent.access_token_url or "",
        client_id=sent.client_id or "",
        client_secret=sent.client_secret or "",
        grant=sent.grant_type or "refresh_token",
        refresh_token=sent.refresh_token or "",
        scope=sent.scope or "",
    )


def _signing_keys(sent: Signature | None) -> tuple[str, ...]:
    if sent is None or not sent.enabled:
        return ()
    ids = tuple(dict.fromkeys(sent.crypto_key_ids or sent.keys or ()))
    if not ids:
        raise Invalid([Mistake("signature.cryptoKeyIds", "is needed for a signature")])
    return ids


def _options(sent: SentWatch, version: str) -> Options:
    auth, signature = sent.oauth2_auth or None, sent.signature or None
    return Options(
        version=version,
        schema=sent.schema or None,
        previous=sent.add_previous_data in (True, "true"),
        level=sent.level_details or "full",
        events=sent.events or None,
        auth_url=(auth and auth.auth_url) or "",
        redirect_uri=(auth and auth.redirect_uri) or "",
        signature=signature
        and Signature(
            enabled=bool(signature.enabled), crypto_key_ids=list(signature.crypto_key_ids or signature.keys or ())
        ),
    )


def _shown_oauth2(oauth2: OAuth2, options: Options) -> OAuth2Auth:
    return OAuth2Auth(
        grant_type=oauth2.grant,
        client_id=oauth2.client_id,
        client_secret=MASKED if oauth2.client_secret else UNSET,
        refresh_token=MASKED if oauth2.refresh_token else UNSET,
        auth_url=options.auth_url or UNSET,
        access_token_url=oauth2.token_address,
        redirect_uri=options.redirect_uri or UNSET,
        scope=oauth2.scope or UNSET,
    )


def _number(queue: str, directory: Directory) -> str:
    """A queue that the site no longer has is known by nothing else than its id."""
    try:
        return str(queue_number(directory.queue(queue)[1]))
    except Unknown:
        return queue


def _field(where: str) -> str:
    if where.startswith("headers."):
        return f"httpRequestHeader.{where.removeprefix('headers.')}"
    return FIELDS.get(where, where)
