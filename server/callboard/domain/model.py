"""The words of the waiting room: site, location, queue, desk, display; ticket, its states and its person."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

from callboard.domain.consent import Consent
from callboard.domain.receiver import Receiver
from callboard.domain.spending import Texting
from callboard.domain.typed import (
    AnyHours,
    Colour,
    Country,
    Hours,
    Id,
    Locale,
    Minutes,
    Number,
    Tag,
    Text,
    TimeOfDay,
    Uuid,
    Words,
)


class State(StrEnum):
    RESERVED = "reserved"
    BOOKED = "booked"
    WAITING = "waiting"
    CALLED = "called"
    SERVING = "serving"
    HELD = "held"
    DONE = "done"
    NO_SHOW = "no_show"
    CANCELLED = "cancelled"


CLOSED = frozenset({State.DONE, State.NO_SHOW, State.CANCELLED})


class CloseReason(StrEnum):
    SERVED = "served"
    CUSTOMER = "customer"
    STAFF = "staff"
    NO_SHOW = "no_show"
    ABANDONED = "abandoned"
    RESCHEDULED = "rescheduled"
    RESET = "reset"


class Queue(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A line for one service. Minutes unless said otherwise."""

    id: Id
    number: Number | None = None  # by these two other systems know it; see `identity`
    uuid: Uuid | None = None
    tag: Tag
    name: Text
    colour: Colour = "#1f5f8b"
    service_min: Annotated[float, Meta(gt=0, le=600)] = 6  # what a service is expected to take before anything is known
    target_min: Annotated[float, Meta(ge=0, le=1440)] = 15  # a wait so long is still good
    max_waiting: Annotated[int, Meta(ge=1)] | None = None
    finish_on_next: bool = True  # calling next also finishes what the desk had
    almost_ahead: Annotated[int, Meta(ge=0, le=50)] = 2  # "almost your turn" goes out at this many ahead
    almost_min: Annotated[float, Meta(ge=0, le=120)] = 5  # or this many minutes before it; 0: by people alone
    priorities: Mapping[Id, Minutes] = {}  # head start by priority name
    booking_head_start_min: Minutes = 0
    early_min: Minutes = 30  # check-in window before the slot
    late_min: Minutes = 15  # and after it
    activate: Literal["check_in", "at_slot"] = "check_in"  # when a booking starts to wait
    reserve_min: Minutes | None = None  # reservations expire after this long; None: never by themselves
    check_in_by: Literal["anybody", "staff"] = "anybody"  # whether a booking starts to wait without somebody's leave
    slot_min: Annotated[float, Meta(ge=1, le=1440)] = 15  # how long a slot is
    slot_places: Annotated[int, Meta(ge=1)] | None = None  # and how many bookings it takes; None: any number
    reminder_min: Minutes | None = None  # a booking is reminded of so long before its slot
    rejoin_min: Minutes = 15  # how long a missed ticket may come back
    postpone_max: Annotated[int, Meta(ge=0, le=20)] = 2  # how often a person may ask for more time
    sensitive: bool = False  # boards and voice show and say the number only, never the service
    watches: tuple[Receiver, ...] = ()  # other systems that are told what happens in it


