"""Every command that each API has, from every state that it acts on: what comes of it is the same in all four views.

A row names where a ticket begins, what is asked, and the state and reason that follow. `{id}` and `{serial}` stand for
the ticket's names, `{number}` for the customer's, `{slot}`, `{then}` and `{at}` for times.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from callboard.domain.model import CLOSED, CloseReason, State, Ticket
from facades.four import HELD_FROM_COUNTER, RESCHEDULED, FourApis

ANNA = {"id": "{number}"}
MAIL = {"type": "email", "settings": {"recipient": "ann@example.org"}}
SLOT = {"start": "{slot}", "end": "{then}"}
RESERVE = {"locale": "en", "notification": MAIL, "booking": SLOT}

RESERVED, BOOKED, WAITING, CALLED, SERVING = (
    State.RESERVED,
    State.BOOKED,
    State.WAITING,
    State.CALLED,
    State.SERVING,
)
HELD, DONE, NO_SHOW, CANCELLED = State.HELD, State.DONE, State.NO_SHOW, State.CANCELLED
OPEN = (RESERVED, BOOKED, WAITING, CALLED, SERVING, HELD)
COME = (WAITING, CALLED, SERVING, HELD, DONE, NO_SHOW)  # what is a registration, and not deleted
REASON = {DONE: "served", NO_SHOW: "no_show", CANCELLED: "staff"}


@dataclass(frozen=True)
class Row:
    """`made`: where a new ticket's number or id stands in the answer; it is the one to look at then."""

    begins: State | None
    ask: str
    ends: State
    reason: str = ""
    body: Any = None
    made: tuple[str, ...] = ()
    words: Any = None


OMBORI = [
    Row(None, "POST {ombori}/join", WAITING, body={"session": "s"}, made=("position", "id")),
    Row(None, "POST {ombori}/bookings", BOOKED, body={"booking": SLOT}, made=("id",)),
    Row(None, "POST {ombori}/reservations", RESERVED, body=RESERVE, made=("id",)),
    Row(RESERVED, "PATCH {ombori}/reservations/{id}", RESERVED, body=RESERVE),
    Row(RESERVED, "POST {ombori}/reservations/{id}/confirm", BOOKED),
    Row(BOOKED, "POST {ombori}/reservations/{id}/confirm", BOOKED),
    Row(BOOKED, "PATCH {ombori}/positions/{id}", BOOKED, body={"booking": SLOT}),
    Row(WAITING, "POST {ombori}/join", WAITING, body={"session": "s", "position": {"id": "{id}", "locale": "sv"}}),
    *(
        Row(state, "PATCH {ombori}/positions/{id}", state, body={"numberOfPeople": 2})
        for state in OPEN
        if state != HELD
    ),
    *(Row(state, "PUT {ombori}/positions/{id}/cancel-position", CANCELLED, "customer") for state in OPEN),
    Row(NO_SHOW, "PUT {ombori}/positions/{id}/cancel-position", NO_SHOW, "no_show"),
]

STATUSES = {"registered": WAITING, "inProgress": SERVING, "finished": DONE, "noShow": NO_SHOW}
AGENDIZE = [
    Row(None, "POST {agendize}", WAITING, body={"client": ANNA}, made=("id",)),
    *(
        Row(
            None, "POST {agendize}", state, REASON.get(state, ""), body={"client": ANNA, "status": status}, made=("id",)
        )
        for status, state in STATUSES.items()
    ),
    *(
        Row(begins, "PUT {agendize}/{serial}", ends, REASON.get(ends, ""), body={"status": status})
        for begins in COME
        for status, ends in STATUSES.items()
    ),
    Row(WAITING, "PATCH {agendize}/{serial}", SERVING, body={"status": "onGoing"}),
    Row(WAITING, "PUT {agendize}/{serial}", WAITING, body={"queue": {"id": "21"}}),
    *(Row(state, "DELETE {agendize}/{serial}", CANCELLED, "staff") for state in COME),
    Row(WAITING, "POST {agendize}/next", CALLED),
    Row(WAITING, "PUT {agendize}/next", CALLED),
    Row(WAITING, "GET {agendize}/next", WAITING),
]

