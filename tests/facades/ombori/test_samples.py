"""Every sample of the source documents: the request as it stands there, and the answer, field for field."""

from datetime import UTC, datetime
from typing import Any

import httpx2
import msgspec
import pytest

from callboard.domain.directory import Directory
from callboard.domain.model import Site
from callboard.services import Services
from conftest import Clock
from facades.ombori.conftest import QUEUE, site
from facades.ombori.samples import MODEL_COMPLETED, MODEL_DRAFT, MODEL_SAID, RESERVE, RESERVED

MOMENTS = ("createdAt", "calledAt", "fulfilledAt", "completedAt")


@pytest.fixture
def directory() -> Directory:
    """The sample's desk is A, with an id that goes with it."""
    here = site()
    first, *more = here["locations"]
    desk = {"id": "d1", "tag": "A", "name": "Desk A", "queues": ["general"]}
    return Directory([msgspec.convert(here | {"locations": [first | {"desks": [desk]}, *more]}, Site)])


def ms(text: str) -> int:
    return round(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000)


def repaired(sample: dict[str, Any], answer: dict[str, Any]) -> dict[str, Any]:
    """The sample with the answer's ids, which are drawn anew."""
    id = answer["id"]
    code = f'{{"type":"check-in-position","positionId":"{id}"}}'
    return sample | {"id": id, "queue": QUEUE, "QRCodeCheckInPositionId": code}


async def test_a_time_slot_is_reserved(integrator: httpx2.AsyncClient, clock: Clock) -> None:
    clock.now = ms(RESERVED["createdAt"])
    answer = await integrator.post(f"/queues/{QUEUE}/reservations", json=RESERVE)
    assert answer.status_code == 200
    assert answer.json() == repaired(RESERVED, answer.json())


async def test_what_the_sample_leaves_out_is_kept(integrator: httpx2.AsyncClient, clock: Clock) -> None:
    clock.now = ms(RESERVED["createdAt"])
    made = (await integrator.post(f"/queues/{QUEUE}/reservations", json=RESERVE)).json()
    seen = (await integrator.get(f"/queues/{QUEUE}/positions/{made['id']}")).json()
    assert seen == made | {"customerInfo": RESERVE["customerInfo"], "booking": RESERVE["booking"]}


async def test_a_draft_is_as_the_model_shows_it(visitor: httpx2.AsyncClient, clock: Clock) -> None:
    clock.now = ms(MODEL_DRAFT["createdAt"])
    made = (await visitor.post(f"/queues/{QUEUE}/bookings", json=MODEL_SAID)).json()
    answer = await visitor.get(f"/queues/{QUEUE}/positions/{made['id']}")
    assert answer.json() == made == repaired(MODEL_DRAFT, made)


async def test_a_completed_booking_has_the_models_desk_label_and_times(
    visitor: httpx2.AsyncClient, services: Services, clock: Clock
) -> None:
    """`activatedAt` is of the newer model, and stands beside."""
    store = services.store
    clock.now = ms(MODEL_COMPLETED["createdAt"])
    made = (await visitor.post(f"/queues/{QUEUE}/bookings", json=MODEL_SAID)).json()
    await store.open_desk("d1", staff="kim")
    clock.now = ms(MODEL_COMPLETED["calledAt"])
    await store.check_in(made["id"])
    await store.call_next("d1")
    clock.now = ms(MODEL_COMPLETED["fulfilledAt"])
    await store.start(made["id"])
    clock.now = ms(MODEL_COMPLETED["completedAt"])
    await store.finish(made["id"])
    seen = (await visitor.get(f"/queues/{QUEUE}/positions/{made['id']}")).json()
    assert seen.pop("activatedAt") == MODEL_COMPLETED["calledAt"]
    assert seen.pop("station").keys() == MODEL_COMPLETED["station"].keys()
    expected = {field: value for field, value in repaired(MODEL_COMPLETED, seen).items() if field != "station"}
    assert seen == expected
