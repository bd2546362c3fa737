"""What we answer to a text, in the language of the ticket."""

from collections.abc import Sequence

from callboard.domain.model import State
from callboard.notify.render import LAST_RESORT, Renderer
from callboard.notify.situation import Situation, values

KIND = "reply"
# The letters that are of use in each state.
LETTERS = {
    State.WAITING: "SML",
    State.CALLED: "HML",
    State.RESERVED: "SHL",
    State.BOOKED: "SHL",
    State.HELD: "SL",
    State.NO_SHOW: "SJ",
}


def about(renderer: Renderer, what: str, now: Situation) -> str:
    """Of one ticket as it stands. `what`: what was done with it (status, more, left, here, rejoin, told), why it was
    not (limit, late, early, cannot), or that we did not understand (hint, unread)."""
    language = _language(renderer, now.languages)
    letters = LETTERS.get(now.ticket.state, "S")
    given = values(now, language, "") | {"what": what, "state": now.ticket.state, "letters": letters, "options": ()}
    return renderer.sms(KIND, language, given).text


def plainly(renderer: Renderer, what: str, languages: Sequence[str], options: Sequence[str] = ()) -> str:
    """Of no ticket (none, stopped), or of several: which."""
    given = {"what": what, "state": "", "letters": "", "options": options, "venue": "", "label": "", "high": None}
    return renderer.sms(KIND, _language(renderer, languages), given).text


def _language(renderer: Renderer, languages: Sequence[str]) -> str:
    return next((each for each in languages if renderer.has(each, KIND, "sms")), LAST_RESORT)
