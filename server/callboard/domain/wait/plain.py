"""The rule that most show, to be measured beside: people ahead times the mean service, over the desks."""

from callboard.domain.wait.lobby import Lobby
from callboard.domain.wait.state import State, Waiting


def plain_s(state: State, lobby: Lobby, ticket: Waiting, ahead: int) -> float:
    """All who are called before, the mean of the last services, the open desks that serve the ticket."""
    serving = [name for name, desk in lobby.desks.items() if ticket.service in desk.services]
    open_desks = sum(name in state.desks and state.desks[name].open for name in serving)
    mean = state.mean_s or sum(lobby.services.values()) / max(1, len(lobby.services))
    return ahead * mean / (open_desks or max(1, len(serving)))
