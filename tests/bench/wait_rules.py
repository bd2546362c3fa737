"""What others show, by their published rules (wait.md 2.1, 2.4, 4.1), fed with the same facts."""

from collections import defaultdict, deque
from collections.abc import Mapping

from callboard.domain.wait.facts import AnyFact, Called, Cancelled, Created, Finished, NoShow
from callboard.domain.wait.learn import advance
from callboard.domain.wait.lobby import Lobby
from callboard.domain.wait.plain import plain_s
from callboard.domain.wait.state import State, Waiting

NAMES = (
    "people ahead x mean / desks",
    "  mean of all so far",
    "  as configured",
    "  of the same service alone",
    "  and oneself (n + 1)",
    "  leaving counted (QLa)",
    "  by the rate of an hour",
    "last to be called (LES)",
    "  of the same service",
    "first of the line (HOL)",
    "last ten of ten minutes",
    "mean of an hour",
    "mean at the same queue (P-LES)",
)
PLAIN, ALL_SO_FAR, LEAVING, SAME_QUEUE = NAMES[0], NAMES[1], NAMES[5], NAMES[-1]
HOUR_S = 3600
TEN_MIN_S = 600


class Rules:
    """All of them at once. What is configured stands in until a mean is known, the plain rule until a wait is."""

    def __init__(self, lobby: Lobby) -> None:
        self.state = State()
        self._lobby = lobby
        self._nominal = sum(lobby.services.values()) / len(lobby.services)
        self._found: dict[str, tuple[str, int]] = {}
        self._came: dict[str, float] = {}
        self._waits: deque[tuple[float, float]] = deque(maxlen=400)  # when called, after how long
        self._turns: deque[tuple[float, float]] = deque(maxlen=400)  # when a call ended, after how long
        self._last: dict[str, float] = {}
        self._same: defaultdict[tuple[str, int], list[float]] = defaultdict(lambda: [0.0, 0.0])
        self._took: defaultdict[str, list[float]] = defaultdict(lambda: [0.0, 0.0])
        self._left, self._waited_s = 1.0, 150 * 60.0

    def take(self, fact: AnyFact) -> None:
        if isinstance(fact, Created):
            self._came[fact.ticket] = fact.t
        elif isinstance(fact, Finished | NoShow):
            desk = self.state.desk(fact.desk)
            self._turns.append((fact.t, fact.t - desk.called_at))
            if isinstance(fact, Finished) and desk.ticket == fact.ticket:
                for name in ("", desk.service):
                    took = self._took[name]
                    took[0], took[1] = took[0] + 1, took[1] + fact.t - desk.called_at
        elif isinstance(fact, Called | Cancelled) and fact.ticket in self._came:
            self._gone(fact, fact.t - self._came.pop(fact.ticket))
        advance(self.state, self._lobby, fact)

    def _gone(self, fact: Called | Cancelled, wait: float) -> None:
        self._waited_s += wait
        found = self._found.pop(fact.ticket, None)
        if isinstance(fact, Cancelled):
            self._left += 1
            return
        self._waits.append((fact.t, wait))
        if found:
            self._last[found[0]] = wait
            same = self._same[found]
            same[0], same[1] = same[0] + 1, same[1] + wait

    def told(self, ticket: str, now: float) -> tuple[int, Mapping[str, float]]:
        """To be asked when somebody has come: how many are ahead, and what each rule says, in seconds."""
        state = self.state
        who, before = state.waiting[ticket], self._before(ticket, now)
        ahead = len(before)
        self._found[ticket] = who.service, ahead
        each_s = plain_s(state, self._lobby, who, 1)
        mean, plain = state.mean_s or self._nominal, ahead * each_s
        desks = mean / each_s
        mine = sum(each.service == who.service for each in before)
        leaving = self._left / self._waited_s
        values = (
            plain,
            ahead * self._mean("", self._nominal) / desks,
            ahead * self._nominal / desks,
            mine * self._mean(who.service, self._lobby.services[who.service]) / desks,
            (ahead + 1) * mean / desks,
            sum(1 / (desks / mean + k * leaving) for k in range(ahead + 1)),
            (ahead + 1) * self._rate(now, each_s),
            self._waits[-1][1] if self._waits else plain,
            self._last.get(who.service, plain),
            max((now - each.since for each in before), default=plain),
            self._last_ten(now, plain),
            self._of_an_hour(now, plain),
            self._at_the_same(who.service, ahead, plain),
        )
        return ahead, dict(zip(NAMES, values, strict=True))

    def _before(self, ticket: str, now: float) -> list[Waiting]:
        order = self._lobby.order_at(now)
        key = order(self.state.waiting[ticket])
        return [each for name, each in self.state.waiting.items() if name != ticket and order(each) < key]

    def _mean(self, service: str, otherwise: float) -> float:
        n, total = self._took[service]
        return total / n if n else otherwise

    def _rate(self, now: float, otherwise: float) -> float:
        """From one desk that is free again to the next: busy time of an hour over calls that ended, over all that are
        open."""
        lately = [took for at, took in self._turns if now - at <= HOUR_S]
        desks = sum(desk.open for desk in self.state.desks.values())
        return sum(lately) / len(lately) / desks if lately and desks else otherwise

    def _last_ten(self, now: float, otherwise: float) -> float:
        last = [wait for at, wait in self._waits if now - at <= TEN_MIN_S][-10:]
        weights = range(1, len(last) + 1)
        return sum(w * wait for w, wait in zip(weights, last, strict=True)) / sum(weights) if last else otherwise

    def _of_an_hour(self, now: float, otherwise: float) -> float:
        recent = [wait for at, wait in self._waits if now - at <= HOUR_S]
        return sum(recent) / len(recent) if recent else otherwise

    def _at_the_same(self, service: str, ahead: int, otherwise: float) -> float:
        n, total = self._same[service, ahead]
        return total / n if n >= 3 else otherwise
