"""Simulated days of twelve kinds of lobby, as logs: seeded, so that a set is the same for everybody who makes it.

    PYTHONPATH=tests python -m bench.lobby DIRECTORY --seed 7

Nothing here is the estimator's: no name of it, no constant. Minutes unless said; what a log says is in seconds.
"""

import heapq
import json
import math
import random
import sys
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

DAY, OPEN, CLOSE = 86_400.0, 30_600.0, 61_200.0
COLD_SITES = 24


@dataclass(frozen=True)
class Kind:
    """Services: name, configured minutes, real minutes, arrivals an hour. `lunch`: which desks go, hour and length."""

    services: tuple[tuple[str, float, float, float], ...]
    desks: tuple[str, ...]
    days: int = 14
    cv: float = 0.7
    plain: bool = False  # exponential services, no frills of any kind
    peaks: tuple[tuple[float, float], ...] = ()  # hour, factor: a bump an hour wide
    lunch: tuple[tuple[int, float, float], ...] = ()
    no_show: float = 0.04
    patience: float | None = 60.0
    silent: float = 0.3
    priority: float = 0.0
    booked: float = 0.0
    shift: tuple[int, float] | None = None  # from that day on everything takes so many times as long
    forgets: float = 0.0
    pauses: float = 0.0
    surge: tuple[float, float, float] | None = None  # from, to hour: arrivals times


KINDS: dict[str, Kind] = {
    "steady_mms": Kind((("A", 6, 6, 27),), ("A",) * 3, plain=True),
    "rush_hour": Kind(
        (("A", 5, 5.5, 15), ("B", 12, 13, 7), ("C", 3, 3.2, 7)),
        ("ABC", "ABC", "AC", "ABC", "AB"),
        days=15,
        peaks=((9.5, 1.6), (13.5, 1.0)),
    ),
    "lunch_drop": Kind(
        (("A", 6, 6.5, 24), ("B", 10, 11, 9)),
        ("AB", "AB", "AB", "A", "AB"),
        lunch=((1, 12, 60), (2, 12, 70), (3, 12.2, 75)),
    ),
    "overloaded": Kind((("A", 8, 8, 22), ("B", 15, 16, 6)), ("AB", "AB", "AB", "A"), peaks=((11, 1.2),), patience=60),
    "light": Kind((("A", 7, 7.3, 4.5), ("B", 10, 11, 2)), ("AB", "AB")),
    "noshow_heavy": Kind((("A", 6, 6.5, 32), ("B", 9, 10, 14)), ("AB",) * 4, no_show=0.22, patience=45, silent=0.7),
    "priority_mix": Kind(
        (("A", 6, 6.5, 10), ("B", 12, 12, 5), ("C", 4, 4, 7)),
        ("ABC", "AC", "ABC", "AB"),
        days=15,
        priority=0.18,
        booked=0.42,
        peaks=((9.5, 0.6), (13.5, 0.5)),
    ),
    "single_desk": Kind((("A", 10, 11.5, 3.5),), ("A",), days=30, priority=0.04, booked=0.25),
    "multiskill": Kind(
        (("A", 5, 5.5, 11), ("B", 15, 15.5, 6), ("C", 8, 8, 5)),
        ("A", "AB", "B", "BC", "AC"),
        days=15,
        peaks=((9.5, 0.9), (13.5, 0.5)),
    ),
    "regime_shift": Kind((("A", 6, 6.0, 28),), ("A",) * 4, days=16, shift=(7, 1.35)),
    "dirty": Kind((("A", 6, 6.3, 19), ("B", 12, 12, 8)), ("AB", "AB", "AB", "A"), forgets=0.015, pauses=0.03),
}


def cold(chance: random.Random) -> Kind:
    """An unknown site on its first day, whose configured minutes are wrong."""
    desks, count = chance.randint(1, 5), chance.randint(1, 3)
    load = chance.uniform(0.75, 1.0)
    names = "ABC"[:count]
    means = [chance.uniform(3, 14) for _ in names]
    shares = [chance.uniform(0.4, 1) for _ in names]
    rate = load * desks * 60 / (sum(m * s for m, s in zip(means, shares, strict=True)) / sum(shares) + 0.8)
    services = tuple(
        (name, max(1.0, round(mean * math.exp(chance.gauss(0, 0.45)))), mean, rate * share / sum(shares))
        for name, mean, share in zip(names, means, shares, strict=True)
    )
    return Kind(services, (names,) * desks, days=1, peaks=((chance.uniform(9, 14), chance.uniform(0, 0.8)),))


@dataclass
class Person:
    ticket: str
    service: str
    came: float
    prio: int
    slot: float | None
    leaves: float
    silent: bool
    gone: bool = False


@dataclass
class Post:
    name: str
    serves: str
    factor: float
    open: bool = False
    person: Person | None = None
    away_until: float = 0.0
    ends: bool = False  # closes when it is done
    back_at: float | None = None


