"""Which messages a location wants sent, and which of them leave people alone in the quiet hours."""

from callboard.domain.hours import quiet_until
from callboard.domain.model import Location
from callboard.notify.kinds import DELAYED, OF_BOOKINGS, TAKEN

WAITING = frozenset({DELAYED, *OF_BOOKINGS})  # kinds that can wait until people are up, in every lane
WAITING_MAIL = frozenset({TAKEN})  # and as mail only: whoever takes a ticket by phone has it in hand


def is_off(location: Location, kind: str, locale: str) -> bool:
    """Whether people who read that language are not told so. Nothing said: they are."""
    wanted = location.messages.get(kind, True)
    if isinstance(wanted, bool):
        return not wanted
    return not wanted.get(locale if locale in location.languages else location.languages[0], True)


def rests_until(location: Location, kind: str, lane: str, now: int) -> int | None:
    """When (ms) a message of that kind may leave that would have to wait now; None when it may."""
    may_wait = kind in WAITING or (lane == "mail" and kind in WAITING_MAIL)
    return quiet_until(location, now) if may_wait else None
