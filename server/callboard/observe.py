"""One log line and one count for each request, by the route's pattern: paths hold secrets, and are never written."""

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from time import perf_counter

from starlette.datastructures import MutableHeaders
from starlette.routing import BaseRoute, Mount, Route, WebSocketRoute
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from callboard.below import Below
from callboard.metrics import Metrics

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
NOWHERE = "-"  # the route of a path that leads nowhere

access = logging.getLogger("callboard.access")


class Observed:
    """Gives each request an id (`X-Request-ID`, and `scope["state"]["request_id"]`), logs and counts it when it ends.

    `endpoints` is what `patterns` finds.
    """

    def __init__(
        self, app: ASGIApp, metrics: Metrics, endpoints: Mapping[int, str], random: Callable[[int], bytes]
    ) -> None:
        self._app = app
        self._metrics = metrics
        self._endpoints = endpoints
        self._random = random

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            return await self._app(scope, receive, send)
        name = self._random(8).hex()
        scope.setdefault("state", {})["request_id"] = name
        status = 0
        began = perf_counter()

        async def send_observed(message: Message) -> None:
            nonlocal status
            status = _status(message) or status
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)["X-Request-ID"] = name
            await send(message)

        try:
            await self._app(scope, receive, send_observed)
        finally:
            self._note(scope, status, perf_counter() - began, name)

    def _note(self, scope: Scope, status: int, seconds: float, name: str) -> None:
        """Status 0: whoever asked went away before there was an answer."""
        route = self._endpoints.get(id(scope.get("endpoint")), NOWHERE)
        method = "WS" if scope["type"] == "websocket" else scope["method"]
        method = method if method in METHODS or method == "WS" else "OTHER"
        self._metrics.requests.labels(method, route, str(status)).inc()
        if method != "WS" and not route.startswith("/live/"):  # these last as long as somebody listens
            self._metrics.seconds.labels(method, route).observe(seconds)
        access.info("method=%s route=%s status=%d ms=%.1f request=%s", method, route, status, seconds * 1000, name)


def _status(message: Message) -> int:
    if message["type"] in ("http.response.start", "websocket.http.response.start"):
        return int(message["status"])
    return 101 if message["type"] == "websocket.accept" else 0


def patterns(routes: Iterable[BaseRoute], prefix: str = "") -> Iterator[tuple[int, str]]:
    """The pattern of each endpoint's path, by the endpoint's `id`, since some cannot be hashed. An application that is
    mounted whole has one for all it answers."""
    for route in routes:
        if isinstance(route, Route | WebSocketRoute):
            yield id(route.endpoint), prefix + route.path
        elif isinstance(route, Mount):
            yield id(route.app), f"{prefix}{route.path}/*"
            yield from patterns(route.routes, prefix + route.path)
        elif isinstance(route, Below):
            yield from patterns(route.routes, prefix)
