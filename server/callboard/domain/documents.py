"""What a screen, a phone and a desk are told: whole small documents, the newest wins."""

from msgspec import Struct


class Wait(Struct, frozen=True):
    """A shown wait: whole minutes from `low` to `high`; `now` when the next call may be theirs."""

    low: int
    high: int


class Say(Struct, frozen=True):
    lang: str
    text: str


class BoardCall(Struct, frozen=True, kw_only=True):
    """One line of the board. `id` grows with every announcement; a screen sounds each id once, if it is young."""

    id: int
    ticket: str  # the label, "A007"
    desk: str
    kind: str  # desk, counter, room
    queue: str  # "" when the service is not to be shown
    colour: str
    at: int  # ms, when it was last announced
    state: str  # called, serving, or a closed state
    times: int
    say: list[Say]


class BoardQueue(Struct, frozen=True, kw_only=True):
    id: str
    tag: str
    name: str
    colour: str
    open: bool
    waiting: int
    wait: Wait | None  # None: nothing honest can be said (no desk open)


class Board(Struct, frozen=True, kw_only=True, tag="board", tag_field="type"):
    seq: int
    epoch: str
    at: int
    display: str
    location: str
    open: bool
    opens_at: int | None  # ms, when closed and it is known
    time_zone: str
    languages: list[str]
    chime: bool
    voice: bool
    calls: list[BoardCall]  # newest first: those in called or serving are current, the others recent
    queues: list[BoardQueue]


class Names(Struct, frozen=True, kw_only=True):
    location: str
    queue: str
    desk: str


class Phone(Struct, frozen=True, kw_only=True, tag="ticket", tag_field="type"):
    """One person's page. `phase` says what to do now:
    booked, far, near, next, called, serving, held, done, missed, cancelled."""

    seq: int
    epoch: str
    at: int
    label: str
    state: str
    phase: str
    location: str
    queue: str
    ahead: int | None  # people before this one; None when it does not wait
    wait: Wait | None  # from now; of a booking, from its time
    desk: str  # the desk to go to, "" when none
    kind: str
    call: int  # grows with every announcement: vibrate and sound once for each
    called_at: int | None
    slot_at: int | None
    last_called: str  # the newest label called in this queue, "" when none
    rejoin_until: int | None  # a missed ticket may come back until then
    can: list[str]  # of cancel, postpone, rejoin, check_in, feedback
    close_reason: str
    time_zone: str
    names: dict[str, Names] = {}  # by language: what `location`, `queue` and `desk` are called in it
    rating: int = 0  # what they said of the visit
    opens_at: int | None = None  # ms, when it is closed and that is known
    travel_min: int = 0  # how long they take to come; 0: they have not said
    check_in_by: str = "anybody"  # or "staff": a booking is not checked in from here


class DeskNote(Struct, frozen=True):
    """What a person has written to the staff, and when (ms)."""

    at: int
    text: str


class DeskTicket(Struct, frozen=True, kw_only=True):
    """A ticket as staff see it."""

    id: str
    label: str
    state: str
    queue: str  # id
    queue_name: str
    colour: str
    name: str
    priority: str
    joined_at: int | None
    called_at: int | None
    started_at: int | None
    slot_at: int | None
    calls: int
    retry_count: int
    held_by: str
    locale: str
    notes: list[DeskNote]  # the oldest first
    no_texts: str  # why texts do not reach the person: opted_out, not_mobile, out_of_reach, blocked, failed; "" they do


class DeskQueue(Struct, frozen=True, kw_only=True):
    id: str
    tag: str
    name: str
    colour: str
    open: bool
    waiting: int
    wait: Wait | None
    served_here: bool


class DeskUndo(Struct, frozen=True, kw_only=True):
    """What undo would take back, and until when (ms)."""

    kind: str
    label: str
    until: int


class DeskView(Struct, frozen=True, kw_only=True, tag="desk", tag_field="type"):
    seq: int
    epoch: str
    at: int
    desk: str
    name: str
    tag_name: str
    location: str
    open: bool
    staff: str
    current: DeskTicket | None
    held: list[DeskTicket]
    waiting: list[DeskTicket]  # the first 50 over the queues it serves, in the order they would be called
    booked: list[DeskTicket]  # not checked in yet, by slot
    recent: list[DeskTicket]  # closed at this location, newest first, 10
    queues: list[DeskQueue]  # all of the location
    undo: DeskUndo | None
    time_zone: str = "UTC"


Document = Board | Phone | DeskView
