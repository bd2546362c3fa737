"""The pages that people open: which there are, and what each is given to show."""

from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import quote

import msgspec
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from callboard import auth
from callboard.api.addresses import addresses
from callboard.api.admin import allow_admin, overview
from callboard.api.desks import desks_of
from callboard.api.messages import messages_for
from callboard.api.page import Pages, language_of
from callboard.api.qr import qr_inline
from callboard.domain.directory import Unknown
from callboard.domain.model import Location
from callboard.domain.names import name_in
from callboard.errors import StoreAway
from callboard.services import Services, services_of

MESSAGES = 100

Page = Callable[[Request, Services, Pages], Awaitable[Response]]


def page_routes(pages: Pages) -> list[Route]:
    """One route a page."""
    table: dict[str, Page] = {
        "/": _home,
        "/display/{display}": _board,
        "/t/{token}": _phone,
        "/join/{location}": _join,
        "/kiosk/{location}": _kiosk,
        "/desk": _desk,
        "/signin": _signin,
        "/setup/{token}": _setup,
        "/messages": _messages,
        "/admin": _admin,
    }
    return [Route(path, _endpoint(page, pages), methods=["GET"]) for path, page in table.items()]


def _endpoint(page: Page, pages: Pages) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        response = await page(request, services_of(request), pages)
        response.headers["Referrer-Policy"] = "no-referrer"
        return response

    return endpoint


def error_page(pages: Pages) -> Callable[[Request, int, str, str], Response]:
    """What somebody sees who opens a page that cannot be shown: what it is about, and what to do."""
    kinds = {403: "forbidden", 404: "missing", 503: "away"}

    def show(request: Request, status: int, code: str, message: str) -> Response:
        kind = kinds.get(status, "other")
        return pages.answer(request, "trouble", pages.languages_of("trouble"), {"kind": kind}, status=status)

    return show


async def _home(request: Request, services: Services, pages: Pages) -> Response:
    """What there is to open. It bears the name of the organization if there is one alone."""
    lang = language_of(request, pages.languages_of("home"))
    names = [name_in(site.organization.name, lang, "en") for site in services.directory.sites]
    context = {"locations": _locations(services, lang), "organization": names[0] if len(names) == 1 else ""}
    return pages.answer(request, "home", pages.languages_of("home"), context, lang=lang)


async def _board(request: Request, services: Services, pages: Pages) -> Response:
    """In the language of the screen. A TV that starts while the store is away gets its page, and goes on trying."""
    location, display = services.directory.display(request.path_params["display"])
    lang = (display.languages or location.languages)[0]
    try:
        document = plain(await services.screens.board(display.id))
    except StoreAway:
        document = None
    context = {"display": display.id, "document": document}
    return pages.answer(request, "board", location.languages, context, lang=lang)


async def _phone(request: Request, services: Services, pages: Pages) -> Response:
    token = request.path_params["token"]
    location = services.directory.location_of_token(token)
    document = plain(await services.screens.phone(await services.reads.ticket_of_token(token)))
    qr = qr_inline(f"{services.settings.url}/t/{token}")
    told = plain(await addresses(services, token))
    context = {"token": token, "qr": qr, "document": document, "addresses": told}
    return pages.answer(request, "phone", location.languages, context)


async def _join(request: Request, services: Services, pages: Pages) -> Response:
    return await _arrival(request, services, pages, "join")


async def _kiosk(request: Request, services: Services, pages: Pages) -> Response:
    return await _arrival(request, services, pages, "kiosk")


async def _arrival(request: Request, services: Services, pages: Pages, name: str) -> Response:
    """Where a ticket can be taken. A location that keeps that to its staff has no such page."""
    location = services.directory.location(request.path_params["location"])
    if not location.public_join:
        raise Unknown("location", location.id)
    lang = language_of(request, location.languages)
    view = plain(await services.screens.location(location.id, lang))
    return pages.answer(request, name, location.languages, {"location": view}, lang=lang)


async def _desk(request: Request, services: Services, pages: Pages) -> Response:
    caller = await auth.session(request)
    if caller is None:
        return _to_signin(request)
    desk = request.query_params.get("desk")
    document = None
    if desk:
        auth.allow(caller, services.directory.desk(desk)[0].id, services.directory)
        document = plain(await services.screens.desk(desk))
    lang = language_of(request, pages.languages_of("desk"))
    desks = [plain(each) for each in await desks_of(services, caller, lang)]
    context = {"user": caller.name, "csrf": caller.csrf, "desks": desks, "document": document}
    context["message_texts"] = pages.texts("messages", lang)
    return pages.answer(request, "desk", pages.languages_of("desk"), context, lang=lang)


async def _messages(request: Request, services: Services, pages: Pages) -> Response:
    caller = await auth.session(request)
    if caller is None:
        return _to_signin(request)
    messages = [plain(each) for each in await messages_for(services, caller, MESSAGES)]
    context = {"user": caller.name, "csrf": caller.csrf, "messages": messages}
    return pages.answer(request, "messages", pages.languages_of("messages"), context)


async def _admin(request: Request, services: Services, pages: Pages) -> Response:
    caller = await auth.session(request)
    if caller is None:
        return _to_signin(request)
    allow_admin(caller)
    lang = language_of(request, pages.languages_of("admin"))
    context = {"overview": await overview(services, caller, lang)}
    return pages.answer(request, "admin", pages.languages_of("admin"), context, lang=lang)


async def _signin(request: Request, services: Services, pages: Pages) -> Response:
    after = own_address(request.query_params.get("next", ""))
    if await auth.session(request):
        return RedirectResponse(after, 303)
    return pages.answer(request, "signin", pages.languages_of("signin"), {"next": after})


async def _setup(request: Request, services: Services, pages: Pages) -> Response:
    token = request.path_params["token"]
    if not await services.accounts.is_setup_open(token):
        raise Unknown("token", "")
    return pages.answer(request, "setup", pages.languages_of("setup"), {"token": token})


def own_address(address: str) -> str:
    """Where to go after signing in: a path of ours, never another host."""
    is_own = address.startswith("/") and not address.startswith(("//", "/\\")) and address.isprintable()
    return address if is_own else "/desk"


def plain(value: Any) -> Any:
    """A document as templates read it."""
    return msgspec.to_builtins(value)


def _to_signin(request: Request) -> Response:
    asked = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return RedirectResponse(f"/signin?next={quote(asked)}", 303, {"Cache-Control": "no-store"})


def _locations(services: Services, lang: str) -> list[dict[str, Any]]:
    """What there is to open."""

    def shown(location: Location) -> dict[str, Any]:
        first = location.languages[0]
        displays = [{"id": each.id, "name": name_in(each.name, lang, first)} for each in location.displays]
        return {
            "id": location.id,
            "name": name_in(location.name, lang, first),
            "public_join": location.public_join,
            "displays": displays,
        }

    return [shown(location) for location in services.directory.locations]
