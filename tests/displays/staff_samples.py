"""Sample tickets, desks, messages and kept waits of one branch, at five past two on a November afternoon."""

from random import Random
from typing import Any

TOKEN = "Zm9vYmFyYmF6cXV4MTIzNA"

NOW = 1_763_643_900_000  # 20 November 2025, 14:05 in Stockholm

MINUTE = 60_000


PHASES: dict[str, dict[str, Any]] = {
    "far": {},
    "near": {"phase": "near", "ahead": 2, "wait": {"low": 4, "high": 7}},
    "next": {"phase": "next", "ahead": 0, "wait": {"low": 0, "high": 1}},
    "called": {"phase": "called", "state": "called", "desk": "Desk 3", "call": 41, "called_at": NOW, "can": ["cancel"]},
    "serving": {"phase": "serving", "state": "serving", "desk": "Desk 3", "call": 41, "can": []},
    "held": {"phase": "held", "state": "held", "can": ["cancel"]},
    "done": {"phase": "done", "state": "done", "can": [], "close_reason": "served"},
    "missed": {
        "phase": "missed",
        "state": "no_show",
        "can": ["rejoin"],
        "close_reason": "no_show",
        "rejoin_until": NOW + 15 * MINUTE,
    },
    "cancelled": {"phase": "cancelled", "state": "cancelled", "can": [], "close_reason": "customer"},
    "booked": {"phase": "booked", "state": "booked", "slot_at": NOW + 25 * MINUTE, "can": ["check_in", "cancel"]},
}


def phone(phase: str = "far", seq: int = 7, **changes: Any) -> dict[str, Any]:
    """A ticket's document in one phase."""
    waits = phase in ("far", "near", "next")
    document = {
        "type": "ticket",
        "seq": seq,
        "epoch": "e1",
        "at": NOW,
        "label": "A017",
        "state": "waiting",
        "phase": "far",
        "location": "Hilltop Clinic",
        "queue": "Blood tests",
        "ahead": 7 if waits else None,
        "wait": {"low": 8, "high": 14} if waits else None,
        "desk": "",
        "kind": "desk",
        "call": 0,
        "called_at": None,
        "slot_at": None,
        "last_called": "A009" if waits else "",
        "rejoin_until": None,
        "can": ["cancel", "postpone"],
        "close_reason": "",
        "time_zone": "Europe/Stockholm",
    }
    return document | PHASES[phase] | changes


COLOURS = {"blood": "#b0413e", "doctor": "#1f5f8b", "desk": "#5b7f2b"}

NAMES = {"blood": "Blood tests", "doctor": "Doctor", "desk": "Information"}


def ticket(label: str, queue: str = "blood", state: str = "waiting", **changes: Any) -> dict[str, Any]:
    """A ticket as staff see it; `id` is made from its label."""
    return {
        "id": f"t-{label.lower()}",
        "label": label,
        "state": state,
        "queue": queue,
        "queue_name": NAMES[queue],
        "colour": COLOURS[queue],
        "name": "",
        "priority": "",
        "joined_at": NOW - 12 * MINUTE,
        "called_at": None,
        "started_at": None,
        "slot_at": None,
        "calls": 0,
        "retry_count": 0,
        "held_by": "",
        "notes": [],
        "no_texts": "",
        "locale": "en",
    } | changes


def queue(ident: str, tag: str, waiting: int, **changes: Any) -> dict[str, Any]:
    return {
        "id": ident,
        "tag": tag,
        "name": NAMES[ident],
        "colour": COLOURS[ident],
        "open": True,
        "waiting": waiting,
        "wait": {"low": 4, "high": 9},
        "served_here": ident != "desk",
    } | changes


def desk(seq: int = 7, **changes: Any) -> dict[str, Any]:
    """A desk's document: open, nobody there, three waiting."""
    return {
        "type": "desk",
        "seq": seq,
        "epoch": "e1",
        "at": NOW,
        "desk": "desk-3",
        "name": "Desk 3",
        "tag_name": "3",
        "location": "Hilltop Clinic",
        "open": True,
        "staff": "maria",
        "current": None,
        "held": [],
        "waiting": [
            ticket("A018"),
            ticket("B004", "doctor", joined_at=NOW - 9 * MINUTE, slot_at=NOW - 5 * MINUTE),
            ticket("A019", joined_at=NOW - 4 * MINUTE),
        ],
        "booked": [],
        "recent": [],
        "queues": [queue("blood", "A", 2), queue("doctor", "B", 1), queue("desk", "C", 5)],
        "undo": None,
        "time_zone": "Europe/Stockholm",
    } | changes


def called(**changes: Any) -> dict[str, Any]:
    return ticket("A017", state="called", called_at=NOW - 42_000, calls=1, name="Nour Haddad", **changes)


def message(ident: str, state: str = "sent", **changes: Any) -> dict[str, Any]:
    """One line of the outbox."""
    return {
        "id": ident,
        "at": NOW - MINUTE,
        "medium": "sms",
        "kind": "your_turn",
        "location": "hilltop",
        "ticket": "t-a017",
        "ticket_label": "A017",
        "recipient": "+46701740605",
        "subject": "",
        "text": "Hilltop Clinic: A017, it is your turn. Please go to Desk 3.",
        "state": state,
        "detail": "",
    } | changes


PLACES = [
    {
        "id": "hilltop",
        "name": "Hilltop Clinic",
        "public_join": True,
        "displays": [{"id": "lobby", "name": "Lobby"}, {"id": "corridor", "name": "Corridor"}],
    }
]


def waits(ident: str = "hilltop", name: str = "Hilltop Clinic", calls: int = 60) -> dict[str, Any]:
    """How well the waits of a place were kept; always the same."""
    dice = Random(7)
    promised = [round(dice.uniform(30, 2700)) for _ in range(calls)]
    nobody: dict[str, Any] = {"called": 0, "within": 0, "within_last": 0}
    nobody |= dict.fromkeys(("error_s", "plain_error_s", "bias_s", "width_s"))
    day = {"called": 214, "within": 174, "within_last": 180, "error_s": 186.0, "plain_error_s": 324.0}
    return {
        "location": ident,
        "name": name,
        "estimated": True,
        "day": day | {"bias_s": -36.0, "width_s": 540.0} if calls else nobody,
        "week": day | {"called": 1302, "within": 1042, "within_last": 1081, "bias_s": 30.0, "width_s": 552.0}
        if calls
        else nobody,
        "calls": [_kept(likely, round(likely * dice.lognormvariate(0, 0.35))) for likely in promised],
    }


def _kept(likely: int, wait: int) -> dict[str, Any]:
    low, high = likely * 6 // 10 // 60 * 60, (likely * 15 // 10 // 60 + 1) * 60
    return {"low_s": low, "likely_s": likely, "high_s": high, "wait_s": wait, "within": low <= wait <= high}
