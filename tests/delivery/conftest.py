import pytest

from callboard.store.redis import Connection
from conftest import Clock
from delivery.office import Office


@pytest.fixture
def office(connection: Connection, clock: Clock) -> Office:
    return Office(connection, clock)
