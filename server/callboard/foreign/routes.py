"""From what an API says of itself to routes; nothing below its roots is answered in other words than its own."""

import re
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route, compile_path
from starlette.types import Scope

from callboard.api.reading import once
from callboard.auth import VISITOR
from callboard.below import Below
from callboard.foreign.faults import Fault, fault_of
from callboard.foreign.openapi import describe
from callboard.foreign.operation import Asked, Face, Operation
from callboard.http import Problem
from callboard.services import services_of

NO_ADDRESS = Fault(404, "not_found", "There is nothing at this address.")

Methods = Mapping[str, Operation[Any, Any]]
Endpoint = Callable[[Request], Awaitable[Response]]


def routes(face: Face) -> list[BaseRoute]:
    """All of an API, at each of its roots; nothing else fits there."""
    by_path: dict[str, dict[str, Operation[Any, Any]]] = {}
    for operation in face.operations:
        by_path.setdefault(operation.path, {})[operation.method] = operation
    return [Below(root, _below(face, root, by_path)) for root in face.roots]


def fault_below(faces: Iterable[Face]) -> Callable[[Scope, Problem], Response | None]:
    """What is said of a problem with a request by the API that its address belongs to; None where it is ours."""
    roots = [(compile_path(root + "/{rest:path}")[0], face) for face in faces for root in face.roots]

    def say(scope: Scope, problem: Problem) -> Response | None:
        for pattern, face in roots:
            if match := pattern.match(scope["path"]):
                request = Request({**scope, "path_params": match.groupdict()})
                return face.fault(
                    Fault(problem.status, problem.code, problem.message, headers=problem.headers), request
                )
        return None

    return say


def _below(face: Face, root: str, by_path: Mapping[str, Methods]) -> list[BaseRoute]:
    def all_methods(path: str, endpoint: Endpoint) -> Route:
        route = Route(root + path, endpoint)
        route.methods = None  # any, also those that nobody has heard of: they are refused in the API's own words
        if face.any_case:
            route.path_regex = _in_any_case(route.path_regex, root)
        return route

    async def description(request: Request) -> Response:
        return describe(face, root, request)

    async def nowhere(request: Request) -> Response:
        return face.fault(NO_ADDRESS, request)

    return [
        *(all_methods(path, _endpoint(face, methods)) for path, methods in by_path.items()),
        Route(root + face.openapi, description, methods=["GET"]),
        all_methods("/{rest:path}", nowhere),
        all_methods("", nowhere),
    ]


def _in_any_case(pattern: re.Pattern[str], root: str) -> re.Pattern[str]:
    """The root is as it is written: another's may differ from it in nothing but that. A slash may stand at the end."""
    end = len(compile_path(root)[0].pattern) - 1
    return re.compile(f"{pattern.pattern[:end]}(?i:{pattern.pattern[end:-1]})/?$")


def _endpoint(face: Face, methods: Methods) -> Endpoint:
    allowed = ", ".join(sorted({*methods, *(["HEAD"] if "GET" in methods else [])}))
    not_allowed = Fault(405, "method_not_allowed", "The address does not take this method.", headers={"Allow": allowed})

    async def endpoint(request: Request) -> Response:
        operation = methods.get("GET" if request.method == "HEAD" else request.method)
        if operation is None:
            return face.fault(not_allowed, request)
        try:
            return await _answer(face, operation, request)
        except Exception as error:
            fault = fault_of(error)
            if fault is None:
                raise
            return face.fault(fault, request)

    return endpoint


async def _answer(face: Face, operation: Operation[Any, Any], request: Request) -> Response:
    services = services_of(request)
    caller = VISITOR if operation.open else await face.caller(request, services)
    if operation.limit and caller.kind == "visitor":
        await services.limit(request, operation.limit)
    body = await face.read(request, operation.takes) if operation.takes is not None else None
    query = face.query(request, operation.asks) if operation.asks is not None else None
    asked = Asked(request, services, caller, request.path_params, body, query, once(request, caller))
    value = await operation.do(asked)
    return value if isinstance(value, Response) else face.write(value, operation.status, request)
