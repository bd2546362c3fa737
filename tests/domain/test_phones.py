"""What is written in one pass for many is what is written for each alone."""

from itertools import count

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from callboard.domain.estimate import Load, outlook, wait
from callboard.domain.expected import Expected, Line, Told
from callboard.domain.model import CloseReason, Site, State, Ticket
from callboard.domain.phone import phone
from callboard.domain.phones import Alike, Phones, seen
from callboard.domain.picture import DeskState, Picture
from callboard.domain.picture import Line as Waiting
from conftest import SITE, START

LOCATION = msgspec.convert(SITE, Site).locations[0]
QUEUES = [queue.id for queue in LOCATION.queues]
MOMENTS = st.none() | st.integers(START - 3_600_000, START + 3_600_000)
SERIALS = count(1)
TEXT = st.text(st.characters(codec="utf-8"), max_size=6)

desks = st.fixed_dictionaries(
    {
        desk.id: st.builds(DeskState, open=st.booleans(), ticket=st.sampled_from(["", "someone"]))
        for desk in LOCATION.desks
    }
)
lines = st.fixed_dictionaries(
    {
        queue: st.builds(
            Waiting,
            waiting=st.integers(0, 12_000),
            open=st.booleans(),
            served=st.integers(0, 500),
            served_ms=st.integers(0, 10**9),
            first=st.just([]),
        )
        for queue in QUEUES
    }
)
tickets = st.builds(
    Ticket,
    id=st.uuids().map(str),
    serial=st.builds(lambda: next(SERIALS)),
    location=st.just("main"),
    queue=st.sampled_from(QUEUES),
    state=st.sampled_from(State),
    created_at=st.just(START),
    label=st.sampled_from(["", "A001", "B1000"]) | TEXT,
    locale=st.sampled_from(["en", "sv", "ar", "xx"]),
    desk=st.sampled_from(["", "d1", "d3", "gone"]),
    call=st.integers(0, 3),
    called_at=MOMENTS,
    slot_at=MOMENTS,
    closed_at=MOMENTS,
    close_reason=st.none() | st.sampled_from(CloseReason),
    postponed=st.integers(0, 3),
    rating=st.integers(0, 5),
)
pictures = st.builds(
    Picture,
    location=st.just("main"),
    seq=st.integers(0, 10**9),
    epoch=st.sampled_from(["", "a1b2c3"]),
    day=st.just("2026-09-21"),
    desks=desks,
    lines=lines,
    calls=st.lists(tickets, max_size=2),
    at_desks=st.just({}),
    phones=st.just({}),
    held=st.just([]),
    booked=st.just([]),
    closed=st.just([]),
    undo=st.just({}),
    expected=st.none()
    | st.builds(
        Expected,
        at=st.integers(START - 3_600_000, START),
        seq=st.just(1),
        lines=st.just({QUEUES[0]: Line([0, 5], [Told(0, 0, 0), Told(8, 14, 700)])}),
        bookings=st.just({QUEUES[0]: Told(1, 4, 100), QUEUES[1]: Told(-1, -1, 0)}),
    ),
)


@given(pictures, st.lists(st.tuples(tickets, st.integers(0, 12_000)), min_size=1, max_size=12))
def test_each_document_is_the_one_that_is_made_for_it_alone(picture: Picture, people: list[tuple[Ticket, int]]) -> None:
    written, known = Phones(LOCATION, picture, START), Alike()
    for ticket, place in people + people:
        ahead = place if ticket.state is State.WAITING else None
        assert written.head + written.write(seen(ticket, known), ahead) == msgspec.json.encode(
            phone(LOCATION, ticket, ahead, picture, START)
        )


@given(st.lists(tickets, min_size=2, max_size=8), pictures)
def test_those_who_differ_in_anything_that_is_told_are_told_it(people: list[Ticket], picture: Picture) -> None:
    """Close to one another, so that one's document would do for the next if something were left out."""
    first = people[0]
    fields = ("state", "locale", "desk", "call", "called_at", "slot_at", "closed_at", "close_reason", "postponed")
    near = [first, *people]
    for other in people[1:]:
        near += [msgspec.structs.replace(first, **{field: getattr(other, field)}) for field in (*fields, "rating")]
    written, known = Phones(LOCATION, picture, START), Alike()
    for ticket in near:
        ahead = 3 if ticket.state is State.WAITING else None
        assert written.head + written.write(seen(ticket, known), ahead) == msgspec.json.encode(
            phone(LOCATION, ticket, ahead, picture, START)
        )


@given(
    st.builds(
        Load,
        ahead=st.integers(0, 12_000),
        nominal_min=st.floats(0.1, 600),
        served=st.integers(0, 500),
        served_ms=st.integers(0, 10**9),
        capacity=st.sampled_from([0.0, 0.5, 1.0, 1 / 3, 7.5]),
        free=st.integers(0, 4),
    ),
    st.integers(0, 12_000),
)
def test_an_outlook_is_the_wait_of_each_place(load: Load, ahead: int) -> None:
    assert outlook(load)(ahead) == wait(msgspec.structs.replace(load, ahead=ahead))
