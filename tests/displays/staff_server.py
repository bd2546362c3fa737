"""A branch for page tests: sample tickets and desks, the pages of staff and customers, and server-sent events."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import segno
from playwright.async_api import Browser, Locator, expect
from playwright.async_api import Page as Tab
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from displays.server import Lobby, Page, serve

TOKEN = "Zm9vYmFyYmF6cXV4MTIzNA"
NOW = 1_763_643_900_000  # 20 November 2025, 14:05 in Stockholm
MINUTE = 60_000

PHASES: dict[str, dict[str, Any]] = {
    "far": {},
    "near": {"phase": "near", "ahead": 2, "wait": {"low": 4, "high": 7}},
    "next": {"phase": "next", "ahead": 0, "wait": {"low": 0, "high": 1}},
    "called": {"phase": "called", "state": "called", "desk": "Desk 3", "call": 41, "called_at": NOW, "can": ["cancel"]},
    "serving": {"phase": "serving", "state": "serving", "desk": "Desk 3", "call": 41, "can": []},
    "held": {"phase": "held", "state": "held", "can": ["cancel"]},
    "done": {"phase": "done", "state": "done", "can": [], "close_reason": "served"},
    "missed": {
        "phase": "missed",
        "state": "no_show",
        "can": ["rejoin"],
        "close_reason": "no_show",
        "rejoin_until": NOW + 15 * MINUTE,
    },
    "cancelled": {"phase": "cancelled", "state": "cancelled", "can": [], "close_reason": "customer"},
    "booked": {"phase": "booked", "state": "booked", "slot_at": NOW + 25 * MINUTE, "can": ["check_in", "cancel"]},
}


def phone(phase: str = "far", seq: int = 7, **changes: Any) -> dict[str, Any]:
    """A ticket's document in one phase."""
    waits = phase in ("far", "near", "next")
    document = {
        "type": "ticket",
        "seq": seq,
        "epoch": "e1",
        "at": NOW,
        "label": "A017",
        "state": "waiting",
        "phase": "far",
        "location": "Hilltop Clinic",
        "queue": "Blood tests",
        "ahead": 7 if waits else None,
        "wait": {"low": 8, "high": 14} if waits else None,
        "desk": "",
        "kind": "desk",
        "call": 0,
        "called_at": None,
        "slot_at": None,
        "last_called": "A009" if waits else "",
        "rejoin_until": None,
        "can": ["cancel", "postpone"],
        "close_reason": "",
        "time_zone": "Europe/Stockholm",
    }
    return document | PHASES[phase] | changes


def phone_page(lang: str = "en") -> Page:
    qr = segno.make(f"https://example.org/t/{TOKEN}").svg_inline(omitsize=True, border=0)
    return Page("phone.html", "phone", {"token": TOKEN, "qr": qr}, f"ticket/{TOKEN}", lang)


COLOURS = {"blood": "#b0413e", "doctor": "#1f5f8b", "desk": "#5b7f2b"}
NAMES = {"blood": "Blood tests", "doctor": "Doctor", "desk": "Information"}


def ticket(label: str, queue: str = "blood", state: str = "waiting", **changes: Any) -> dict[str, Any]:
    """A ticket as staff see it; `id` is made from its label."""
    return {
        "id": f"t-{label.lower()}",
        "label": label,
        "state": state,
        "queue": queue,
        "queue_name": NAMES[queue],
        "colour": COLOURS[queue],
        "name": "",
        "priority": "",
        "joined_at": NOW - 12 * MINUTE,
        "called_at": None,
        "started_at": None,
        "slot_at": None,
        "calls": 0,
        "retry_count": 0,
        "held_by": "",
        "locale": "en",
    } | changes


def queue(ident: str, tag: str, waiting: int, **changes: Any) -> dict[str, Any]:
    return {
        "id": ident,
        "tag": tag,
        "name": NAMES[ident],
        "colour": COLOURS[ident],
        "open": True,
        "waiting": waiting,
        "wait": {"low": 4, "high": 9},
        "served_here": ident != "desk",
    } | changes


def desk(seq: int = 7, **changes: Any) -> dict[str, Any]:
    """A desk's document: open, nobody there, three waiting."""
    return {
        "type": "desk",
        "seq": seq,
        "epoch": "e1",
        "at": NOW,
        "desk": "desk-3",
        "name": "Desk 3",
        "tag_name": "3",
        "location": "Hilltop Clinic",
        "open": True,
        "staff": "maria",
        "current": None,
        "held": [],
        "waiting": [
            ticket("A018"),
            ticket("B004", "doctor", joined_at=NOW - 9 * MINUTE, slot_at=NOW - 5 * MINUTE),
            ticket("A019", joined_at=NOW - 4 * MINUTE),
        ],
        "booked": [],
        "recent": [],
        "queues": [queue("blood", "A", 2), queue("doctor", "B", 1), queue("desk", "C", 5)],
        "undo": None,
    } | changes


def called(**changes: Any) -> dict[str, Any]:
    return ticket("A017", state="called", called_at=NOW - 42_000, calls=1, name="Nour Haddad", **changes)


