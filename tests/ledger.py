"""Load on a running server by several clients at once, what each was answered, and whether that holds in the end.

The checker trusts nothing that the server counts: only what clients were told, and what each ticket says of itself.
"""

import asyncio
import json
import re
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from random import Random
from typing import Any

import httpx2
from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException

SITE = """
[organization]
id = "hall"
name = "Hall"

[[locations]]
id = "hall"
name = "Hall"
queues = [
  { id = "a", tag = "A", name = "Advice", finish_on_next = false },
  { id = "b", tag = "B", name = "Beds", finish_on_next = false },
]
desks = [
  { id = "d1", tag = "1", name = "Desk 1", queues = ["a", "b"] },
  { id = "d2", tag = "2", name = "Desk 2", queues = ["b", "a"] },
  { id = "d3", tag = "3", name = "Desk 3", queues = ["a"] },
]
displays = [{ id = "tv", name = "TV" }]
"""
DESKS, QUEUES = ("d1", "d2", "d3"), ("a", "b")
AGAIN_S = 0.03  # a client that was told to come back does so sooner here
GONE = (httpx2.TransportError, OSError)  # a server that is killed answers nothing


@dataclass(frozen=True)
class Answered:
    """A command and the answer that its client got in the end."""

    kind: str
    path: str
    body: dict[str, Any]
    key: str
    status: int
    text: str

    @property
    def ticket(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.text)["ticket"]
        return found

    @property
    def token(self) -> str:
        return str(json.loads(self.text)["token"])


@dataclass
class Ledger:
    """`statuses` counts every single attempt; 0 is one that got no answer."""

    client: httpx2.AsyncClient
    chance: Random
    answered: list[Answered] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    closing: bool = False
    _more: asyncio.Event = field(default_factory=asyncio.Event)

    async def command(self, kind: str, path: str, **body: Any) -> Answered:
        """Sends one command, with the same key again and again until it is answered."""
        key = f"{kind}-{self.chance.getrandbits(96):024x}"
        response = await self._surely(path, body, key)
        one = Answered(kind, path, body, key, response.status_code, response.text)
        self.answered.append(one)
        self._more.set()
        return one

    async def again(self, one: Answered) -> str:
        """The same command with the same key; what it is answered now."""
        return (await self._surely(one.path, one.body, one.key)).text

    async def reach(self, count: int) -> None:
        """Waits until so many commands have been answered."""
        while len(self.answered) < count:
            self._more.clear()
            await self._more.wait()

    async def _surely(self, path: str, body: dict[str, Any], key: str) -> httpx2.Response:
        while True:
            if (response := await self._attempt(path, body, key)) is not None:
                return response
            await asyncio.sleep(AGAIN_S)

    async def _attempt(self, path: str, body: dict[str, Any], key: str) -> httpx2.Response | None:
        try:
            response = await self.client.post(f"/api/v1/{path}", json=body, headers={"Idempotency-Key": key})
        except GONE:
            self.statuses[0] += 1
            return None
        self.statuses[response.status_code] += 1
        if response.status_code == 503:
            assert response.headers["Retry-After"] == "1"
            return None
        assert response.status_code in (200, 201, 409), response.text
        return response

    # Those who make the load

    async def kiosk(self) -> None:
        while not self.closing:
            await self.command("join", "tickets", queue=self.chance.choice(QUEUES), source="kiosk")
            await asyncio.sleep(self.chance.uniform(0, 0.02))

    async def desk(self, desk: str) -> None:
        """Calls whoever is next, and ends most visits, in both ways in which they end."""
        while not self.closing:
            called = await self.command("call", f"desks/{desk}/call_next")
            if called.status == 409:
                await asyncio.sleep(AGAIN_S)
                continue
            ticket = called.ticket["id"]
            if self.chance.random() < 0.5:
                await self.command("start", f"tickets/{ticket}/start", desk=desk)
                await self.command("finish", f"tickets/{ticket}/finish", desk=desk)
            else:
                await self.command("no_show", f"tickets/{ticket}/no_show", desk=desk)

    @asynccontextmanager
    async def load(self) -> AsyncIterator[None]:
        """Two kiosks and three desks at work; at the end of the block each finishes what it is at."""
        for desk in DESKS:
            await self.command("open", f"desks/{desk}/open")
        async with asyncio.TaskGroup() as clients:
            for _ in range(2):
                clients.create_task(self.kiosk())
            for desk in DESKS:
                clients.create_task(self.desk(desk))
            yield
            self.closing = True

    # The checker

    def of(self, kind: str) -> list[Answered]:
        """The commands of a kind that were done."""
        return [one for one in self.answered if one.kind == kind and one.status < 400]

    def once(self) -> None:
        """No number and no serial is out twice, and nobody was called twice."""
        joined = [one.ticket for one in self.of("join")]
        serials = {ticket["id"][:13] for ticket in joined}  # ids begin with them
        assert len({ticket["label"] for ticket in joined}) == len(serials) == len(joined)
        assert len({one.ticket["id"] for one in self.of("call")}) == len(self.of("call"))

    async def check(self, *, gaps: bool = False) -> None:
        """Every acknowledged transition is there, none happened that was not asked for, no number is out twice, and
        nobody was called twice. With `gaps` numbers may be left out: given in a store that was lost, and to nobody."""
        self.once()
        joined = {one.ticket["id"]: one.ticket for one in self.of("join")}
        assert len(joined) == len(self.of("join"))
        for queue in QUEUES if not gaps else ():
            labels = Counter(ticket["label"] for ticket in joined.values() if ticket["queue"] == queue)
            assert labels == Counter(f"{queue.upper()}{number:03d}" for number in range(1, labels.total() + 1))
        states = {"call": "called", "start": "serving", "finish": "done", "no_show": "no_show"}
        expected = dict.fromkeys(joined, ("waiting", ""))
        for kind, state in states.items():
            for one in self.of(kind):
                expected[one.ticket["id"]] = (state, one.ticket["desk"])
        found = {id: await self._now(id) for id in joined}
        assert {id: (ticket["state"], ticket["desk"]) for id, ticket in found.items()} == expected
        for one in self.chance.sample(self.answered, 20):
            assert _anywhere(await self.again(one)) == _anywhere(one.text)

    async def _now(self, id: str) -> dict[str, Any]:
        response = await self.client.get(f"/api/v1/tickets/{id}")
        assert response.status_code == 200, response.text
        ticket: dict[str, Any] = response.json()["ticket"]
        return ticket