PATCHED = {"OriginalProcessId": "{serial}", "AppointmentDateTime": "{then}"}
BOOK = {"ServiceId": 20, "CustomerId": "{number}", "AppointmentDateTime": "{slot}"}
FORCED = {
    3: (WAITING, ""),
    4: (CANCELLED, "abandoned"),
    8: (DONE, "served"),
    15: (CANCELLED, "staff"),
    17: (NO_SHOW, "no_show"),
}
QFLOW = [
    Row(None, "PUT /qflow/Appointments", BOOKED, body=BOOK, made=("ProcessId",)),
    Row(None, "PUT /API/Appointments", BOOKED, body=BOOK | {"BookFirstAvailable": True}, made=("ProcessId",)),
    Row(RESERVED, "PUT /qflow/Appointments", BOOKED, body=BOOK | {"ReservedSlotId": "{serial}"}),
    Row(BOOKED, "PATCH /qflow/Appointments", CANCELLED, "rescheduled", body=PATCHED, words=RESCHEDULED),
    Row(BOOKED, "PATCH /qflow/Appointments", BOOKED, body=PATCHED, made=("ProcessId",)),
    Row(BOOKED, "DELETE /qflow/Appointments", CANCELLED, "customer", body={"ProcessId": "{serial}"}),
    Row(BOOKED, "DELETE /qflow/Appointments", CANCELLED, "staff", body={"ProcessId": "{serial}", "UserId": 7}),
    *(
        Row(state, "POST /qflow/Appointments/Checkin", ends, body={"CaseId": "{serial}", "ForceEarlyLate": True})
        for state, ends in (
            (RESERVED, WAITING),
            (BOOKED, WAITING),
            (WAITING, WAITING),
            (CALLED, CALLED),
            (SERVING, SERVING),
        )
    ),
    Row(BOOKED, "POST /API/Appointments/CheckinExtRef", WAITING, body={"PersonalId": "P-1", "ForceEarlyLate": True}),
    Row(None, "POST /qflow/Cases", WAITING, body={"ServiceId": 20}, made=("CaseId",)),
    Row(
        None,
        "POST /qflow/Cases",
        DONE,
        "served",
        body={"ServiceId": 20, "CustomerId": "{number}", "AutoClose": True},
        made=("CaseId",),
    ),
    *(
        Row(begins, "POST /qflow/Cases/Cancel", ends, reason, body={"ProcessId": "{serial}", "Status": status})
        for begins in (BOOKED, *COME, CANCELLED)
        for status, (ends, reason) in FORCED.items()
        if begins != ends
    ),
    *(
        Row(state, "POST /qflow/Cases/Cancel", state, REASON.get(state, ""), body={"CaseId": "{serial}", "Status": -1})
        for state in (BOOKED, *COME, CANCELLED)
    ),
]

WISH = {"tickets": [{"master_id": "{master}", "service_id": "{general}"}]}
BLOOM = [
    Row(None, "POST /vt/api/json/ticket/create", WAITING, body=WISH, made=("ticket", "id")),
    *(
        Row(state, "POST /vt/api/json/ticket/cancel", CANCELLED, "customer", body={"ticket": "{id}"})
        for state in (WAITING, CALLED, HELD)
    ),
]

TICKET, DESK = "/api/v1/tickets/{id}", {"desk": "d1"}
OURS = [
    Row(None, "POST /api/v1/tickets", WAITING, body={"queue": "general"}, made=("ticket", "id")),
    Row(None, "POST /api/v1/tickets", BOOKED, body={"queue": "general", "slot_at": "{at}"}, made=("ticket", "id")),
    Row(
        None,
        "POST /api/v1/tickets",
        RESERVED,
        body={"queue": "general", "slot_at": "{at}", "reserve": True},
        made=("ticket", "id"),
    ),
    Row(RESERVED, f"POST {TICKET}/confirm", BOOKED),
    Row(BOOKED, f"POST {TICKET}/check_in", WAITING, body={"force": True}),
    Row(WAITING, "POST /api/v1/desks/d1/call_next", CALLED),
    Row(WAITING, f"POST {TICKET}/call", CALLED, body=DESK),
    Row(CALLED, f"POST {TICKET}/recall", CALLED),
    Row(CALLED, f"POST {TICKET}/put_back", WAITING),
    Row(CALLED, f"POST {TICKET}/start", SERVING),
    Row(CALLED, f"POST {TICKET}/finish", DONE, "served"),
    Row(SERVING, f"POST {TICKET}/finish", DONE, "served"),
    Row(CALLED, f"POST {TICKET}/no_show", NO_SHOW, "no_show"),
    Row(NO_SHOW, f"POST {TICKET}/rejoin", WAITING),
    Row(WAITING, f"POST {TICKET}/postpone", WAITING, body={"minutes": 5}),
    Row(WAITING, f"POST {TICKET}/hold", HELD, body={"held_by": "pool"}),
    Row(CALLED, f"POST {TICKET}/hold", HELD, words=HELD_FROM_COUNTER),
    Row(SERVING, f"POST {TICKET}/hold", HELD, words=HELD_FROM_COUNTER),
    Row(HELD, f"POST {TICKET}/release", WAITING),
    *(
        Row(state, f"POST {TICKET}/transfer", WAITING, body={"queue": "lab"})
        for state in (WAITING, CALLED, SERVING, HELD)
    ),
    *(Row(state, f"POST {TICKET}/cancel", CANCELLED, "staff") for state in OPEN),
    Row(CALLED, "POST /api/v1/desks/d1/undo", WAITING),
    Row(SERVING, "POST /api/v1/desks/d1/undo", CALLED),
    Row(DONE, "POST /api/v1/desks/d1/undo", SERVING),
    Row(NO_SHOW, "POST /api/v1/desks/d1/undo", CALLED),
]
APIS = {"ombori": OMBORI, "agendize": AGENDIZE, "qflow": QFLOW, "bloom": BLOOM, "ours": OURS}


