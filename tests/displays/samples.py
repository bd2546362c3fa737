"""Sample documents for page tests: a lobby on an ordinary morning."""

import time
from typing import Any

TEAL, AMBER, PLUM = "#1f5f8b", "#b7791f", "#7a3e65"
COLOURS = {"A": TEAL, "B": AMBER, "C": PLUM}
KIND_WORDS = {"desk": "desk", "counter": "counter", "room": "room"}


def now_ms() -> int:
    return int(time.time() * 1000)


def call(id: int, ticket: str, desk: str, *, age_s: float = 300, **more: Any) -> dict[str, Any]:
    """One line of a board; older than a minute unless told otherwise, so nothing sounds by accident. `desk` is the
    desk's name; a bare number is shown after the word for its kind."""
    kind = more.get("kind", "desk")
    return {
        "id": id,
        "ticket": ticket,
        "desk": desk,
        "kind": kind,
        "queue": "",
        "colour": COLOURS.get(ticket[0], TEAL),
        "at": now_ms() - int(age_s * 1000),
        "state": "called",
        "times": 1,
        "say": [{"lang": "en", "text": f"Ticket {ticket}, please go to {KIND_WORDS[kind]} {desk}"}],
    } | more


def queue(id: str, tag: str, name: str, waiting: int, wait: tuple[int, int] | None, **more: Any) -> dict[str, Any]:
    shown = None if wait is None else {"low": wait[0], "high": wait[1]}
    colour = COLOURS.get(tag, TEAL)
    return {"id": id, "tag": tag, "name": name, "colour": colour, "open": True, "waiting": waiting} | {
        "wait": shown,
        **more,
    }


def three_queues() -> list[dict[str, Any]]:
    return [
        queue("general", "A", "General enquiries", 4, (8, 14)),
        queue("prescriptions", "B", "Prescriptions", 12, (25, 40)),
        queue("samples", "C", "Blood samples", 0, (0, 0)),
    ]


def board(calls: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    """A board's document, as a display named `hall` gets it."""
    return {
        "type": "board",
        "seq": 1,
        "epoch": "e1",
        "at": now_ms(),
        "display": "hall",
        "location": "Harbour Clinic",
        "open": True,
        "opens_at": None,
        "time_zone": "Europe/Stockholm",
        "languages": ["en"],
        "chime": True,
        "voice": True,
        "calls": calls,
        "queues": three_queues(),
    } | more


def location(**more: Any) -> dict[str, Any]:
    """What somebody who may join sees of the clinic."""
    return {
        "id": "harbour",
        "name": "Harbour Clinic",
        "languages": ["en", "sv", "ar"],
        "time_zone": "Europe/Stockholm",
        "open": True,
        "opens_at": None,
        "queues": three_queues(),
    } | more


def taken(label: str = "A018", token: str = "Zm9vYmFyYmF6cXV4MTIzNDU2Nw") -> dict[str, Any]:
    """The answer to a ticket taken."""
    ticket = {"id": "00000001-0000-8123-8456-0123456789ab", "label": label, "state": "waiting", "queue": "general"}
    return {"ticket": ticket, "token": token, "url": f"https://queue.example/t/{token}"}


def pushed(token: str, ticket: str) -> dict[str, Any]:
    """What a push says, as the server writes it."""
    return {
        "title": "Hilltop Clinic",
        "body": "Please come now.",
        "lang": "en",
        "dir": "ltr",
        "tag": ticket,
        "token": token,
        "at": 0,
        "until": 0,
        "stays": False,
        "actions": [{"action": "coming", "title": "I am coming"}, {"action": "more_time", "title": "More time"}],
        "said": {
            "coming": "Good, the staff can see that you are coming.",
            "moment": "Good, the staff can see that you need a moment.",
            "more_time": "Good, others go first. You keep your place in the line.",
            "failed": "That did not work. Tap to open your ticket.",
        },
    }
