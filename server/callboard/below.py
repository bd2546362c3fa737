"""Routes that begin alike, passed by in one look by whoever asks for something else: each route costs one."""

from collections.abc import Sequence

from starlette.routing import BaseRoute, Match
from starlette.types import Receive, Scope, Send


class Below(BaseRoute):
    """All `routes` of one root, in order. One that fits half, by its path and not its method, does not count: behind
    them there has to be one for all that is left."""

    def __init__(self, root: str, routes: Sequence[BaseRoute]) -> None:
        self.routes = routes
        self._begins = root.partition("{")[0]

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        if scope["type"] == "http" and scope["path"].startswith(self._begins):
            for route in self.routes:
                match, found = route.matches(scope)
                if match is Match.FULL:
                    return match, {**found, "below": route}
        return Match.NONE, {}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        route: BaseRoute = scope["below"]
        await route.handle(scope, receive, send)
