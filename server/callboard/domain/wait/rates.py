"""How long things take (wait.md 5.2): c, a service's mean; f, a desk's factor; g, the site's present speed."""

from operator import mul

from callboard.domain.wait.lobby import Lobby
from callboard.domain.wait.state import Learned, State

PRIOR_SERVICES = 4  # n0: what the configured minutes weigh
PRIOR_DESK = 30
WALK_S = 30  # on top of the configured minutes
UNKNOWN_S = 360.0  # of a service that is configured no more
WEIGHT = (5.0, 600.0)  # between these is a0


def service_s(state: State, lobby: Lobby, service: str) -> float:
    """c_k = (n0 (m_k + 30) + S_k) / (n0 + N_k)"""
    learned = state.services.get(service) or Learned()
    return (_prior_s(lobby, service) + learned.s) / (PRIOR_SERVICES + learned.n)


def _prior_s(lobby: Lobby, service: str) -> float:
    return PRIOR_SERVICES * (lobby.services.get(service, UNKNOWN_S) + WALK_S)


def factor(state: State, desk: str) -> float:
    """f_d = (12 + S_d) / (12 + N_d)"""
    known = state.desks.get(desk)
    return _factor(known.speed) if known else 1.0


def _factor(speed: Learned) -> float:
    return (PRIOR_DESK + speed.s) / (PRIOR_DESK + speed.n)


def expected_s(state: State, lobby: Lobby, service: str, desk: str) -> float:
    return service_s(state, lobby, service) * factor(state, desk)


def settle(state: State, lobby: Lobby) -> None:
    """Keeps the N-weighted mean of f_d at 1: what all desks have in common belongs to the services."""
    weights = [(desk.speed.n, _factor(desk.speed)) for desk in state.desks.values()]
    total = sum(n for n, _ in weights)
    if not total:
        return
    mean = sum(n * f for n, f in weights) / total
    for desk in state.desks.values():
        desk.speed.s = (PRIOR_DESK + desk.speed.s) / mean - PRIOR_DESK
    for service, learned in state.services.items():
        prior = _prior_s(lobby, service)
        learned.s = (prior + learned.s) * mean - prior


def shape_variance(state: State) -> float:
    """cv^2 of one service, from the shapes."""
    shapes = state.shapes
    n, total = len(shapes), sum(shapes)
    squares: int = sum(map(mul, shapes, shapes))
    return n * squares / total**2 - 1


def prior_weight(state: State, variance: float) -> float:
    """a0 = cv^2 / v: a stable site trusts its long-run mean, a drifting one follows the last hour."""
    least, most = WEIGHT
    return min(most, max(least, variance / max(state.speed.drift, 1e-6)))


def slowness(state: State, weight: float) -> float:
    """g = (a0 + G_x) / (a0 + G_n), with a0 from `prior_weight`; above 1: services take longer than the means say."""
    return (weight + state.speed.x) / (weight + state.speed.n)
