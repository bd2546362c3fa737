"""The rule that most show, to be measured beside: people ahead times the mean service, over the desks.

wait.md calls it QL-naive and says no more. Its published figures decide between the readings: desks that serve the
ticket (over all that are open, *skills* would be at 0.77 instead of 0.38); not oneself, nor people of the own queue
alone (rows of their own there); no-shows are no services (*no-show*, *overload*); and a mean of the last fifty, not of
all (beside the right mean it loses 3% in *steady*, as published; one of all services loses nothing). With it, ten
rules of others stand to it over all kinds as in table 4.1, the mean of their differences being 3%.
"""

from callboard.domain.wait.lobby import Lobby
from callboard.domain.wait.state import State, Waiting


def plain_s(state: State, lobby: Lobby, ticket: Waiting, ahead: int) -> float:
    """All who are called before, the mean of the last services, the open desks that serve the ticket."""
    serving = [name for name, desk in lobby.desks.items() if ticket.service in desk.services]
    open_desks = sum(name in state.desks and state.desks[name].open for name in serving)
    mean = state.mean_s or sum(lobby.services.values()) / max(1, len(lobby.services))
    return ahead * mean / (open_desks or max(1, len(serving)))
