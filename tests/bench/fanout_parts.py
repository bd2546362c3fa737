"""What is asked of one server with many listeners, and what it says of the server: figures by name."""

import asyncio
from typing import Any, NamedTuple

from bench.child import resident_kib
from bench.load import Load
from bench.peers import Served, spent_s

DELIVERIES_PER_S = 20_000
FILLING, FILLING_S = 400, 12  # events, and how long at most, to fill the buffers of those who have stalled
Figures = dict[str, float]
Answer = dict[str, Any]


class Plan(NamedTuple):
    """How much is asked of a server with so many listeners."""

    listeners: int
    seconds: float  # for each part
    phones: bool = False

    @property
    def flat_out(self) -> int:
        """At most so many events; few in a queue of phones, since those called make it longer beforehand."""
        most = self.listeners // 4 if self.phones else min(3_000, 4_000_000 // self.listeners)
        return max(50, most)

    @property
    def rate(self) -> float:
        return DELIVERIES_PER_S / self.listeners

    @property
    def at_rate(self) -> int:
        return max(5, round(self.rate * self.seconds))

    @property
    def tickets(self) -> int:
        """As many as will be called, and some."""
        return 2 * self.flat_out + FILLING + 2 * self.at_rate + 100


class Measuring:
    """One server, with its clients; `notes` say what keeps a figure from meaning what it says."""

    def __init__(self, load: Load, served: Served, plan: Plan) -> None:
        self._load, self._served, self._plan = load, served, plan
        self.figures: Figures = {}
        self.notes: set[str] = set()

    async def run(self) -> None:
        await self._open()
        self._note("warm", await self._load.tell("warm 4"))
        one = await self._part("one after another", self._plan.flat_out, ahead=1)
        self.figures["document bytes"] = one["bytes"] / max(1, one["documents"]) - 4  # less the frame's head
        burst = await self._part("8 outstanding", self._plan.flat_out, ahead=8)
        self.figures["documents per delivery"] = burst["documents"] / max(1, burst["reached"])
        await self._at_rate("")
        await self._load.tell("stall")
        await self._tell("filling buffers", FILLING, 1, 0, FILLING_S)
        await self._at_rate(", 1 % stalled")
        stormed = await self._load.tell("storm")
        self._note("storm", stormed)
        self.figures["storm s"] = stormed["seconds"]

    async def _open(self) -> None:
        """Memory and time of a client: of the later nine in ten, since the first have a server load what it needs."""
        first = self._plan.listeners // 10
        opened = await self._load.tell(f"open {first}")
        pids = self._served.processes()
        memory, spent = sum(map(resident_kib, pids)), spent_s(pids)
        more = await self._load.tell(f"open {self._plan.listeners - first}")
        self._note("opening", more)
        spent = spent_s(pids) - spent
        await asyncio.sleep(1)
        others = self._plan.listeners - first
        self.figures["KiB each, idle"] = (sum(map(resident_kib, pids)) - memory) / others
        self.figures["CPU us each, handshake"] = spent / others * 1e6
        self.figures["all connected s"] = opened["seconds"] + more["seconds"]
        self.figures["from its start on s"] = self._served.started_s + self.figures["all connected s"]

    async def _part(self, name: str, count: int, *, ahead: int) -> Answer:
        answer = await self._tell(name, count, ahead, 0, self._plan.seconds)
        self.figures[f"deliveries/s, {name}"] = answer["reached"] / max(0.001, answer["seconds"])
        self.figures[f"CPU s per million, {name}"] = answer["cpu"] / max(1, answer["reached"]) * 1e6
        return answer

    async def _at_rate(self, how: str) -> None:
        plan = self._plan
        answer = await self._tell(f"at a fixed rate{how}", plan.at_rate, 0, plan.rate, plan.seconds + 1)
        for share in ("p50", "p99", "max"):
            self.figures[f"{share} ms{how}"] = answer[f"{share}_ms"]

    async def _tell(self, name: str, count: int, ahead: int, rate: float, seconds: float) -> Answer:
        pids = self._served.processes()
        spent = spent_s(pids)
        answer = await self._load.tell(f"run {count} {ahead} {rate} {seconds}")
        self._note(name, answer)
        return answer | {"cpu": spent_s(pids) - spent}

    def _note(self, name: str, answer: Answer) -> None:
        for what in ("missing", "dead", "refused", "uneven"):
            if answer.get(what):
                self.notes.add(f"{name}: {answer[what]:,} {what}")
        if answer["failure"]:
            self.notes.add(f"{name}: {answer['failure']}")
        if answer.get("client_cpu", 0) > 0.95:
            self.notes.add(f"{name}: the clients' core is full")
        if answer.get("behind_ms", 0) > 1000 / self._plan.rate:
            self.notes.add(f"{name}: not published at the rate")
        if answer.get("ready", self._plan.listeners) < self._plan.listeners:
            self.notes.add(f"{name}: only {answer['ready']:,} listeners")
