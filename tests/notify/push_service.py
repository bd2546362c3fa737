"""A push service on loopback and browsers at it: it checks what a push service checks, keeps and replaces messages as
one does (RFC 8030, 8292), and misbehaves when told to. Browsers read by another implementation than ours (RFC 8291)."""

import asyncio
import json
import os
import re
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import http_ece
import jwt
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric import ec

from callboard.domain.model import Subscription
from callboard.p256 import CURVE, point, read, written

TOPIC = re.compile(r"[A-Za-z0-9_-]{1,32}")


@dataclass(frozen=True)
class Answer:
    """How one request is met; it may hang first, or be taken and the answer lost."""

    status: int = 201
    headers: Mapping[str, str] = field(default_factory=dict)
    hang: bool = False
    lose: bool = False


@dataclass(frozen=True)
class Got:
    browser: str
    headers: Mapping[str, str]
    said: dict[str, Any]  # as the browser read it
    status: int


class Browser:
    """One that has subscribed. `screen` is what it would show, by tag."""

    def __init__(self, name: str, base: str, key: str) -> None:
        self.name = name
        self.key = key
        self._private = ec.generate_private_key(CURVE)
        self._auth = os.urandom(16)
        self.subscription = Subscription(
            id=name,
            endpoint=f"{base}/push/{name}",
            p256dh=written(point(self._private.public_key())),
            auth=written(self._auth),
        )

    def read(self, body: bytes) -> dict[str, Any]:
        content = http_ece.decrypt(body, private_key=self._private, auth_secret=self._auth, version="aes128gcm")
        return dict(json.loads(content))


class PushService:
    """`answers` say what the next requests for a browser meet, `always` what all of them do. `key` is the application
    server that the browsers have subscribed to."""

    def __init__(self, key: str) -> None:
        self.key = key
        self.got: list[Got] = []
        self.kept: dict[str, dict[str, dict[str, Any]]] = defaultdict(dict)  # by browser and topic, if it were offline
        self.answers: dict[str, deque[Answer]] = defaultdict(deque)
        self.always: dict[str, Answer] = {}
        self.browsers: dict[str, Browser] = {}
        self.free = asyncio.Event()
        self.base = ""

    def browser(self, name: str = "phone") -> Browser:
        made = self.browsers[name] = Browser(name, self.base, self.key)
        return made

    def taken(self, name: str = "phone") -> list[dict[str, Any]]:
        """What a browser was told."""
        return [got.said for got in self.got if got.browser == name and got.status == 201]

    @asynccontextmanager
    async def serve(self) -> AsyncIterator["PushService"]:
        app = web.Application()
        app.router.add_route("POST", "/push/{name}", self._take)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        self.base = f"http://127.0.0.1:{runner.addresses[0][1]}"
        try:
            yield self
        finally:
            self.free.set()
            await runner.cleanup()

    async def _take(self, request: web.Request) -> web.StreamResponse:
        name, body = request.match_info["name"], await request.read()
        browser = self.browsers[name]
        queue = self.answers[name]
        answer = queue.popleft() if queue else self.always.get(name, Answer())
        if answer.hang:
            await self.free.wait()
        status = self._checked(request, body, browser) or answer.status
        headers = {each.lower(): value for each, value in request.headers.items()}
        said = browser.read(body) if status not in (400, 403) else {}
        self.got.append(Got(name, headers, said, status))
        if status == 201:
            self.kept[name][headers.get("topic", str(len(self.got)))] = said
        if answer.lose:
            assert request.transport is not None
            request.transport.close()
        return web.Response(status=status, headers=answer.headers)

    def _checked(self, request: web.Request, body: bytes, browser: Browser) -> int:
        """400 for what RFC 8030 forbids, 403 for who is not the one that the browser has subscribed to; else 0."""
        given = request.headers
        is_sound = (
            given.get("TTL", "").isdecimal()
            and given.get("Urgency") in ("very-low", "low", "normal", "high")
            and TOPIC.fullmatch(given.get("Topic", ""))
            and given.get("Content-Encoding") == "aes128gcm"
            and 0 < len(body) <= 4096
        )
        if not is_sound:
            return 400
        scheme, _, rest = given["Authorization"].partition(" ")
        parts = dict(part.strip().split("=", 1) for part in rest.split(","))
        key = ec.EllipticCurvePublicKey.from_encoded_point(CURVE, read(browser.key))
        try:
            claims = jwt.decode(
                parts["t"], key, algorithms=["ES256"], audience=self.base, options={"verify_exp": False}
            )
        except jwt.InvalidTokenError:
            return 403
        is_known = scheme == "vapid" and parts["k"] == browser.key and claims["sub"].startswith(("mailto:", "https:"))
        return 0 if is_known else 403