def _anywhere(text: str) -> str:
    """Without the port of the server that gave the answer: another one may give it again."""
    return re.sub(r"(?<=//127\.0\.0\.1:)\d+", "", text)


class Watcher:
    """A screen or a phone: keeps the newest document, and connects again whenever it has lost touch."""

    def __init__(self, address: str) -> None:
        self.shown: dict[str, Any] = {}
        self.connections = 0
        self._address = address

    async def run(self) -> None:
        """Until it is cancelled."""
        while True:
            with suppress(WebSocketException, OSError):
                async with connect(self._address) as socket:
                    self.connections += 1
                    async for text in socket:
                        self._take(json.loads(text))
            await asyncio.sleep(AGAIN_S)

    async def agrees(self, client: httpx2.AsyncClient, path: str, within_s: float = 5) -> None:
        """Waits until it shows what the API says, by itself."""
        async with asyncio.timeout(within_s):
            while True:
                if _content(self.shown) == _content((await client.get(path)).json()):
                    return
                await asyncio.sleep(AGAIN_S)

    def _take(self, document: dict[str, Any]) -> None:
        """The newest wins: an older one of the same store would be a fault."""
        if document["type"] == "beat":
            return
        assert document["epoch"] != self.shown.get("epoch") or document["seq"] >= self.shown["seq"]
        self.shown = document


@asynccontextmanager
async def watching(*watchers: Watcher) -> AsyncIterator[None]:
    """They watch for as long as the block lasts."""
    async with asyncio.TaskGroup() as tasks:
        running = [tasks.create_task(watcher.run()) for watcher in watchers]
        yield
        for task in running:
            task.cancel()


def _content(document: dict[str, Any]) -> dict[str, Any]:
    """What says the same as before is not sent again: of which event and moment it is, is not compared."""
    return {name: value for name, value in document.items() if name not in ("at", "seq")}
