"""Who may listen: origins, keys and sessions, unknown names, and how many at once."""

import pytest
from websockets.exceptions import InvalidStatus

from callboard.hub.seats import Seats
from callboard.hub.watched import Place
from hub.served import TOKEN, close_code, serve, text
from hub.world import World, until

BOARD, TICKET, DESK = "/live/board/hall", f"/live/ticket/{TOKEN}", "/live/desk/d1"
COOKIE = {"Cookie": "session=staff"}
STREAM = {"Accept": "text/event-stream"}

STRANGE = [
    "null",
    "",
    "file://",
    "https://127.0.0.1:{port}",
    "http://127.0.0.1",
    "http://127.0.0.1:1",
    "http://127.0.0.1:{port}0",
    "http://127.0.0.1:{port}/",
    "http://127.0.0.1:{port}.evil.example",
    "http://127.0.0.1:{port}@evil.example",
    "http://evil.example/http://127.0.0.1:{port}",
    "http://evil.example#127.0.0.1:{port}",
    "http://evil.example:{port}",
    "http://localhost:{port}",
    "http://127.1:{port}",
    "http://0x7f000001:{port}",
    "HTTP://127.0.0.1:{port}",
    "http://127.0.0.1.:{port}",
    "http://127.0.0.1:{port} http://evil.example",
    "http://evil.example, http://127.0.0.1:{port}",
    "ws://127.0.0.1:{port}",
    "chrome-extension://abcdef",
    "https://tickets.example.org.evil.example",
    "http://tickets.example.org",
]


@pytest.mark.parametrize("origin", STRANGE)
async def test_a_strange_page_s_upgrade_is_refused_before_it_is_accepted(origin: str) -> None:
    async with serve(World(), public_url="https://tickets.example.org") as served:
        for path in (BOARD, TICKET, DESK):
            for who in ({}, COOKIE, {"Authorization": "Bearer key"}):
                headers = {**who, "Origin": origin.format(port=served.port)}
                with pytest.raises(InvalidStatus) as refused:
                    await served.socket(path, **headers).__aenter__()
                assert refused.value.response.status_code == 403
                assert b"forbidden_origin" in refused.value.response.body
        assert served.world.reads == []


async def test_two_origins_are_none() -> None:
    async with serve(World()) as served:
        own = [("Origin", f"http://127.0.0.1:{served.port}")] * 2
        connecting = served.socket(BOARD)
        connecting.additional_headers = own
        with pytest.raises(InvalidStatus) as refused:
            await connecting
        assert refused.value.response.status_code in (400, 403)


@pytest.mark.parametrize("origin", ["http://127.0.0.1:{port}", "https://tickets.example.org"])
async def test_our_own_pages_may_listen(origin: str) -> None:
    async with serve(World(), public_url="https://tickets.example.org") as served:
        for path in (BOARD, TICKET, DESK):
            async with served.socket(path, Origin=origin.format(port=served.port), **COOKIE) as socket:
                assert '"seq":0' in await text(socket)


async def test_what_is_no_browser_may_listen_and_needs_a_key_for_a_desk() -> None:
    """It sends no Origin. A cookie alone is then not enough: a desk's socket is opened by our page, or with a key."""
    async with serve(World()) as served:
        for path in (BOARD, TICKET):
            async with served.socket(path) as socket:
                await text(socket)
        with pytest.raises(InvalidStatus) as refused:
            await served.socket(DESK, **COOKIE)
        assert refused.value.response.status_code == 403
        async with served.socket(DESK, Authorization="Bearer key") as socket:
            assert '"channel":"desk:d1"' in await text(socket)


async def test_whoever_may_not_listen_is_told_so_after_the_handshake() -> None:
    """A page cannot see the status of a handshake that fails, and would try again for ever."""
    async with serve(World()) as served, served.client() as http:
        async with served.socket(DESK, Origin=f"http://127.0.0.1:{served.port}") as socket:
            assert await close_code(socket) == 4401
        async with served.socket(DESK, Authorization="Bearer wrong") as socket:
            assert await close_code(socket) == 4401
        for headers in ({}, STREAM):
            answer = await http.get(DESK, headers=headers)
            assert (answer.status_code, answer.json()["error"]["code"]) == (401, "not_allowed")
            assert (
                await http.get(DESK, headers=headers | {"Authorization": "Bearer key"} | {"Accept": "*/*"})
            ).is_success
        assert served.hub.listeners("desk:d1") == 0


@pytest.mark.parametrize("path", ["/live/board/nowhere", "/live/ticket/wrong"])
async def test_an_unknown_name_is_4404_or_404(path: str) -> None:
    async with serve(World()) as served, served.client() as http:
        async with served.socket(path) as socket:
            assert await close_code(socket) == 4404
        assert (await http.get(path)).status_code == 404
        assert (await http.get(path, headers=STREAM)).status_code == 404


async def test_a_name_that_cannot_be_looked_up_now_is_503() -> None:
    async with serve(World()) as served, served.client() as http:
        with pytest.raises(InvalidStatus) as refused:
            await served.socket("/live/ticket/away")
        assert refused.value.response.status_code == 503
        assert (await http.get("/live/ticket/away")).status_code == 503


async def test_a_session_that_ends_closes_its_sockets_and_an_absent_store_does_not() -> None:
    async with serve(World(), recheck_s=0.02) as served, served.client() as http:
        async with (
            served.socket(DESK, Authorization="Bearer key") as socket,
            http.stream("GET", DESK, headers=STREAM | {"Authorization": "Bearer key"}) as stream,
        ):
            await text(socket)
            served.world.leave()
            await until(lambda: not served.fanout.is_fresh(Place("hall", "desk:d1")))
            assert served.hub.listeners("desk:d1") == 2
            served.world.away = False
            served.signed_in = False
            assert await close_code(socket) == 4401
            await stream.aread()
        assert served.hub.listeners("desk:d1") == 0


async def test_a_desk_that_the_site_no_longer_has_ends_its_sockets() -> None:
    async with serve(World(), recheck_s=0.02) as served, served.socket(DESK, Authorization="Bearer key") as socket:
        await text(socket)
        served.world.gone.add("desk:d1")
        assert await close_code(socket) == 4404


@pytest.mark.parametrize("seats", [Seats(per_address=2), Seats(total=2)], ids=["address", "total"])
async def test_only_so_many_may_listen_at_once_and_a_seat_comes_back(seats: Seats) -> None:
    async with serve(World(), seats=seats) as served, served.client() as http:
        async with served.socket(BOARD) as first:
            async with served.socket(TICKET) as second:
                await text(first)
                await text(second)
                with pytest.raises(InvalidStatus) as refused:
                    await served.socket(BOARD)
                assert refused.value.response.status_code == 503
                assert refused.value.response.headers["Retry-After"] == "5"
                for headers in ({}, STREAM):
                    answer = await http.get(BOARD, headers=headers)
                    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "too_many_connections")
            await until(lambda: seats.taken == 1)
            assert (await http.get(BOARD)).status_code == 200
        await until(lambda: seats.taken == 0)
