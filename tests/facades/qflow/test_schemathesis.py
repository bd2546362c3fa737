"""The API against what it says of itself, with a key and without."""

import copy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from callboard.domain.directory import Directory
from callboard.domain.model import Site
from callboard.services import Services
from facades.fuzz import Fuzzed, Run, fuzzed, narrowed
from facades.qflow.world import ELSEWHERE, RIVERSIDE
from thorough import examples

# Two would have to be told which answers belong to whom. No schema says which moments there are, which ids agree, and
# what the rules allow; and what does not fit a schema may do so all the same: a text that spells a number is one here.
CONFIG = """
[checks]
object_level_authorization.enabled = false
ensure_resource_availability.enabled = false
positive_data_acceptance.enabled = false
negative_data_rejection.enabled = false
"""


async def prepare(services: Services) -> dict[str, Any]:
    """Tickets in every state, a customer, and a key."""
    store, soon = services.store, services.clock() + 60_000
    customer = await services.customers.put("riverside", personal_id="anna", first_name="Anna")
    made = [await store.join(queue, customer=customer.id) for queue in ("passports", "visas") for _ in range(4)]
    made += [await store.book("passports", slot_at=soon, customer=customer.id) for _ in range(8)]
    made += [await store.reserve("photos", slot_at=soon + n * 1_800_000) for n in range(2)]
    await store.open_desk("c1", staff="ada")
    for _ in range(2):
        await store.call_next("c1")
    _, key = await services.accounts.keys.make("Portal", organization="riverside")
    return {"key": key, "processes": [done.ticket.serial for done in made if done.ticket]}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fuzzed]:
    directory = Directory([msgspec.convert(RIVERSIDE, Site), msgspec.convert(ELSEWHERE, Site)])
    data_dir = str(tmp_path_factory.mktemp("data"))
    with fuzzed(tmp_path_factory.mktemp("store"), directory, prepare, data_dir=data_dir) as running:
        yield running


def possible(document: dict[str, Any], processes: list[int]) -> dict[str, Any]:
    """The same about processes, services and customers that there are, so that most requests come through."""
    known = {
        **dict.fromkeys(("CaseId", "ProcessId", "OriginalProcessId"), processes),
        **{"ServiceId": [20, 21, 22, 31], "CustomerId": [1], "ReservedSlotId": [0, *processes[-2:]]},
        **{"Status": [-1, 3, 4, 8, 15, 17], "PersonalId": ["anna", None]},
    }
    schemas = document["components"]["schemas"]
    for body in [schema for schema in bodies(document) if not schema["$ref"].endswith("/Customer")]:
        taken = copy.deepcopy(schemas[body["$ref"].rpartition("/")[2]])
        taken["properties"] |= {name: {"enum": known[name]} for name in known.keys() & taken["properties"].keys()}
        del body["$ref"]
        body.update(taken)
    return narrowed(document, {"id": [str(process) for process in processes], "UnitId": ["29", "30"]})


def bodies(document: dict[str, Any]) -> list[dict[str, Any]]:
    """The schemas of what is sent."""
    operations = [operation for methods in document["paths"].values() for operation in methods.values()]
    sent = [operation["requestBody"]["content"] for operation in operations if "requestBody" in operation]
    return [content["application/json"]["schema"] for content in sent]


def answers(document: dict[str, Any]) -> set[str]:
    return {
        content["schema"]["$ref"].rpartition("/")[2]
        for methods in document["paths"].values()
        for operation in methods.values()
        for response in operation["responses"].values()
        for content in response.get("content", {}).values()
        if "$ref" in content["schema"]
    }


@pytest.mark.timeout(320)
@examples
@pytest.mark.parametrize("root", ["/qflow", "/API"])
def test_with_a_key_it_is_as_described(server: Fuzzed, tmp_path: Path, root: str, examples: int) -> None:
    document = server.document(root)
    if root == "/qflow":  # one root with things that there are, the other with anything
        document = possible(document, server.known["processes"])
    options = ["--header", f"Application-API-Key: {server.known['key']}", "--max-examples", str(examples)]
    Run(tmp_path, ["--phases", "coverage,fuzzing", *options], CONFIG)(server, document)


@pytest.mark.timeout(320)
@examples
def test_without_a_key_it_is_as_described(server: Fuzzed, tmp_path: Path, examples: int) -> None:
    options = ["--phases", "coverage,fuzzing", "--max-examples", str(examples)]
    Run(tmp_path, options, CONFIG)(server, server.document("/API"))


def test_every_address_and_type_is_described(server: Fuzzed) -> None:
    document = server.document("/qflow")
    assert len(document["paths"]) == 11
    assert sum(len(methods) for methods in document["paths"].values()) == 13
    assert {"CaseDetail", "Appointment", "AppointmentCreation", "Customer", "ErrorBody"} <= answers(document)
    assert set(document["components"]["securitySchemes"]) == {"key", "bearer", "basic"}
