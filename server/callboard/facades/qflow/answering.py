"""How answers are written: JSON, called text/json to who accepts nothing else."""

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from callboard import http


def write(value: Any, status: int, request: Request) -> Response:
    return answer(value, status, request)


def answer(value: Any, status: int, request: Request, headers: Mapping[str, str] | None = None) -> Response:
    """Not to be kept by a cache."""
    return http.answer(value, status, {**(headers or {}), "Content-Type": f"{_kind(request)}; charset=utf-8"})


def _kind(request: Request) -> str:
    accepted = {each.partition(";")[0].strip().lower() for each in request.headers.get("accept", "").split(",")}
    return "text/json" if "text/json" in accepted and not accepted & {"application/json", "*/*"} else "application/json"
