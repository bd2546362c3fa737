"""The OpenAPI document: that it is one, and that it says all that there is."""

import re
from typing import Any

import httpx2
import pytest
from schemathesis.specs.openapi.definitions import OPENAPI_31_VALIDATOR
from starlette.applications import Starlette
from starlette.routing import Route

from api.asking import ROOT
from callboard.api.openapi import PARAMS
from callboard.api.routes import OPERATIONS
from callboard.domain.directory import make_token, ticket_id_tail
from callboard.errors import Refusal

METHODS = {"get", "post", "put", "patch", "delete"}


@pytest.fixture
async def document(visitor: httpx2.AsyncClient) -> dict[str, Any]:
    response = await visitor.get(f"{ROOT}/openapi.json")
    assert response.headers["content-type"] == "application/json"
    found: dict[str, Any] = response.json()
    return found


def operations(document: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (path, method, operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
        if method in METHODS
    ]


async def test_it_is_an_openapi_document(document: dict[str, Any]) -> None:
    assert document["openapi"] == "3.1.0"
    OPENAPI_31_VALIDATOR.validate(document)


async def test_what_it_refers_to_is_in_it(document: dict[str, Any]) -> None:
    def referred(value: Any) -> list[str]:
        if isinstance(value, list):
            return [found for item in value for found in referred(item)]
        if isinstance(value, dict):
            own = [value["$ref"]] if isinstance(value.get("$ref"), str) else []
            return own + [found for item in value.values() for found in referred(item)]
        return []

    names = {operation["operationId"] for _, _, operation in operations(document)}
    for reference in referred(document):
        place: Any = document
        for step in reference.removeprefix("#/").split("/"):
            place = place[step]
    for _, _, operation in operations(document):
        for response in operation["responses"].values():
            assert {link["operationId"] for link in response.get("links", {}).values()} <= names


async def test_every_route_of_the_api_is_described(app: Starlette, document: dict[str, Any]) -> None:
    described = {(path, method.upper()) for path, method, _ in operations(document)}
    routed = {
        (route.path, method)
        for route in app.routes
        if isinstance(route, Route) and route.path.startswith(ROOT)
        for method in (route.methods or set()) - {"HEAD"}
    }
    assert routed - described == {(f"{ROOT}/openapi.json", "GET")}
    assert described <= routed


async def test_one_route_a_path(app: Starlette) -> None:
    """A second one would hide the methods of the first from 405's Allow."""
    paths = [route.path for route in app.routes if isinstance(route, Route) and not route.path.startswith("/live")]
    assert len(paths) == len(set(paths))


async def test_commands_are_named_by_their_word(document: dict[str, Any]) -> None:
    names = [operation["operationId"] for _, _, operation in operations(document)]
    assert len(names) == len(set(names))
    assert {"take", "call_next", "recall", "put_back", "no_show", "transfer", "undo", "my_postpone"} <= set(names)


async def test_what_an_answer_says_is_described_closely(document: dict[str, Any]) -> None:
    """Nothing is left open: bodies take no unknown key, and every error is in the one envelope."""
    schemas = document["components"]["schemas"]
    for _, _, operation in operations(document):
        if body := operation.get("requestBody"):
            name = body["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
            assert schemas[name]["additionalProperties"] is False
        refused = operation["responses"].get("409")
        if refused:
            words = refused["content"]["application/json"]["schema"]["properties"]["error"]["properties"]["code"][
                "enum"
            ]
            assert words and set(words) <= {word.value for word in Refusal}
    for name, response in document["components"]["responses"].items():
        schema = response["content"]["application/json"]["schema"]
        assert schema["required"] == ["error"]
        assert ("fields" in schema["properties"]["error"]["properties"]) == (name == "E422")


async def test_texts_and_numbers_of_bodies_have_limits(document: dict[str, Any]) -> None:
    """What has none can be used to fill the store."""
    schemas = document["components"]["schemas"]
    bodies = [
        operation["requestBody"]["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
        for _, _, operation in operations(document)
        if "requestBody" in operation
    ]
    for body in bodies:
        for name, field in schemas[body]["properties"].items():
            for choice in field.get("anyOf", [field]):
                if choice.get("type") == "string":
                    assert choice.keys() & {"maxLength", "pattern", "enum"}, f"{body}.{name}"
                if choice.get("type") == "integer":
                    assert choice.keys() >= {"minimum", "maximum"}, f"{body}.{name}"


async def test_who_may_is_described(document: dict[str, Any]) -> None:
    by_name = {operation["operationId"]: operation for _, _, operation in operations(document)}
    for operation in OPERATIONS:
        security = by_name[operation.name]["security"]
        if not operation.open:
            assert {"key": []} in security and {} not in security
        if operation.method == "POST":
            assert {"session": []} not in security  # a write needs the page's token, too
    assert by_name["take"]["security"][0] == {}


def test_the_names_in_paths_are_described_as_they_are() -> None:
    ticket = "00000000-0001" + ticket_id_tail("main", b"\xff" * 6)
    real = {
        "ticket": ticket,
        "token": make_token("main", b"\xff" * 16),
        "queue": "general",
        "desk": "d1",
        "location": "main",
    }
    for name, value in real.items():
        assert re.search(PARAMS[name][1], value), name
