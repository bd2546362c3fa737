"""What others show, by their published rules, fed with the same facts."""

from collections import defaultdict, deque
from collections.abc import Mapping

from callboard.domain.wait.facts import AnyFact, Called, Cancelled, Created
from callboard.domain.wait.lobby import Lobby
from callboard.domain.wait.plain import plain_s
from callboard.domain.wait.state import State, Waiting

NAMES = (
    "people ahead x mean / desks",
    "the same, configured",
    "the same, leaving counted (QLa)",
    "last to be called (LES)",
    "last ten of ten minutes",
    "mean of an hour",
    "mean at the same queue (P-LES)",
)
HOUR_S = 3600


class Rules:
    """All of them at once; `told` is to be asked when somebody has come."""

    def __init__(self, lobby: Lobby) -> None:
        self._lobby = lobby
        self._found: dict[str, tuple[str, int]] = {}
        self._came: dict[str, float] = {}
        self._waits: deque[tuple[float, float]] = deque(maxlen=400)  # when called, after how long
        self._same: defaultdict[tuple[str, int], list[float]] = defaultdict(lambda: [0.0, 0.0])
        self._left, self._waited_s = 1.0, 150 * 60.0

    def take(self, fact: AnyFact) -> None:
        if isinstance(fact, Created):
            self._came[fact.ticket] = fact.t
        elif isinstance(fact, Called | Cancelled) and fact.ticket in self._came:
            wait = fact.t - self._came.pop(fact.ticket)
            self._waited_s += wait
            found = self._found.pop(fact.ticket, None)
            if isinstance(fact, Cancelled):
                self._left += 1
                return
            self._waits.append((fact.t, wait))
            if found:
                same = self._same[found]
                same[0], same[1] = same[0] + 1, same[1] + wait

    def told(self, state: State, ticket: str, who: Waiting, ahead: int, now: float) -> Mapping[str, float]:
        self._found[ticket] = who.service, ahead
        plain = plain_s(state, self._lobby, who, ahead)
        mean = state.mean_s or 1.0
        nominal = sum(self._lobby.services.values()) / len(self._lobby.services)
        recent = [wait for at, wait in self._waits if now - at <= HOUR_S]
        last = [wait for at, wait in self._waits if now - at <= 600][-10:]
        weights = range(1, len(last) + 1)
        n, total = self._same[who.service, ahead]
        desks = ahead * mean / plain if plain else 1.0
        leaving = self._left / self._waited_s
        values = (
            plain,
            ahead * nominal / desks,
            sum(1 / (desks / mean + k * leaving) for k in range(ahead)),
            self._waits[-1][1] if self._waits else plain,
            sum(w * wait for w, wait in zip(weights, last, strict=True)) / sum(weights) if last else plain,
            sum(recent) / len(recent) if recent else plain,
            total / n if n >= 3 else plain,
        )
        return dict(zip(NAMES, values, strict=True))
