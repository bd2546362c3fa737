"""What is remembered of a location (wait.md 5.1): about 5 kB, and some 60 bytes a waiting ticket."""

from collections.abc import Iterator
from math import exp
from statistics import NormalDist

import msgspec
from msgspec import Struct, field

RING = 300
PRIOR_SHAPES = 24  # a lognormal of deviation 0.6 and mean 1, before anything is known
BUCKETS = 5  # people ahead: 0, 1-2, 3-5, 6-10, more


def _prior_shapes() -> list[int]:
    normal = NormalDist()
    return [round(1000 * exp(0.6 * normal.inv_cdf((i + 0.5) / PRIOR_SHAPES) - 0.18)) for i in range(PRIOR_SHAPES)]


class Promised(Struct, array_like=True):
    """What was shown at `at` with so many ahead: (s) from then. `plain_s`: what people ahead times the mean says."""

    at: float
    bucket: int
    low_s: float
    high_s: float
    likely_s: float = 0.0
    plain_s: float = 0.0


class Waiting(Struct, array_like=True):
    """A ticket in the line. `row` picks its dice; `call_at` is the promised moment, `promised` what will be scored."""

    service: str
    since: float
    row: int
    prio: int = 0
    slot: float | None = None
    score: float | None = None
    found_free: bool = False  # a desk was free for it when it came
    call_at: float | None = None
    promised: list[Promised] = []
    shown: tuple[float, float] | None = None  # the range that was shown last, as moments


class Learned(Struct, array_like=True):
    """A decayed count, and the decayed sum that belongs to it."""

    n: float = 0.0
    s: float = 0.0

    def add(self, value: float, memory: float) -> None:
        self.n = self.n * (1 - 1 / memory) + 1
        self.s = self.s * (1 - 1 / memory) + value


class DeskState(Struct, array_like=True):
    """`spans` are today's opening spans in seconds since midnight, the last one open-ended while the desk is open."""

    speed: Learned = field(default_factory=Learned)
    open: bool = False
    ticket: str = ""
    service: str = ""
    called_at: float = 0.0
    waited_s: float = 0.0  # at that call
    started: bool = False
    freed_at: float = 0.0
    spans: list[tuple[int, int]] = []


class Speed(Struct, array_like=True):
    """The site's present speed: services done (`n`) against those the means expect of the busy time (`x`)."""

    n: float = 0.0
    x: float = 0.0
    drift: float = 0.02
    drift_n: float = 8.0
    batch: Learned = field(default_factory=Learned)


class Absent(Struct, array_like=True):
    """No-shows: all, and by the wait at the call; how long one takes a desk; how many present are `started`."""

    n: float = 0.0
    a: float = 0.0
    by_wait_n: list[float] = field(default_factory=lambda: [0.0] * 4)
    by_wait_a: list[float] = field(default_factory=lambda: [0.0] * 4)
    time_s: float = 120.0
    presses: float = 1.0


class Calibrator(Struct, array_like=True):
    low: float = 0.0
    high: float = 0.0
    n: int = 0


class Day(Struct, array_like=True):
    """A past day: each desk's opening spans."""

    day: int
    spans: dict[str, list[tuple[int, int]]]


class State(Struct):
    """All that a location's estimate is made of. `seq` is the last fact that it has seen."""

    seq: int = 0
    at: float = 0.0
    day: int = 0
    days: int = 0
    tickets: int = 0
    waiting: dict[str, Waiting] = {}
    walk_ins: int = 0  # how many of them have no slot
    bookings: dict[str, tuple[str, float]] = {}
    services: dict[str, Learned] = {}
    desks: dict[str, DeskState] = {}
    past: list[Day] = []
    shapes: list[int] = field(default_factory=_prior_shapes)
    speed: Speed = field(default_factory=Speed)
    absent: Absent = field(default_factory=Absent)
    gap_s: float = 15.0
    away_s: float = 600.0
    gave_up: float = 400 / 150
    waited_min: float = 400.0
    overtaking: dict[str, dict[int, float]] = {}  # priority arrivals by service and hour
    arriving: dict[str, dict[int, float]] = {}  # all other walk-ins
    open_s: float = 0.0  # how long any desk was open in the time of these counts
    past_days: float = 0.0
    came: Learned = field(default_factory=Learned)  # of the booked
    early: Learned = field(default_factory=Learned)
    early_square: Learned = field(default_factory=Learned)
    lead_s: float = 0.0  # their usual head start, where the order is a score
    calibrator: Calibrator = field(default_factory=Calibrator)
    by_ahead: list[Calibrator] = field(default_factory=lambda: [Calibrator() for _ in range(BUCKETS)])
    kept_at: float = 0.0
    mean_s: float = 0.0  # of the last services, whatever they were: what the plain rule knows
    booked_waits: list[int] = []  # from the slot to the call (s), of the last who had booked
    staffed_at: float = 0.0  # when a desk last opened or closed

    def desk(self, desk: str) -> DeskState:
        return self.desks.setdefault(desk, DeskState())

    def service(self, service: str) -> Learned:
        return self.services.setdefault(service, Learned())

    def busy(self) -> Iterator[tuple[str, DeskState]]:
        return ((name, desk) for name, desk in self.desks.items() if desk.ticket)


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(State)


def encode(state: State) -> bytes:
    return _encoder.encode(state)


def decode(data: bytes) -> State:
    """Raises msgspec.ValidationError if that is no state."""
    return _decoder.decode(data)
