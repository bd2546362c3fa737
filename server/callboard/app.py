"""The application: every route, what stands before them, and what exceptions become."""

import asyncio
import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from ipaddress import ip_address

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from callboard import auth, http
from callboard.api import session
from callboard.api.page import Pages
from callboard.api.pages import error_page
from callboard.api.permits import listening_routes
from callboard.api.routes import http_routes
from callboard.api.static import Static
from callboard.api.waits import scores
from callboard.assets import DISPLAYS
from callboard.errors import StoreAway
from callboard.facades import FACES, LIVE
from callboard.foreign import routes as foreign
from callboard.guard import BODY_S, Bodies, Protected, Shielded
from callboard.lines import Lines
from callboard.metrics import waits_text
from callboard.observe import Observed, patterns
from callboard.proxies import Proxied
from callboard.services import Services, address, services_of
from callboard.texting import routes as texting

PING_S = 2.0


def create_app(services: Services, *, body_s: float = BODY_S, random: Callable[[int], bytes] = os.urandom) -> Starlette:
    """The application on what was built for it; it starts and stops none of that."""
    settings = services.settings
    secure = auth.is_https(settings)
    lines = Lines(fanout=services.fanout, public_url=settings.public_url)
    routes = [
        *listening_routes(lines),  # first, since everybody who comes back after a restart comes by them at once
        *(route for live in LIVE for route in live(lines)),
        *(route for face in FACES for route in foreign.routes(face)),  # all others pass them by in one look
        *HEALTH,
        *session.ROUTES,
        *http_routes(DISPLAYS, secure=secure),
        *texting.ROUTES,
    ]
    app = Starlette(
        routes=routes, exception_handlers=http.HANDLERS, middleware=_middleware(services, routes, body_s, random)
    )
    app.router.redirect_slashes = False  # an address that is nearly right is wrong
    app.state.services = services
    app.state.error_page = error_page(Pages(DISPLAYS, Static(DISPLAYS / "static"), secure=secure))
    return app


def _middleware(
    services: Services, routes: list[BaseRoute], body_s: float, random: Callable[[int], bytes]
) -> list[Middleware]:
    """The first is outermost."""
    settings = services.settings
    endpoints: Mapping[int, str] = dict(patterns(routes))
    return [
        Middleware(Observed, services.metrics, endpoints, random),
        Middleware(Protected, settings.public_url),
        Middleware(Proxied, settings.trusted_proxies),
        Middleware(Shielded),
        Middleware(Bodies, settings.body_limit_bytes, body_s, foreign.fault_below(FACES)),
    ]


async def _healthz(request: Request) -> Response:
    """The process answers."""
    return http.answer({"alive": True})


async def _readyz(request: Request) -> Response:
    """So does the store, and takes writes; 503 says why not. What it has lost since this process began is said too."""
    services = services_of(request)
    why = services.problem()
    try:
        async with asyncio.timeout(PING_S):
            await services.store.connection.ping()
    except (StoreAway, TimeoutError) as error:
        why = why or str(error) or "the store does not answer in time"
    if why:
        return http.problem(503, "not_ready", why, headers={"Retry-After": "1"})
    lost = services.store.connection.marks.lost
    return http.answer({"ready": True} | ({"lost_transitions": lost} if lost else {}))


async def _metrics(request: Request) -> Response:
    """For this machine, or with a key."""
    if not _is_local(request):
        await auth.staff(request)
    services = services_of(request)
    body, media_type = services.metrics.text()
    with suppress(StoreAway, TimeoutError):  # then they are left out
        async with asyncio.timeout(PING_S):
            body += waits_text(await scores(services))
    return Response(body, headers={"Cache-Control": "no-store", "Content-Type": media_type})


def _is_local(request: Request) -> bool:
    """A proxy on this machine is no reason to tell everybody behind it."""
    if {"forwarded", "x-forwarded-for", "x-real-ip", "via"} & {*request.headers.keys()}:
        return False
    try:
        return ip_address(address(request)).is_loopback
    except ValueError:
        return False


HEALTH = [
    Route("/healthz", _healthz, methods=["GET"]),
    Route("/readyz", _readyz, methods=["GET"]),
    Route("/metrics", _metrics, methods=["GET"]),
]
