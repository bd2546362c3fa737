"""Both versions against their OpenAPI documents: no 500, and no answer that they do not declare."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import msgspec
import pytest

from callboard.domain.directory import Directory
from callboard.domain.model import Site
from callboard.services import Services
from facades.agendize.conftest import ANN, PLAIN, QUEUE, site
from facades.fuzz import Fuzzed, Run, fuzzed, narrowed
from thorough import examples, twin

# No schema says what a field's own rules are, nor who is needed for a registration: what fits it may still be refused.
CONFIG = """
[checks]
object_level_authorization.enabled = false
ensure_resource_availability.enabled = false
positive_data_acceptance.enabled = false
"""


async def prepare(services: Services) -> dict[str, Any]:
    return {"key": (await services.accounts.keys.make("Robot", organization="hilltop"))[1]}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fuzzed]:
    directory = Directory([site(), msgspec.convert(PLAIN, Site)])
    with fuzzed(tmp_path_factory.mktemp("store"), directory, prepare) as running:
        yield running


@pytest.mark.timeout(320)
@examples
@pytest.mark.parametrize("version", ["2.3", twin("2.0")])
def test_with_a_key_it_is_as_described(server: Fuzzed, tmp_path: Path, version: str, examples: int) -> None:
    bearer = f"Bearer {server.known['key']}"
    with httpx2.Client(base_url=f"{server.url}/api/{version}", headers={"Authorization": bearer}) as client:
        all = f"/queues/{QUEUE}/registrations"
        form = [{"id": "f", "type": "file", "value": "data:,x"}]
        made = [client.post(all, json={"client": ANN, "form": form}).json() for _ in range(12)]
        watchers = [client.post(f"{all}/watch", json={"address": "https://a.example.org"}).json() for _ in range(3)]
    names = {
        "queueId": [QUEUE, "lab"],
        "registrationId": [each["id"] for each in made],
        "watcherId": [each["id"] for each in watchers],
        "clientId": [made[0]["client"]["id"]],
    }
    document = narrowed(server.document(f"/api/{version}"), names)
    schemas = document["components"]["schemas"]
    if (
        version == "2.3"
    ):  # there, a registration has whom it needs, and a watch an address: so forms and schemas are met
        schemas["SentClient"] = {"enum": [ANN, {"id": made[0]["client"]["id"]}]}
        schemas["SentWatch"]["properties"]["address"] = {"enum": ["https://a.example.org/hook"]}
    options = ["--phases", "coverage,fuzzing", "--header", f"Authorization: {bearer}", "--max-examples", str(examples)]
    Run(tmp_path, options, CONFIG)(server, document)


@pytest.mark.timeout(320)
@examples
def test_without_a_key_it_is_as_described(server: Fuzzed, tmp_path: Path, examples: int) -> None:
    options = ["--phases", "coverage,fuzzing", "--max-examples", str(examples)]
    Run(tmp_path, options, CONFIG)(server, server.document("/api/2.3"))
