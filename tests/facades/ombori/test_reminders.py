"""A booking that its person is reminded of, from the day it was made to its end: what is shown, and what is told."""

from typing import Any

import httpx2
import pytest

from callboard.domain.directory import Directory
from callboard.housekeeping import Housekeeping
from callboard.services import Services
from facades.ombori.conftest import QUEUE, site
from facades.ombori.office import Office, watched
from webhooks.receiver import Receiver

BOOKING = {"start": "2026-09-21T17:00:00.000Z", "end": "2026-09-21T17:15:00.000Z"}  # in less than three hours


@pytest.fixture
def directory(receiver: Receiver) -> Directory:
    """Reminded of an hour before, and in the queue when its slot comes."""
    return watched(site(), receiver, reminder_min=60, activate="at_slot")


async def test_a_booking_is_reminded_of_and_walks_through_every_state(
    office: Office, services: Services, visitor: httpx2.AsyncClient
) -> None:
    store, passing = services.store, Housekeeping(services.store, services.reads)
    id = (await visitor.post(f"/queues/{QUEUE}/bookings", json={"booking": BOOKING})).json()["id"]
    path = f"/queues/{QUEUE}/positions/{id}"

    async def seen() -> tuple[Any, Any]:
        await passing.look()
        position = (await visitor.get(path)).json()
        return position["status"], position["bookingReminderAt"]

    assert await seen() == ("draft", "2026-09-21T16:00:00.000Z")
    office.clock.pass_(h=1.9)
    assert await seen() == ("draft", "2026-09-21T16:07:20.000Z"), "it went out when that was looked for"
    office.clock.pass_(h=1)
    assert (await seen())[0] == "pending"
    await store.open_desk("d1", staff="kim@example.org")  # a day that turned over has closed it
    await store.call_next("d1")
    assert (await seen())[0] == "notified"
    await store.start(id)
    assert (await seen())[0] == "fulfilled"
    await store.finish(id)
    assert (await seen())[0] == "completed"
    told = [(each["type"], each["data"]["position"]["status"]) for each in await office.told()]
    assert told == [
        ("bookingConfirmation", "draft"),
        ("bookingActivated", "pending"),
        ("positionCalled", "notified"),
        ("positionFulfilled", "fulfilled"),
        ("positionCompleted", "completed"),
    ], "a reminder has no type (O10)"
