"""How often somebody may do something, where several processes count."""

import asyncio
from dataclasses import replace

import pytest

from callboard.app import create_app
from callboard.domain.directory import Directory
from callboard.services import Services
from callboard.store.redis import Connection
from callboard.store.windows import Windows
from conftest import Clock
from house import client, everything, make_services

MINUTE = 60_000


@pytest.fixture
def windows(connection: Connection, clock: Clock) -> Windows:
    return Windows(connection, clock)


async def test_a_window_moves(windows: Windows, clock: Clock) -> None:
    for _ in range(3):
        assert await windows.take("try:a", 3, MINUTE) == 0
        clock.pass_(s=10)
    assert await windows.take("try:a", 3, MINUTE) == 30_000
    clock.pass_(s=29)
    assert await windows.take("try:a", 3, MINUTE) == 1000  # what was refused did not count
    clock.pass_(s=1)
    assert await windows.take("try:a", 3, MINUTE) == 0
    assert await windows.take("try:a", 3, MINUTE) == 10_000


async def test_many_at_once_are_not_more_than_may_be(windows: Windows) -> None:
    taken = await asyncio.gather(*(windows.take("try:a", 5, MINUTE) for _ in range(40)))
    assert sorted(taken) == [0] * 5 + [MINUTE] * 35
    assert await windows.take("try:b", 5, MINUTE) == 0


async def test_one_that_is_given_back_may_be_taken_again(windows: Windows) -> None:
    for _ in range(10):
        assert await windows.take("try:a", 1, MINUTE) == 0
        await windows.give_back("try:a")
    await windows.give_back("never seen")


async def test_the_store_is_told_no_names_and_forgets(windows: Windows, connection: Connection) -> None:
    """What was typed for a name may have been a password."""
    for _ in range(9):
        await windows.take("account:correct horse", 3, MINUTE)
    assert "horse" not in await everything(connection)
    (key,) = [key async for key in connection.client.scan_iter()]
    assert await connection.client.llen(key) == 3
    assert 0 < await connection.client.pttl(key) <= MINUTE


@pytest.fixture
def two(connection: Connection, directory: Directory, clock: Clock) -> list[Services]:
    """Processes of one server."""
    shared = Windows(connection, clock)
    made = [make_services(connection, directory, clock, join_per_minute=3) for _ in range(2)]
    return [replace(services, windows=shared) for services in made]


async def test_passwords_tried_for_an_account_are_counted_over_all_processes(two: list[Services], clock: Clock) -> None:
    await two[0].accounts.add("Ada", "correct horse", organization="hilltop", roles=("staff",))
    statuses = []
    for number in range(6):
        async with client(create_app(two[number % 2]), address=f"203.0.113.{number}") as visitor:
            wrong = await visitor.post("/api/v1/session", json={"user": "Ada", "password": "wrong"})
            statuses.append(wrong.status_code)
    assert statuses == [401] * 5 + [429]
    async with client(create_app(two[1])) as visitor:
        right = {"user": "Ada", "password": "correct horse"}
        late = await visitor.post("/api/v1/session", json=right)
        assert (late.status_code, late.headers["retry-after"]) == (429, "60")
        clock.pass_(s=61)
        for _ in range(9):  # who has the password is not counted
            assert (await visitor.post("/api/v1/session", json=right)).status_code == 200


async def test_tickets_of_one_address_are_counted_over_all_processes(two: list[Services]) -> None:
    statuses = []
    for number in range(4):
        async with client(create_app(two[number % 2])) as visitor:
            statuses.append((await visitor.post("/api/v1/tickets", json={"queue": "general"})).status_code)
    assert statuses == [201, 201, 201, 429]
