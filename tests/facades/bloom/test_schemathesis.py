"""The API against what it says of itself, in both formats: no 500, no undeclared answer."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from callboard.domain.directory import Directory
from callboard.domain.model import Site
from callboard.services import Services
from facades.bloom.world import COMPANY, QBETTER, SERVICE_A, SERVICE_B, SITE, TESTE, TESTE_A
from facades.fuzz import Fuzzed, Run, fuzzed, narrowed
from thorough import examples, twin

# Whatever is refused is answered with 200, a wrong method and a wrong body too: what would look at the status for that
# is off, and the schema of the body says it instead.
CONFIG = """
[checks]
object_level_authorization.enabled = false
ensure_resource_availability.enabled = false
negative_data_rejection.enabled = false
missing_required_header.enabled = false
unsupported_method.enabled = false
"""
MASTERS, SERVICES = [QBETTER, COMPANY, TESTE, "no-such", ""], [SERVICE_A, SERVICE_B, TESTE_A, "no-such"]


async def prepare(services: Services) -> dict[str, Any]:
    """A customer with tickets in every state that is shown, and some calls."""
    store = services.store
    customer = await services.customers.put("braga", username="andre", password="aksjdhf879234", first_name="André")
    secret = await services.customers.begin("braga", customer.id)
    await store.open_desk("teste-1", staff="rita")
    made = [await store.join("teste-a", customer=customer.id, force=True) for _ in range(12)]
    tickets = [done.ticket.id for done in made if done.ticket]
    for ticket in tickets[:4]:
        await store.call(ticket, "teste-1")
        await store.start(ticket, "teste-1")
    await store.hold(tickets[4])
    return {"vt_token": f"braga.{secret}", "tickets": [*tickets, "no-such"]}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fuzzed]:
    site = msgspec.to_builtins(msgspec.convert(SITE, Site))
    for location in site["locations"]:
        location["remote"] = {"enforced": True, "radius_km": 50, "several_tickets": True}
        location["hours"] = {}
    with fuzzed(tmp_path_factory.mktemp("store"), Directory([msgspec.convert(site, Site)]), prepare) as running:
        yield running


def possible(document: dict[str, Any], known: dict[str, Any]) -> dict[str, Any]:
    """The same about tickets, places and services that there are, and some that there are not."""
    schemas = document["components"]["schemas"]
    schemas["Cancel"]["properties"]["ticket"] = {"enum": known["tickets"]}
    wish = schemas["Wish"]["properties"]
    wish["master_id"], wish["service_id"] = {"enum": MASTERS}, {"enum": SERVICES}
    login = schemas["Login"]["properties"]
    login["username"], login["password"] = {"enum": ["andre", "nobody"]}, {"enum": ["aksjdhf879234", "x"]}
    for methods in document["paths"].values():
        for operation in methods.values():
            operation["parameters"] = [each for each in operation["parameters"] if each["name"] != "organization"]
    return narrowed(document, {"ticket_id": known["tickets"]})


@pytest.mark.timeout(320)
@examples
@pytest.mark.parametrize("format", ["json", twin("xml")])
def test_a_customer_finds_it_as_described(server: Fuzzed, tmp_path: Path, format: str, examples: int) -> None:
    document = possible(server.document(f"/vt/api/{format}"), server.known)
    options = ["--phases", "coverage,fuzzing", "--header", f"Authorization: Bearer {server.known['vt_token']}"]
    Run(tmp_path, [*options, "--max-examples", str(examples)], CONFIG)(server, document)


@pytest.mark.timeout(320)
@examples
@pytest.mark.parametrize("root", ["/vt/api/json", "/restapi"])
def test_everybody_finds_it_as_described(server: Fuzzed, tmp_path: Path, root: str, examples: int) -> None:
    options = ["--phases", "coverage,fuzzing", "--max-examples", str(examples)]
    Run(tmp_path, options, CONFIG)(server, server.document(root))
