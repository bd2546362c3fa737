"""The OpenAPI 3.1 document, made of the declarations that read the requests."""

from collections.abc import Iterable
from typing import Any

import msgspec

from callboard import __version__
from callboard.api.operation import BODY_METHODS, ROOT, Endpoint
from callboard.api.reading import ONCE_PATTERN
from callboard.api.shapes import Mistake

REF = "#/components/schemas/{name}"
ID = r"^[a-z0-9][a-z0-9-]{0,39}$"
PARAMS = {
    "location": ("a location of the site file", ID),
    "queue": ("a queue of the site file", ID),
    "desk": ("a desk of the site file", ID),
    "ticket": ("a ticket's id", r"^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$"),
    "token": ("the secret of a ticket's page", r"^[A-Za-z0-9_-]{26}$"),
}
ERRORS = {
    401: "Who is asking is not known: sign in, or give a key that is valid",
    403: "Not allowed: another organization's, another page's form, or for staff only",
    404: "There is nothing of that name",
    408: "The body came too slowly",
    413: "The body is too long",
    415: "The body is not JSON",
    422: "What was sent does not fit; nothing has changed. Every field that is wrong is named",
    429: "Too many requests from this address; Retry-After says when to come again",
    503: "The store does not answer; the same request may be sent again and acts at most once",
}
RETRY = frozenset({429, 503})
ABOUT = """\
Tickets, desks and queues of a waiting room. Every error is `{"error": {"code", "message"}}`; of a 422 it also has
`fields`. A command that is refused (409) has changed nothing and says why in one word. A command sent with an
Idempotency-Key acts once and answers the same for a day."""


def document(operations: Iterable[Endpoint], session_cookie: str) -> dict[str, Any]:
    """The whole document. `session_cookie` is the name of the cookie that a signed-in browser has."""
    operations = list(operations)
    paths: dict[str, dict[str, Any]] = {}
    for operation in operations:
        said = _operation(operation)
        if links := _links(operation, operations):
            said["responses"][str(operation.status)]["links"] = links
        paths.setdefault(ROOT + operation.path, {})[operation.method.lower()] = said
    return {
        "openapi": "3.1.0",
        "info": {"title": "Callboard", "version": __version__, "description": ABOUT},
        "servers": [{"url": "/"}],
        "tags": [{"name": tag} for tag in dict.fromkeys(operation.tag for operation in operations)],
        "paths": paths,
        "components": {
            "schemas": _schemas(operations),
            "responses": {f"E{status}": _error(status, words) for status, words in ERRORS.items()},
            "parameters": {"once": _once(), "accept_language": _accept_language()},
            "securitySchemes": {
                "key": {"type": "http", "scheme": "bearer", "description": "a key of an organization"},
                "session": {"type": "apiKey", "in": "cookie", "name": session_cookie},
                "csrf": {"type": "apiKey", "in": "header", "name": "X-CSRF-Token"},
            },
        },
    }


def error_statuses(operation: Endpoint) -> list[int]:
    """What it may answer instead, but for refusals."""
    has_body = operation.takes is not None
    answers = {
        401: True,
        403: not operation.open or operation.method in BODY_METHODS,
        404: bool(operation.params) or operation.finds,
        408: has_body,
        413: has_body,
        415: has_body,
        422: has_body or operation.asks is not None or operation.once,
        429: bool(operation.limit),
        503: True,
    }
    return [status for status, may_be in answers.items() if may_be]


def _operation(operation: Endpoint) -> dict[str, Any]:
    said: dict[str, Any] = {
        "operationId": operation.name,
        "tags": [operation.tag],
        "summary": operation.summary,
        "security": _security(operation),
        "parameters": _parameters(operation),
        "responses": _responses(operation),
    }
    if operation.takes is not None:
        schema = {"$ref": REF.format(name=operation.takes.__name__)}
        said["requestBody"] = {"required": operation.body_needed, "content": {"application/json": {"schema": schema}}}
    return said


def _security(operation: Endpoint) -> list[dict[str, list[str]]]:
    session: dict[str, list[str]] = {"session": []} if operation.method == "GET" else {"session": [], "csrf": []}
    if not operation.open:
        return [{"key": []}, session]
    return [{}, {"key": []}, session] if operation.forbids else []


