"""Routes of one root: in order, in one look for whoever asks for something else."""

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Match, Route
from starlette.types import Scope

from callboard.below import Below
from callboard.observe import patterns
from house import client


async def first(request: Request) -> Response:
    return PlainTextResponse(f"first {request.path_params}")


async def rest(request: Request) -> Response:
    return PlainTextResponse("rest")


async def other(request: Request) -> Response:
    return PlainTextResponse("other")


class Counting(Route):
    looked = 0

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        self.looked += 1
        return super().matches(scope)


@pytest.fixture
def below() -> list[Counting]:
    return [Counting("/their/{org}/one/{id}", first, methods=["POST"]), Counting("/their/{org}/{rest:path}", rest)]


@pytest.fixture
def routes(below: list[Counting]) -> list[BaseRoute]:
    return [Below("/their/{org}", below), Route("/there", other), Route("/their", other)]


@pytest.mark.parametrize(
    ("method", "path", "said"),
    [
        ("POST", "/their/a/one/7", "first {'org': 'a', 'id': '7'}"),
        ("GET", "/their/a/one/7", "rest"),
        ("GET", "/their/a/two", "rest"),
        ("GET", "/there", "other"),
        ("GET", "/their", "other"),
    ],
)
async def test_the_first_that_fits_answers(routes: list[BaseRoute], method: str, path: str, said: str) -> None:
    async with client(Starlette(routes=routes)) as http:
        answer = await http.request(method, path)
    assert (answer.status_code, answer.text) == (200, said)


async def test_nobody_else_looks_at_them(routes: list[BaseRoute], below: list[Counting]) -> None:
    async with client(Starlette(routes=routes)) as http:
        assert (await http.get("/there")).text == "other"
        assert [route.looked for route in below] == [0, 0]
        assert (await http.get("/their/a/two")).text == "rest"
        assert [route.looked for route in below] == [1, 1]


async def test_the_log_knows_their_patterns(routes: list[BaseRoute]) -> None:
    found = [pattern for _, pattern in patterns(routes)]
    assert found == ["/their/{org}/one/{id}", "/their/{org}/{rest:path}", "/there", "/their"]