@dataclass
class Simulation:
    """Events of one log in a heap: time, a counter that keeps their order, what happens."""

    kind: Kind
    chance: random.Random
    lines: list[dict[str, Any]] = field(default_factory=list)
    heap: list[tuple[float, int, Callable[[float], None]]] = field(default_factory=list)
    count: int = 0
    tickets: int = 0
    line: list[Person] = field(default_factory=list)
    posts: list[Post] = field(default_factory=list)
    slow: float = 0.0  # log of the site's present speed
    day_slow: float = 0.0

    def at(self, t: float, what: Callable[[float], None]) -> None:
        self.count += 1
        heapq.heappush(self.heap, (t, self.count, what))

    def say(self, t: float, ev: str, **what: object) -> None:
        self.lines.append({"t": round(t, 1), "ev": ev, **what})

    def run(self, name: str, site: int) -> list[dict[str, Any]]:
        kind = self.kind
        spread = 0.0 if kind.plain else 1.0
        self.posts = [
            Post(f"d{i}", serves, math.exp(spread * self.chance.uniform(-0.22, 0.22)))
            for i, serves in enumerate(kind.desks)
        ]
        self.lines.append({
            "t": 0, "ev": "meta", "scenario": name, "site": site, "open": OPEN, "close": CLOSE, "due_before": 300,
            "services": [{"name": s[0], "nominal_min": s[1]} for s in kind.services],
            "desks": [{"id": post.name, "services": list(post.serves)} for post in self.posts],
        })  # fmt: skip
        for day in range(kind.days):
            self._day(day)
            while self.heap:
                t, _, what = heapq.heappop(self.heap)
                what(t)
        return self.lines

    def _day(self, day: int) -> None:
        kind, chance, began = self.kind, self.chance, day * DAY
        self.line, self.slow = [], chance.gauss(0, 0.12) * (not kind.plain)
        self.day_slow = chance.gauss(0, 0.08) * (not kind.plain)
        self.say(began + 30_000, "day_start", day=day)
        demand = math.exp(chance.gauss(0, 0.12)) if not kind.plain else 1.0
        for service, _, _, rate in kind.services:
            self._arrivals(began, service, rate * demand * (1 - kind.booked))
            self._bookings(began, day, service, rate * kind.booked)
        for i, post in enumerate(self.posts):
            late = 0.0 if kind.plain else min(chance.expovariate(1 / 180), 1800)
            self.at(began + OPEN + late, partial(self._open, post))
            for desk, hour, length in kind.lunch:
                if desk == i:
                    start = began + hour * 3600 + chance.gauss(0, 400)
                    self.at(
                        start,
                        partial(self._break, post, length * 60 + chance.gauss(0, 300)),
                    )
            if not kind.plain:
                t = began + OPEN + chance.expovariate(1 / (8 * 3600))
                while t < began + CLOSE:
                    self.at(t, partial(self._break, post, chance.expovariate(1 / 780)))
                    t += chance.expovariate(1 / (8 * 3600))
        if not kind.plain:
            self.at(began + OPEN, self._drift)
        self.at(began + CLOSE, self._end)

    def _drift(self, t: float) -> None:
        """Every five minutes: AR(1) that forgets in two hours, with a deviation of 12%."""
        keep = math.exp(-300 / 7200)
        self.slow = keep * self.slow + math.sqrt(1 - keep * keep) * self.chance.gauss(0, 0.12)
        if t % DAY < CLOSE:
            self.at(t + 300, self._drift)

    def _arrivals(self, began: float, service: str, rate: float) -> None:
        kind, chance = self.kind, self.chance
        top = rate * (1 + sum(factor for _, factor in kind.peaks)) + 1e-9
        t = OPEN - 420
        while (t := t + chance.expovariate(top / 3600)) < CLOSE - 600:
            here = 1 + sum(factor * math.exp(-(((t / 3600 - hour) / 0.7) ** 2)) for hour, factor in kind.peaks)
            if chance.random() < rate * here / top:
                prio = int(chance.random() < kind.priority)
                self.at(began + t, partial(self._come, service, prio, None, None))

    def _bookings(self, began: float, day: int, service: str, rate: float) -> None:
        chance = self.chance
        slots = [OPEN + 900 * i for i in range(int((CLOSE - OPEN - 3600) // 900))]
        for i in range(round(rate * (CLOSE - OPEN) / 3600)):
            slot, name = began + chance.choice(slots), f"b{day}-{service}{i}"
            self.say(began + 30_010, "booked", booking=name, service=service, slot=slot)
            if chance.random() < 0.93:
                came = max(began + 30_020, slot - chance.gauss(480, 360))
                self.at(came, partial(self._come, service, 0, slot, name))

    def _come(self, service: str, prio: int, slot: float | None, booking: str | None, t: float) -> None:
        kind, chance = self.kind, self.chance
        self.tickets += 1
        more: dict[str, object] = {} if slot is None else {"slot": slot, "booking": booking}
        leaves = math.inf
        if kind.patience and not kind.plain and slot is None:
            leaves = t + 300 + chance.expovariate(1 / (kind.patience * 60))
        person = Person(f"t{self.tickets}", service, t, prio, slot, leaves, chance.random() < kind.silent)
        self.say(t, "created", ticket=person.ticket, service=service, prio=prio, **more)
        self.line.append(person)
        if leaves < math.inf and not person.silent:
            self.at(leaves, partial(self._leave, person))
        self.at(t + 5, self._serve)

    def _leave(self, person: Person, t: float) -> None:
        if person in self.line:
            self.line.remove(person)
            self.say(t, "cancelled", ticket=person.ticket)

    def _key(self, person: Person, t: float) -> tuple[int, float]:
        if person.prio:
            return 0, person.came
        if person.slot is None:
            return 2, person.came
        return (1 if person.slot - 300 <= t else 3), person.slot

    def _serve(self, t: float) -> None:
        """Every desk that is free takes the first of its line."""
        for post in self.posts:
            if not post.open or post.person or post.away_until > t:
                continue
            mine = [person for person in self.line if person.service in post.serves]
            if mine:
                self._call(t, post, min(mine, key=lambda person: self._key(person, t)))

    def _call(self, t: float, post: Post, person: Person) -> None:
        kind, chance = self.kind, self.chance
        self.line.remove(person)
        post.person = person
        self.say(t, "called", ticket=person.ticket, desk=post.name)
        if kind.plain:
            self._start(post, t)
        elif (person.silent and person.leaves < t) or chance.random() < kind.no_show:
            self.at(t + max(20, chance.gauss(120, 30)), partial(self._done, post, "no_show"))
        else:
            walk = chance.uniform(10, 40)
            self.at(t + walk, partial(self._start, post))

    def _start(self, post: Post, t: float) -> None:
        kind, chance, person = self.kind, self.chance, post.person
        assert person
        self.say(t, "started", ticket=person.ticket, desk=post.name)
        mean = next(s[2] for s in kind.services if s[0] == person.service) * 60
        if kind.plain:
            took = chance.expovariate(1 / mean)
        else:
            sigma = math.sqrt(math.log(1 + kind.cv**2))
            late = kind.shift[1] if kind.shift and t // DAY >= kind.shift[0] else 1.0
            took = (
                mean * late * post.factor * math.exp(self.slow + self.day_slow + chance.gauss(-(sigma**2) / 2, sigma))
            )
        if chance.random() < kind.forgets:
            took += chance.uniform(1200, 3600)
        self.at(t + took, partial(self._done, post, "finished"))

    def _done(self, post: Post, how: str, t: float) -> None:
        kind, chance = self.kind, self.chance
        assert post.person
        self.say(t, how, ticket=post.person.ticket, desk=post.name)
        post.person = None
        if post.ends:
            post.ends = False
            self._shut(t, post)
            return
        wait = 0.0 if kind.plain else chance.expovariate(1 / 15)
        if chance.random() < kind.pauses:
            wait = chance.uniform(480, 1500)
        post.away_until = t + wait
        self.at(t + wait, self._serve)

    def _open(self, post: Post, t: float) -> None:
        if not post.open and (t % DAY < CLOSE):
            post.open, post.away_until, post.back_at = True, 0.0, None
            self.say(t, "desk_opened", desk=post.name)
            self.at(t + 5, self._serve)

    def _break(self, post: Post, length: float, t: float) -> None:
        if post.open and not post.ends:
            post.back_at = t + max(60.0, length)
            if post.person:
                post.ends = True
            else:
                self._shut(t, post)

    def _shut(self, t: float, post: Post) -> None:
        post.open = False
        self.say(t, "desk_closed", desk=post.name)
        if post.back_at is not None:
            self.at(max(t + 60, post.back_at), partial(self._open, post))

    def _end(self, t: float) -> None:
        """Nobody comes any more: desks stay until the line is empty."""
        if self.line or any(post.person for post in self.posts):
            if not any(post.open for post in self.posts):
                for person in self.line:
                    self.say(t, "cancelled", ticket=person.ticket)
                self.line = []
            self.at(t + 120, self._end)
            return
        for post in self.posts:
            if post.open:
                post.open = False
                self.say(t, "desk_closed", desk=post.name)


def log(name: str, seed: int, days: int | None = None) -> list[dict[str, Any]]:
    """One kind's log; of `cold_start-NN` the NN is the site."""
    chance = random.Random(f"{name}/{seed}")
    kind = KINDS[name] if name in KINDS else cold(chance)
    lines = Simulation(replace(kind, days=days or kind.days), chance).run(name.partition("-")[0], 0)
    return sorted(lines, key=lambda line: float(line["t"]))


def names() -> list[str]:
    return [*KINDS, *(f"cold_start-{i:02}" for i in range(COLD_SITES))]


def write(directory: Path, seed: int) -> None:
    directory.mkdir(parents=True, exist_ok=True)
    for name in names():
        text = "".join(json.dumps(line, separators=(",", ":")) + "\n" for line in log(name, seed))
        (directory / f"{name}.jsonl").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write(Path(sys.argv[1]), int(sys.argv[3]) if len(sys.argv) > 3 else 1)
