"""The API against what it says of itself, by who has a key and by who has none."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from callboard.domain.directory import Directory
from callboard.domain.model import Site
from callboard.services import Services
from facades.fuzz import Fuzzed, Run, fuzzed, narrowed
from facades.ombori.conftest import QUEUE, ROOT, VALLEY, site
from thorough import examples

CONFIG = """
[checks]
object_level_authorization.enabled = false
ensure_resource_availability.enabled = false
"""
# Which moments there are, and that a slot ends after it begins, no schema says: these refuse more than theirs does.
ANY_MOMENT = """
[[operations]]
include-operation-id = ["book", "reserve", "update", "change_reservation", "timeslots"]
checks.positive_data_acceptance.enabled = false
"""
TOMORROW, THE_DAY_AFTER = (datetime.now(UTC) + timedelta(days=days) for days in (1, 2))  # the server has real time
FIRST = [f"{TOMORROW:%Y-%m-%d}T14:30:00.000Z", f"{TOMORROW:%Y-%m-%d} 15:00"]
THEN = [f"{THE_DAY_AFTER:%Y-%m-%d}T00:00:00+01:00", f"{THE_DAY_AFTER:%Y-%m-%d}T12:30:00.1700000Z"]


async def prepare(services: Services) -> dict[str, Any]:
    """Positions in every state from which the API leads on, and a key."""
    store, day_ms = services.store, 24 * 3_600_000
    slot: dict[str, Any] = {"slot_at": services.clock() + day_ms, "slot_end": services.clock() + day_ms + 900_000}
    made = [await store.join("general") for _ in range(6)]
    made += [await store.book("general", **slot) for _ in range(3)]
    made += [await store.reserve("general", **slot) for _ in range(6)]
    _, key = await services.accounts.keys.make("Robot", organization="hilltop")
    return {"key": key, "positions": [done.ticket.id for done in made if done.ticket]}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fuzzed]:
    directory = Directory([msgspec.convert(site(), Site), msgspec.convert(VALLEY, Site)])
    with fuzzed(tmp_path_factory.mktemp("store"), directory, prepare) as running:
        yield running


def possible(document: dict[str, Any], positions: list[str]) -> dict[str, Any]:
    """The same with positions that there are, and with slots that end after they begin."""
    booking = document["components"]["schemas"]["BookingIn"]["properties"]
    booking["start"], booking["end"] = {"enum": FIRST}, {"enum": THEN}
    for parameter in document["paths"][f"{ROOT}/queues/{{queue}}/timeslots"]["get"]["parameters"]:
        if parameter["in"] == "query":
            parameter["schema"] = {"enum": FIRST if parameter["name"] == "from" else THEN}
    return narrowed(document, {"queue": [QUEUE], "position": positions})


@pytest.mark.timeout(320)
@examples
def test_with_a_key_it_is_as_described(server: Fuzzed, tmp_path: Path, examples: int) -> None:
    document = possible(server.document(ROOT), server.known["positions"])
    options = ["--header", f"ApiKey: {server.known['key']}", "--max-examples", str(examples)]
    Run(tmp_path, ["--phases", "coverage,fuzzing,stateful", *options], CONFIG)(server, document)


@pytest.mark.timeout(320)
@examples
def test_without_a_key_it_is_as_described(server: Fuzzed, tmp_path: Path, examples: int) -> None:
    options = ["--phases", "coverage,fuzzing", "--max-examples", str(examples)]
    Run(tmp_path, options, CONFIG + ANY_MOMENT)(server, server.document(ROOT))