Week = Mapping[Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"], tuple[Hours, ...]]  # local; other days: none


class Desk(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where people are served: `queues` in order; `take` says whether that order or the arrival decides."""

    id: Id
    tag: Annotated[str, Meta(min_length=1, max_length=6)]
    name: Text
    kind: Literal["desk", "counter", "room"] = "desk"
    queues: tuple[Id, ...]
    take: Literal["listed", "arrival"] = "listed"
    staffed: Week = {}  # when somebody is planned to sit here; none: as for the location


class Display(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A screen in the lobby. No queues named: all of the location."""

    id: Id
    name: Text
    queues: tuple[Id, ...] = ()
    languages: tuple[Locale, ...] = ()  # spoken in this order, shown in the first; empty: the location's first
    chime: bool = True
    voice: bool = True
    recent: Annotated[int, Meta(ge=0, le=12)] = 6


class Remote(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When somebody who is not there may take a ticket; a rule of 0 does not count. Apps may apply them themselves."""

    enforced: bool = False  # else they are only told
    radius_km: Annotated[float, Meta(ge=0, le=20_000)] = 0  # so near ...
    min_waiting: Annotated[int, Meta(ge=0)] = 0  # ... or so many waiting ...
    min_wait_min: Minutes = 0  # ... or so long a wait
    several_tickets: bool = True  # one customer may have more than one open ticket


class Location(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A branch: its clock, its hours, its lines."""

    id: Id
    number: Number | None = None  # by these two other systems know it; see `identity`
    uuid: Uuid | None = None
    name: Text
    city: Words = ""
    region: Words = ""
    address: Words = ""
    phone: Words = ""
    email: Words = ""
    website: Words = ""
    coordinates: tuple[Annotated[float, Meta(ge=-90, le=90)], Annotated[float, Meta(ge=-180, le=180)]] | None = (
        None  # latitude, longitude
    )
    time_zone: str = "UTC"
    languages: Annotated[tuple[Locale, ...], Meta(min_length=1)] = ("en",)
    country: Country = "GB"  # how a phone number without + is read
    hours: Week = {}  # none: always open
    staffed: Week = {}  # when its desks are planned to be; none: what is expected is learned from the days before
    reset_at: TimeOfDay = "04:00"  # local; numbers start again
    reset_clears: bool = True  # who still waits then is sent away
    public_join: bool = True  # people may take a ticket from /join without staff
    remote: Remote = Remote()
    texting: Texting = Texting()
    messages: Mapping[str, bool | Mapping[Locale, bool]] = {}  # which are sent, by kind, perhaps by language; else all
    quiet_hours: AnyHours | None = None  # local, over midnight too: what can wait until they end does
    erase_after_h: Annotated[float, Meta(ge=0, le=8760)] = 24  # people are forgotten so long after their visit
    queues: Annotated[tuple[Queue, ...], Meta(min_length=1)]
    desks: tuple[Desk, ...] = ()
    displays: tuple[Display, ...] = ()
    texts: Mapping[Locale, Mapping[str, Annotated[str, Meta(min_length=1, max_length=600)]]] = {}
    titles: Mapping[Locale, Mapping[str, Annotated[str, Meta(min_length=1, max_length=120)]]] = {}


class Organization(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    id: Id
    uuid: Uuid | None = None  # by which other systems know it; see `identity`
    name: Text
    apis: Mapping[Id, Mapping[str, Any]] = {}  # how those of another shape are to answer: options, by the API's name


class Site(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One organization's file."""

    organization: Organization
    locations: Annotated[tuple[Location, ...], Meta(min_length=1)]


class Ticket(Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """A place in a queue, as the store keeps it. Moments end in `_at` and are milliseconds since 1970."""

    id: str  # UUIDv8: serial, location, randomness; sorts in the order of issue
    serial: int  # small, unique over all locations, never reused
    known_as: int = 0  # the serial of the first ticket whose place it took: that leads to it from now on
    location: str
    queue: str
    state: State
    created_at: int
    number: int = 0  # drawn when it starts to wait; 0 before
    label: str = ""  # what people see: "A007"
    priority: str = ""
    head_start_ms: int = 0
    score: str = ""  # the moment it counts as having arrived, in full precision; "" before it waits
    locale: str = "en"
    source: str = ""  # join, kiosk, staff, api, or a facade's name
    party: int = 1  # how many people come with it
    almost_ahead: int = 0  # the person wants to hear "almost your turn" at this many ahead; 0: when the queue says so
    travel_min: int = 0  # how long the person takes to come; 0: they have not said
    slot_at: int | None = None
    slot_end: int | None = None
    reminded_at: int | None = None
    expires_at: int | None = None  # of a reservation
    joined_at: int | None = None  # started to wait
    called_at: int | None = None
    last_called_at: int | None = None  # the same, and stays when the ticket is put back
    call: int = 0  # the `seq` of its latest call: a screen sounds each value once
    first_call: int = 0  # the `seq` of the first announcement of this call: its place on the board
    calls: int = 0  # how often it was announced in this call
    announced_at: int | None = None  # and when last
    started_at: int | None = None
    closed_at: int | None = None
    close_reason: CloseReason | None = None
    desk: str = ""
    staff: str = ""  # who called it: the name that somebody signs in with
    held_by: str = ""  # desk or pool it is parked with
    held_at: int | None = None
    retry_count: int = 0
    postponed: int = 0
    rating: int = 0  # what the person said of the visit, 1 to 5; 0 nothing
    last: str = ""  # the stem of the last command that changed it
    changed_at: int = 0  # and when
    rev: int = 0  # grows with every change of this ticket


class Subscription(Struct, frozen=True, kw_only=True):
    """A browser that shows notifications of a ticket, as it told us. Whoever has this can send to it."""

    id: str  # made of the address
    endpoint: str  # where its push service takes messages for it
    p256dh: str  # its public key
    auth: str  # and a secret between it and us


class Note(Struct, frozen=True, kw_only=True):
    """What a person has written to the staff."""

    at: int
    text: str


class Person(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Who holds a ticket. Kept apart from the ticket, so that erasing it erases the person everywhere."""

    token: str  # opens /t/{token}
    name: str = ""
    phone: str = ""  # E.164
    email: str = ""
    consent: Mapping[str, Consent] = {}  # to being written to, for each of "phone" and "email" that is known
    pushes: tuple[Subscription, ...] = ()  # the oldest first
    customer: str = ""  # the customer that it is, if that is known
    comment: str = ""  # what they said of the visit
    notes: tuple[Note, ...] = ()  # what they have written to the staff, the oldest first
    no_texts: str = ""  # why texts do not reach them, in a word
    extra: str = ""  # what a facade wants kept; the core never reads it
