"""The real store for every test, a clock that the test sets, and a small site."""

import logging
import os
from collections.abc import AsyncIterator, Iterator

import msgspec
import pytest
from hypothesis import HealthCheck, settings

from callboard.domain.directory import Directory
from callboard.domain.model import Site
from callboard.store.reads import Reads
from callboard.store.redis import Connection
from callboard.store.transitions import Store
from servers import start_server

# How fast a machine makes examples says nothing of us.
settings.register_profile("ours", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("ours")

START = 1_790_000_000_000  # a Monday in September 2026, in the afternoon in Stockholm

SITE = {
    "organization": {"id": "hilltop", "name": "Hilltop"},
    "locations": [
        {
            "id": "main",
            "name": {"en": "Hilltop Clinic", "sv": "Kullens mottagning", "ar": "عيادة التل"},
            "time_zone": "Europe/Stockholm",
            "country": "SE",
            "languages": ["en", "sv", "ar"],
            "queues": [
                {
                    "id": "general",
                    "tag": "A",
                    "name": {"en": "General", "sv": "Allmänt", "ar": "عام"},
                    "priorities": {"elderly": 15, "urgent": 10000},
                },
                {"id": "lab", "tag": "B", "name": "Lab", "finish_on_next": False, "booking_head_start_min": 10},
                {"id": "advice", "tag": "C", "name": "Advice", "max_waiting": 5, "sensitive": True},
            ],
            "desks": [
                {"id": "d1", "tag": "1", "name": "Desk 1", "queues": ["general", "lab"]},
                {"id": "d2", "tag": "2", "name": "Desk 2", "queues": ["general", "advice"], "take": "arrival"},
                {"id": "d3", "tag": "3", "name": "Lab 3", "kind": "room", "queues": ["lab"]},
            ],
            "displays": [{"id": "lobby", "name": "Lobby", "languages": ["en", "sv"]}],
        }
    ],
}


class Clock:
    """Says the time that the test says."""

    def __init__(self, now: int = START) -> None:
        self.now = now

    def __call__(self) -> int:
        return self.now

    def pass_(self, *, ms: int = 0, s: float = 0, min: float = 0, h: float = 0) -> None:
        self.now += round(ms + 1000 * (s + 60 * (min + 60 * h)))


@pytest.fixture(autouse=True)
def log_level() -> Iterator[None]:
    """A command that a test runs in this process sets it for all that follow."""
    root = logging.getLogger()
    before = root.level
    yield
    root.setLevel(before)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def directory() -> Directory:
    return Directory([msgspec.convert(SITE, Site)])


@pytest.fixture(scope="session")
def store_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The server that ships, without the disk: tests about the disk start their own."""
    if url := os.environ.get("CALLBOARD_TEST_STORE"):  # the same tests against a cluster
        yield url
        return
    with start_server(tmp_path_factory.mktemp("store")) as url:
        yield url


@pytest.fixture
async def connection(store_url: str) -> AsyncIterator[Connection]:
    connection = Connection.open(store_url, wait_s=2)
    await connection.client.flushall()
    yield connection
    await connection.close()


@pytest.fixture
def store(connection: Connection, directory: Directory, clock: Clock) -> Store:
    return Store(connection, directory, clock)


@pytest.fixture
def reads(connection: Connection, directory: Directory) -> Reads:
    return Reads(connection, directory)


# Whole servers, browsers and clusters, which take long and mostly wait. They go first, so that no process is left with
# them at the end while the others have nothing to do.
LONG = (
    "test_schemathesis",
    "test_failover",
    "test_workers",
    "test_workers_deliver",
    "test_served",
    "test_kills",
    "test_high_water",
    "test_line",
    "test_serve",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: item.path.stem not in LONG)
