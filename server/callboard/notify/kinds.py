"""The messages that people get, by what they say; and the names under which one of a ticket is known."""

TAKEN, MOVED, ALMOST, DELAYED = "taken", "moved", "almost_your_turn", "delayed"
TURN, AGAIN, MISSED, CANCELLED = "your_turn", "called_again", "missed", "cancelled"
CONFIRMED, REBOOKED, REMINDER = "booking_confirmed", "booking_moved", "booking_reminder"
BOOKING_DELAYED = "booking_delayed"
WITHDRAWN = "withdrawn"  # the words for who cancels a booking themselves
OF_BOOKINGS = (CONFIRMED, REBOOKED, REMINDER, BOOKING_DELAYED)
KINDS = (TAKEN, MOVED, DELAYED, ALMOST, TURN, AGAIN, MISSED, CANCELLED, *OF_BOOKINGS)
CALLS = frozenset({TURN, AGAIN})  # somebody has to come at once
CALL_WAITS_MS = 2000  # at most, for a message that is on its way to them: its answer may have been lost
TELL_WAIT = frozenset({TAKEN, MOVED, DELAYED})  # say how long it will be
SAY_AHEAD = frozenset({TAKEN, MOVED})  # and how many are ahead
OF_WAITING = frozenset({TAKEN, MOVED, DELAYED, ALMOST})  # never told after a call that came later
LANES = ("push", "sms", "mail")


def delivery_id(kind: str, ticket: str, lane: str, call: int = 0) -> str:
    """A push has the id of the text that it stands for: of the two one is ever scheduled, and may become the other."""
    return f"{kind}:{ticket}:{way(lane)}" + (f":{call}" if call else "")


def calls_of(ticket: str, lane: str) -> str:
    """The word under which the moment of a ticket's newest call that is told there is kept."""
    return delivery_id(TURN, ticket, lane)


def apart(ticket: str, lane: str) -> str:
    """The word of a ticket's messages by one way: what leaves one after another arrives in that order, and who is next
    sees what went before."""
    return f"{ticket}:{way(lane)}"


def way(lane: str) -> str:
    return "sms" if lane == "push" else lane