def desk_page(user: str = "maria", lang: str = "en") -> Page:
    desks = [
        {"id": f"desk-{n}", "tag": str(n), "name": f"Desk {n}", "kind": "desk", "location": "hilltop",
         "location_name": "Hilltop Clinic", "open": n != 2, "staff": {1: "omar", 3: "maria"}.get(n, "")}
        for n in (1, 2, 3)
    ]  # fmt: skip
    return Page("desk.html", "desk", {"user": user, "csrf": "csrf-1", "desks": desks}, "", lang)


def message(ident: str, state: str = "sent", **changes: Any) -> dict[str, Any]:
    """One line of the outbox."""
    return {
        "id": ident,
        "at": NOW - MINUTE,
        "medium": "sms",
        "kind": "your_turn",
        "location": "hilltop",
        "ticket": "t-a017",
        "ticket_label": "A017",
        "recipient": "+46701740605",
        "subject": "",
        "text": "Hilltop Clinic: A017, it is your turn. Please go to Desk 3.",
        "state": state,
        "detail": "",
    } | changes


PLACES = [
    {
        "id": "hilltop",
        "name": "Hilltop Clinic",
        "public_join": True,
        "displays": [{"id": "lobby", "name": "Lobby"}, {"id": "corridor", "name": "Corridor"}],
    }
]


def plain_pages(lang: str = "en") -> dict[str, Page]:
    """The pages that have no live document."""
    messages = [
        message("m3", kind="almost_your_turn", medium="mail", recipient="nour@example.org", subject="A017: almost"),
        message("m2", "failed", at=NOW - 3 * MINUTE, detail="21614: not a mobile number"),
        message("m1", "shown", at=NOW - 5 * MINUTE, kind="taken"),
    ]
    return {
        "/": Page("home.html", "home", {"locations": PLACES, "organization": "Hilltop Health"}, "", lang),
        "/signin": Page("signin.html", "signin", {"next": "/desk?desk=desk-3"}, "", lang),
        "/setup/abc": Page("setup.html", "setup", {"token": "abc"}, "", lang),
        "/messages": Page("messages.html", "messages", {"messages": messages}, "", lang),
        "/missing": Page("trouble.html", "trouble", {"kind": "missing"}, "", lang),
        "/away": Page("trouble.html", "trouble", {"kind": "away"}, "", lang),
    }


class Branch(Lobby):
    """The lobby's server, where the third way to listen is open too: `streams_open`, counted as "stream <channel>"."""

    streams_open = True

    async def _live_poll(self, request: Request) -> Response:
        channel = request.path_params["channel"]
        if "text/event-stream" not in request.headers.get("accept", ""):
            return await super()._live_poll(request)
        if not self.streams_open:
            return JSONResponse({"error": {"code": "failed", "message": ""}}, 500)
        self.connections.append(f"stream {channel}")
        return StreamingResponse(self._stream(channel), media_type="text/event-stream")

    async def _stream(self, channel: str) -> AsyncIterator[str]:
        sent: dict[str, Any] | None = None
        while True:
            document = self.documents.get(channel)
            if document is not None and document is not sent and not self.silent:
                sent = document
                yield f"event: document\nid: {document['epoch']}.{document['seq']}\ndata: {json.dumps(document)}\n\n"
            async with self._changed:
                try:
                    async with asyncio.timeout(self.beat_s):
                        await self._changed.wait()
                except TimeoutError:
                    if not self.silent:
                        yield f"event: beat\ndata: {json.dumps(self.beat())}\n\n"


@dataclass
class Visit:
    """A page in the browser, the server behind it, and what went wrong in it."""

    tab: Tab
    lobby: Branch
    errors: list[str] = field(default_factory=list)

    def at(self, selector: str) -> Locator:
        return self.tab.locator(selector)

    async def says(self, selector: str, words: str) -> None:
        await expect(self.at(selector)).to_have_text(words)


@asynccontextmanager
async def branch(pages: Mapping[str, Page], documents: Mapping[str, Any] | None = None) -> AsyncIterator[Branch]:
    """The server with these pages, and these newest documents by channel."""
    async with serve(pages, kind=Branch) as lobby:
        assert isinstance(lobby, Branch)
        lobby.beat = lambda: {"type": "beat", "seq": 0, "epoch": "e1", "at": NOW}
        lobby.documents |= documents or {}
        yield lobby


@asynccontextmanager
async def visit(
    chromium: Browser, lobby: Branch, path: str, *, script: str = "", time: bool = False, **context: Any
) -> AsyncIterator[Visit]:
    """Open a page. Afterwards nothing may have been thrown in it or refused by its content security policy.

    `time`: the page's clock is the test's, and starts at NOW."""
    options = {"viewport": {"width": 390, "height": 844}, "timezone_id": "Europe/Stockholm"} | context
    browser = await chromium.new_context(**options)
    tab = await browser.new_page()
    found = Visit(tab, lobby)
    tab.on("pageerror", lambda error: found.errors.append(str(error)))
    if script:
        await tab.add_init_script(script)
    if time:
        await tab.clock.install(time=NOW / 1000)
    try:
        await tab.goto(lobby.url + path)
        yield found
        assert found.errors == []
        assert lobby.violations == []
    finally:
        await browser.close()
