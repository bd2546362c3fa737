"""The table of everything that this server answers over HTTP, but the live addresses and signing in."""

from collections.abc import Awaitable, Callable

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from callboard.api import commands, desks, locations, messages, person, queues, taking, tickets
from callboard.api.openapi import document
from callboard.api.operation import ROOT, routes
from callboard.api.page import Pages
from callboard.api.pages import page_routes
from callboard.api.qr import qr_svg
from callboard.auth import cookie_name
from callboard.services import services_of
from callboard.settings import Settings

OPERATIONS = (
    *locations.OPERATIONS,
    *taking.OPERATIONS,
    *person.OPERATIONS,
    *desks.OPERATIONS,
    *tickets.OPERATIONS,
    *commands.OPERATIONS,
    *queues.OPERATIONS,
    *messages.OPERATIONS,
)


def http_routes(pages: Pages, settings: Settings) -> list[BaseRoute]:
    """The API, its description, QR codes, the pages and their static files."""
    return [
        *routes(OPERATIONS),
        Route(f"{ROOT}/openapi.json", _description(cookie_name(settings)), methods=["GET"]),
        Route("/qr/{token}.svg", _qr, methods=["GET"]),
        pages.static.route,
        *page_routes(pages),
    ]


def _description(session_cookie: str) -> Callable[[Request], Awaitable[Response]]:
    body = msgspec.json.encode(document(OPERATIONS, session_cookie))

    async def describe(request: Request) -> Response:
        return Response(body, media_type="application/json", headers={"Cache-Control": "no-cache"})

    return describe


async def _qr(request: Request) -> Response:
    """Of a ticket page that there is; anybody who knows its token may draw it anyway."""
    services = services_of(request)
    token = request.path_params["token"]
    await services.reads.ticket_of_token(token)
    body = qr_svg(f"{services.settings.url}/t/{token}")
    return Response(body, media_type="image/svg+xml", headers={"Cache-Control": "private, max-age=86400"})