@pytest.mark.parametrize("api", APIS)
async def test_what_comes_of_a_command_is_the_same_in_every_view(four: FourApis, api: str) -> None:
    await four.services.customers.put("hilltop", four.customer, personal_id="P-1")
    wrong = {}
    for row in APIS[api]:
        begun = await beginning(four, row.begins) if row.begins else None
        try:
            id = await acted(four, row, begun)
            await four.agree(id, row.ends, row.reason, row.words)
        except AssertionError as error:
            wrong[f"{row.begins}: {row.ask} {row.body}"] = str(error)
        await leave(four)
    assert wrong == {}


async def acted(four: FourApis, row: Row, begun: Ticket | None) -> str:
    """The id of the ticket to look at, after what the row asks."""
    method, _, path = row.ask.partition(" ")
    names = four.names(begun)
    expect = 201 if path == "/api/v1/tickets" else 200  # no vendor has anything else than 200
    answer = await four.ask(method, filled(path, names), filled(row.body, names), expect)
    assert not isinstance(answer, dict) or answer.get("success") is not False, answer
    four.clock.pass_(s=1)
    if not row.made:
        assert begun
        return begun.id
    for name in row.made:
        answer = answer[name]
    made = str(answer)
    id = await four.services.reads.ticket_of_serial(int(made)) if made.isdigit() else made
    if row.ends not in CLOSED:
        await four.belongs_to_anna(id)
    return id


async def beginning(four: FourApis, state: State) -> Ticket:
    """A ticket of Anna's in that state, at desk d1 where it is at one."""
    store, now = four.services.store, four.clock.now
    if state is RESERVED:
        done = await store.reserve("general", slot_at=now + 600_000, slot_end=now + 900_000)
    elif state is BOOKED:
        done = await store.book("general", slot_at=now + 600_000, slot_end=now + 900_000)
    else:
        done = await store.join("general")
    assert done.ticket
    id = done.ticket.id
    await four.belongs_to_anna(id)
    if state in (CALLED, SERVING, DONE, NO_SHOW):
        await store.call_next("d1")
    if state in (SERVING, DONE):
        await store.start(id)
    if state is HELD:
        await store.hold(id, held_by="pool")
    if state is DONE:
        await store.finish(id)
    if state is NO_SHOW:
        await store.no_show(id)
    if state is CANCELLED:
        await store.cancel(id, reason=CloseReason.STAFF)
    four.clock.pass_(s=1)
    ticket = await four.ticket(id)
    assert ticket.state is state
    return ticket


async def leave(four: FourApis) -> None:
    """Nobody is left in the house."""
    for ticket in await four.services.reads.tickets_of_customer(four.customer, ["main"]):
        if ticket.state not in CLOSED:
            await four.services.store.cancel(ticket.id, reason=CloseReason.STAFF)


def filled(value: Any, names: Mapping[str, Any]) -> Any:
    """With the names in the place of their words; a word alone keeps its type."""
    if isinstance(value, dict):
        return {name: filled(inner, names) for name, inner in value.items()}
    if isinstance(value, list):
        return [filled(inner, names) for inner in value]
    if not isinstance(value, str):
        return value
    alone = value[1:-1] if value[:1] == "{" and value[-1:] == "}" else ""
    return names[alone] if alone in names else value.format_map(names)
