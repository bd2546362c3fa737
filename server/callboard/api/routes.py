"""The table of everything that this server answers over HTTP, but the live addresses and signing in."""

from functools import cache
from pathlib import Path

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from callboard.api import (
    addresses,
    commands,
    desks,
    locations,
    messages,
    person,
    queues,
    registering,
    scanning,
    taking,
    tickets,
    waits,
    watches,
)
from callboard.api.openapi import document
from callboard.api.operation import ROOT, routes
from callboard.api.page import Pages
from callboard.api.pages import page_routes
from callboard.api.qr import qr_svg
from callboard.api.signing_in import SIGNING_IN
from callboard.api.static import Static
from callboard.api.stopping import stop_route
from callboard.auth import cookie_name
from callboard.services import services_of

OPERATIONS = (
    *locations.OPERATIONS,
    *waits.OPERATIONS,
    *taking.OPERATIONS,
    *person.OPERATIONS,
    *addresses.OPERATIONS,
    *scanning.OPERATIONS,
    *desks.OPERATIONS,
    *tickets.OPERATIONS,
    *commands.OPERATIONS,
    *queues.OPERATIONS,
    *messages.OPERATIONS,
    *watches.OPERATIONS,
    *registering.OPERATIONS,
)


def http_routes(root: Path, *, secure: bool) -> list[BaseRoute]:
    """The API, its description, QR codes, and the pages of `root` with their static files. `secure`: cookies go over
    TLS only."""
    pages = Pages(root, Static(root / "static"), secure=secure)
    return [
        *routes(OPERATIONS),
        Route(f"{ROOT}/openapi.json", _describe, methods=["GET"]),
        Route("/qr/{token}.svg", _qr, methods=["GET"]),
        pages.static.route,
        *page_routes(pages),
        stop_route(pages),
    ]


async def _describe(request: Request) -> Response:
    body = _description(cookie_name(services_of(request).settings))
    return Response(body, media_type="application/json", headers={"Cache-Control": "no-cache"})


@cache
def _description(session_cookie: str) -> bytes:
    return msgspec.json.encode(document([*SIGNING_IN, *OPERATIONS], session_cookie))


async def _qr(request: Request) -> Response:
    """Of a ticket page that there is; anybody who knows its token may draw it anyway."""
    services = services_of(request)
    token = request.path_params["token"]
    await services.reads.ticket_of_token(token)
    body = qr_svg(f"{services.settings.url}/t/{token}")
    return Response(body, media_type="image/svg+xml", headers={"Cache-Control": "private, max-age=86400"})
