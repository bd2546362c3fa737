"""A position as it changes, over SignalR: who negotiates and connects gets the newest, and then each newer one."""

import base64
import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack

from msgspec import UNSET, Struct
from msgspec.structs import replace
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.websockets import WebSocket

from callboard import http
from callboard.facades.ombori import access
from callboard.facades.ombori.faults import fault, say
from callboard.facades.ombori.models import Position
from callboard.facades.ombori.options import options_of
from callboard.facades.ombori.origins import leave, shared
from callboard.facades.ombori.position import position
from callboard.facades.ombori.signalr import HANDSHAKE_S, Talk, form, negotiated, shake_hands
from callboard.foreign.faults import fault_of
from callboard.hub.connection import Connection
from callboard.hub.seats import Full
from callboard.hub.watched import Place
from callboard.lines import Lines
from callboard.services import address, services_of
from callboard.standing import standings
from callboard.store.reads import Reads

CHANNEL = "ombori"
PATH = "/queues/{queue}/positions/{position}"


class Told(Struct, frozen=True, kw_only=True, tag="position", tag_field="type"):
    """A document of the hub."""

    seq: int
    epoch: str
    at: int
    position: Position


async def view(reads: Reads, location: str, tickets: Sequence[str], now: int) -> Mapping[str, Told]:
    """The documents of some positions of a location."""
    found = await standings(reads, location, tickets, now)
    options = options_of(reads.directory.organization(location))
    return {
        each.ticket.id: Told(seq=each.seq, epoch=each.epoch, at=now, position=_numbered(position(each, options)))
        for each in found
    }


def _numbered(shown: Position) -> Position:
    """O9 shows numberInTheQueue for a called position too; that it is 0 then is a guess."""
    return replace(shown, number_in_the_queue=0) if shown.number_in_the_queue is UNSET else shown


def live_routes(
    lines: Lines, *, handshake_s: float = HANDSHAKE_S, random: Callable[[int], bytes] = os.urandom
) -> list[BaseRoute]:
    """Of every root: the negotiation, and the address to connect to, which is the position's own."""
    live = Live(lines, handshake_s, random)
    return [
        route
        for root in access.ROOTS
        for route in (
            Route(f"{root}{PATH}/negotiate", live.negotiate, methods=["POST", "OPTIONS"]),
            WebSocketRoute(root + PATH, live.connect),
        )
    ]


class Live:
    def __init__(self, lines: Lines, handshake_s: float, random: Callable[[int], bytes]) -> None:
        self._lines = lines
        self._handshake_s = handshake_s
        self._random = random

    async def negotiate(self, request: Request) -> Response:
        """Says how to connect."""
        if request.method == "OPTIONS":
            return leave(request)
        try:
            await _place(request)
            answer = http.answer(negotiated(_version(request), self._connection_id()))
        except Exception as error:
            return _answer_to(error, request)
        answer.headers.update(shared(request))
        return answer

    async def connect(self, websocket: WebSocket) -> None:
        """Tells the newest position and each newer one, until either side ends."""
        with ExitStack() as seat:
            try:
                seat.enter_context(self._lines.seats.take(address(websocket)))
                place = await _place(websocket)
            except Exception as error:
                await websocket.send_denial_response(_answer_to(error, websocket))
            else:
                await websocket.accept()
                await self._tell(websocket, place)

    async def _tell(self, websocket: WebSocket, place: Place) -> None:
        if not await shake_hands(websocket, self._handshake_s):
            return
        fanout = self._lines.fanout
        with fanout.listen(place) as mailbox:
            await Connection(Talk(websocket), mailbox, lambda: fanout.beat(place), form(), self._lines.pace).run()

    def _connection_id(self) -> str:
        return base64.urlsafe_b64encode(self._random(15)).decode()


async def _place(connection: HTTPConnection) -> Place:
    """What the one who asks may listen to."""
    services = services_of(connection)
    services.count(connection, "own")
    who = await access.caller(connection, services)
    location, _ = access.place(connection)
    access.demand(who, connection, location)
    found = await access.standing_at(connection, location, connection.path_params["position"])
    return Place(location.id, f"{CHANNEL}:{found.ticket.id}")


def _answer_to(error: Exception, connection: HTTPConnection) -> Response:
    """Of a request that came to nothing, in the words of the rest of the API; a bug is raised again."""
    if isinstance(error, Full):
        return say(503, f"There are {error}.", {**shared(connection), "Retry-After": "5"})
    found = fault_of(error)
    if found is None:
        raise error
    return fault(found, connection)


def _version(request: Request) -> int:
    asked = request.query_params.get("negotiateVersion", "0")
    return int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 4 else 0