def _parameters(operation: Endpoint) -> list[dict[str, Any]]:
    listed = [_path_parameter(name) for name in operation.params]
    if operation.asks is not None:
        listed += _query_parameters(operation.asks)
        if any(parameter["name"] == "lang" for parameter in listed):
            listed.append({"$ref": "#/components/parameters/accept_language"})
    if operation.once:
        listed.append({"$ref": "#/components/parameters/once"})
    return listed


def _path_parameter(name: str) -> dict[str, Any]:
    about, pattern = PARAMS[name]
    schema = {"type": "string", "pattern": pattern}
    return {"name": name, "in": "path", "required": True, "description": about, "schema": schema}


def _query_parameters(asks: type[Any]) -> list[dict[str, Any]]:
    """Of a query's fields; none of them can say null, so that is left out."""
    _, components = msgspec.json.schema_components([asks], ref_template=REF)
    listed, needed = [], components[asks.__name__].get("required", [])
    for name, schema in components[asks.__name__]["properties"].items():
        options = [each for each in schema.get("anyOf", [schema]) if each.get("type") != "null"]
        default = {"default": schema["default"]} if schema.get("default") is not None else {}
        listed.append({"name": name, "in": "query", "required": name in needed, "schema": options[0] | default})
    return listed


def _responses(operation: Endpoint) -> dict[str, Any]:
    answer: dict[str, Any] = {"description": operation.summary}
    if operation.answers is not None:
        schema = {"$ref": REF.format(name=operation.answers.__name__)}
        answer["content"] = {"application/json": {"schema": schema}}
    if operation.located:
        answer["headers"] = {"Location": {"schema": {"type": "string"}, "description": "where it can be looked at"}}
    responses: dict[str, Any] = {str(operation.status): answer}
    if operation.refuses:
        responses["409"] = _refused(operation)
    for status in error_statuses(operation):
        responses[str(status)] = {"$ref": f"#/components/responses/E{status}"}
    return dict(sorted(responses.items()))


def _links(operation: Endpoint, all: Iterable[Endpoint]) -> dict[str, Any]:
    """Where one can go on from an answer: every path that is about one thing which the answer names."""
    return {
        each.name: {"operationId": each.name, "parameters": {name: f"$response.body#{operation.gives[name]}"}}
        for each in all
        for name in each.params
        if name in operation.gives
    }


def _refused(operation: Endpoint) -> dict[str, Any]:
    words = [str(word) for word in operation.refuses]
    schema = _envelope({"code": {"enum": words}, "message": {"type": "string"}})
    return {"description": "Refused; nothing has changed", "content": {"application/json": {"schema": schema}}}


def _error(status: int, about: str) -> dict[str, Any]:
    fields: dict[str, Any] = {"code": {"type": "string"}, "message": {"type": "string"}}
    if status == 422:
        fields["fields"] = {"type": "array", "items": {"$ref": REF.format(name="Mistake")}}
    said: dict[str, Any] = {"description": about, "content": {"application/json": {"schema": _envelope(fields)}}}
    if status in RETRY:
        said["headers"] = {"Retry-After": {"schema": {"type": "integer"}, "description": "seconds"}}
    return said


def _envelope(fields: dict[str, Any]) -> dict[str, Any]:
    error = {"type": "object", "properties": fields, "required": [*fields], "additionalProperties": False}
    return {"type": "object", "properties": {"error": error}, "required": ["error"], "additionalProperties": False}


def _once() -> dict[str, Any]:
    return {
        "name": "Idempotency-Key",
        "in": "header",
        "required": False,
        "description": "the same key gives the first answer again for a day, and with another command a 422; "
        "a visitor's has at least 16 characters",
        "schema": {"type": "string", "minLength": 1, "maxLength": 200, "pattern": ONCE_PATTERN},
    }


def _accept_language() -> dict[str, Any]:
    about = "the language of names and texts, where the query does not say it"
    return {
        "name": "Accept-Language",
        "in": "header",
        "required": False,
        "description": about,
        "schema": {"type": "string"},
    }


def _schemas(operations: list[Endpoint]) -> dict[str, Any]:
    given = {Mistake, *(each.answers for each in operations), *(each.takes for each in operations)}
    types = sorted((each for each in given if each is not None), key=lambda each: each.__name__)
    _, components = msgspec.json.schema_components(types, ref_template=REF)
    return components
