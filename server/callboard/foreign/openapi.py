"""The OpenAPI 3.1 document of such an API, made of the same types that read its requests."""

from collections.abc import Mapping
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from callboard import __version__
from callboard.foreign.operation import Face, Operation, params, plain

REF = "#/components/schemas/{name}"


def describe(face: Face, root: str, request: Request) -> Response:
    """The document for the root that was asked, its parameters filled in as the request has them."""
    filled = plain(root)
    for name in params(root):
        filled = filled.replace(f"{{{name}}}", str(request.path_params[name]))
    body = msgspec.json.encode(document(face, filled, face.media(request)))
    return Response(body, media_type="application/json", headers={"Cache-Control": "no-cache"})


def document(face: Face, root: str, media: str) -> dict[str, Any]:
    """The whole document; `root` has no parameters."""
    types = _types(face)
    schemas, components = msgspec.json.schema_components(types, ref_template=REF)
    said = _Said(face, media, {id(type): schema for type, schema in zip(types, schemas, strict=True)}, components)
    paths: dict[str, dict[str, Any]] = {}
    for operation in face.operations:
        paths.setdefault(root + plain(operation.path), {})[operation.method.lower()] = said.operation(operation)
    return {
        "openapi": "3.1.0",
        "info": {"title": face.title, "version": __version__, "description": face.about},
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {"schemas": components, "securitySchemes": dict(face.security)},
    }


def _types(face: Face) -> list[Any]:
    found = [each for op in face.operations for each in (op.takes, op.asks, op.answers) if each is not None]
    return [face.error, *{id(each): each for each in found}.values()]


class _Said:
    def __init__(self, face: Face, media: str, schemas: Mapping[int, Any], components: Mapping[str, Any]) -> None:
        self._face = face
        self._media = media
        self._schemas = schemas
        self._components = components

    def operation(self, operation: Operation[Any, Any]) -> dict[str, Any]:
        said: dict[str, Any] = {
            "operationId": operation.name,
            "summary": operation.summary,
            "parameters": [*map(_path_parameter, params(operation.path)), *self._query(operation)],
            "responses": self._responses(operation),
        }
        if not operation.open and self._face.security:
            said["security"] = [{name: []} for name in self._face.security]
        if operation.takes is not None:
            content = {"application/json": {"schema": self._schemas[id(operation.takes)]}}
            said["requestBody"] = {"required": operation.body_needed, "content": content}
        return said

    def _query(self, operation: Operation[Any, Any]) -> list[dict[str, Any]]:
        if operation.asks is None:
            return []
        properties = self._components[operation.asks.__name__]["properties"]
        return [
            {"name": name, "in": "query", "required": False, "schema": schema} for name, schema in properties.items()
        ]

    def _responses(self, operation: Operation[Any, Any]) -> dict[str, Any]:
        answer: dict[str, Any] = {"description": operation.summary}
        if operation.answers is not None:
            schema = self._schemas[id(operation.answers)]
            if operation.status in self._face.always:  # what is refused has the same status
                schema = {"anyOf": [schema, self._schemas[id(self._face.error)]]}
            answer["content"] = {self._media: {"schema": schema}}
        responses = {str(status): self._error(words) for status, words in self._face.always.items()}
        responses |= {str(status): self._error("It cannot be done now") for status in operation.errors}
        return dict(sorted((responses | {str(operation.status): answer}).items()))

    def _error(self, words: str) -> dict[str, Any]:
        return {"description": words, "content": {self._media: {"schema": self._schemas[id(self._face.error)]}}}


def _path_parameter(name: str) -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}}
