"""Long poll on one connection: who asks the same again is answered there, whatever else comes is the application's."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Any, cast

import h11
import pytest

from callboard.hub import askers
from callboard.hub.asker import Asker, question
from callboard.hub.askers import Askers
from callboard.hub.connection import Pace
from callboard.hub.http import Http
from callboard.hub.protocol import Close
from callboard.hub.seats import Seats
from hub.left import Left, nothing_collected
from hub.served import Served, serve
from hub.test_lean import BOARD, HALL, LOOPS, Loop, happen, run_on
from hub.test_server import unread
from hub.world import World, until

BRIEF = Pace(linger_s=0.1)  # looks at the time fifty times in a second


class Heads(Http):
    """Counts the requests that the application gets."""

    requests = 0

    def on_headers_complete(self) -> None:
        type(self).requests += 1
        super().on_headers_complete()


class Client:
    """One connection of a client as strict as h11 is."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        self._http = h11.Connection(h11.CLIENT)

    def ask(self, after: int, wait: float = 30, path: str = BOARD, epoch: str = "e1") -> None:
        self.say(f"{path}?after={after}&epoch={epoch}&wait={wait}")

    def say(self, target: str, pieces: int = 1) -> None:
        if self._http.our_state is h11.DONE:
            self._http.start_next_cycle()
        asked = self._http.send(h11.Request(method="GET", target=target, headers=[("Host", "h"), ("X-Some", "thing")]))
        asked = (asked or b"") + (self._http.send(h11.EndOfMessage()) or b"")
        for at in range(pieces):
            self._writer.write(asked[len(asked) * at // pieces : len(asked) * (at + 1) // pieces])

    def say_behind(self, target: str) -> None:
        """Without waiting for the answer before it; `next` when that has come."""
        self._writer.write(f"GET {target} HTTP/1.1\r\nHost: h\r\n\r\n".encode())

    def next(self) -> None:
        self._http.start_next_cycle()
        for event in (h11.Request(method="GET", target="/", headers=[("Host", "h")]), h11.EndOfMessage()):
            self._http.send(event)

    async def answer(self) -> tuple[int, dict[str, str], Any]:
        """Its status, its head, and what its body says."""
        async with asyncio.timeout(10):
            head, body = await self._next(), b""
            assert isinstance(head, h11.Response), head
            while isinstance(more := await self._next(), h11.Data):
                body += more.data
        assert isinstance(more, h11.EndOfMessage)
        headers = {name.decode(): value.decode() for name, value in head.headers}
        return head.status_code, headers, json.loads(body) if body else None

    async def seq(self) -> int:
        status, _, document = await self.answer()
        assert status == 200
        return int(document["seq"])

    async def _next(self) -> Any:
        while (event := self._http.next_event()) is h11.NEED_DATA:
            self._http.receive_data(await self._reader.read(1 << 16))
        return event

    async def ended(self) -> None:
        async with asyncio.timeout(10):
            assert await self._reader.read() == b""

    def leave(self) -> None:
        self._writer.transport.abort()


@asynccontextmanager
async def asking(served: Served) -> AsyncIterator[Client]:
    client = Client(*await asyncio.open_connection("127.0.0.1", served.port))
    try:
        yield client
    finally:
        client.leave()


@asynccontextmanager
async def waiting(**options: Any) -> AsyncIterator[tuple[Served, Client]]:
    """A client that has the newest document, and has asked for the next."""
    async with serve(World(), http=type("Counted", (Heads,), {}), **options) as served, asking(served) as client:
        client.ask(0)
        await waits(served)
        yield served, client


async def waits(served: Served) -> None:
    await until(lambda: [one for one in borrowed(served) if one.after is not None])


def borrowed(served: Served) -> list[Asker]:
    everybody: Iterable[object] = served.server.server_state.connections
    return [one for one in everybody if isinstance(one, Asker)]


def requests(served: Served) -> int:
    return int(served.server.config.http.requests)  # type: ignore[union-attr]


@LOOPS
def test_who_asks_the_same_again_is_answered_there(loop: Loop) -> None:
    async def main() -> None:
        async with waiting() as (served, client):
            heads = []
            for seq in range(1, 5):
                assert not served.server.server_state.tasks
                served.world.words[HALL] = "Kö"
                await happen(served)
                status, head, document = await client.answer()
                assert (status, document["seq"], document["words"]) == (200, seq, "Kö")
                assert document == json.loads(served.hub.newest(HALL).body)  # type: ignore[union-attr]
                assert head.pop("etag") == served.hub.newest(HALL).etag  # type: ignore[union-attr]
                assert head.pop("date") and head.pop("content-length")
                heads.append(head)
                client.ask(seq)
                await waits(served)
            own = {"cache-control": "no-store", "vary": "Accept", "content-type": "application/json"}
            assert heads == [{"server": "uvicorn"} | own] * 4
            assert requests(served) == 1
            client.leave()
            await until(lambda: not served.hub.listeners(HALL))

    run_on(loop, main())


async def test_what_is_there_already_is_answered_at_once_and_of_much_only_the_newest() -> None:
    async with waiting() as (served, client):
        await happen(served, 20)
        first = await client.seq()
        client.ask(first)
        while first < 20:
            first = await client.seq()
            client.ask(first)
        await waits(served)
        async with asking(served) as other:
            other.ask(3)
            assert await other.seq() == 20
        await happen(served)
        assert await client.seq() == 21


async def test_what_says_nothing_newer_is_no_answer() -> None:
    async with waiting() as (served, client):
        served.world.words[HALL] = "8-14 min"  # time has passed; no event
        served.fanout.read_all_again()
        await until(lambda: b"8-14" in served.hub.newest(HALL).body)  # type: ignore[union-attr]
        await happen(served)
        assert await client.seq() == 1


async def test_another_store_counts_anew() -> None:
    async with waiting() as (served, client):
        await happen(served, 2)
        seen = await client.seq()
        while seen < 2:
            client.ask(seen)
            seen = await client.seq()
        client.ask(2)
        await waits(served)
        served.world.epoch = "e2"
        served.world.seq["hall"] = 0
        served.fanout.read_all_again()
        assert await client.seq() == 0
        client.ask(0, epoch="e2")
        await until(lambda: requests(served) == 2)
        await waits(served)
        await happen(served)
        assert await client.seq() == 1


async def test_the_wait_ends_with_nothing_and_begins_again() -> None:
    async with serve(World(), http=type("Counted", (Heads,), {}), pace=BRIEF) as served, asking(served) as client:
        loop = asyncio.get_running_loop()
        for _ in range(3):
            began = loop.time()
            client.ask(0, wait=0.3)
            status, head, body = await client.answer()
            assert (status, body) == (204, None)
            assert head["etag"] == served.hub.newest(HALL).etag  # type: ignore[union-attr]
            assert "content-length" not in head and "transfer-encoding" not in head
            assert loop.time() - began > 0.2
        assert requests(served) == 1
        client.ask(0, wait=0.3)
        await waits(served)
        await happen(served)
        assert await client.seq() == 1


async def test_that_there_is_nothing_new_is_not_said_while_the_store_is_away() -> None:
    async with serve(World(), pace=BRIEF) as served, asking(served) as client:
        client.ask(0, wait=0.5)
        await waits(served)
        served.world.leave()
        status, head, body = await client.answer()
        assert (status, head["retry-after"], body["error"]["code"]) == (503, "1", "store_away")


async def test_any_other_request_is_the_application_s() -> None:
    async with waiting() as (served, client):
        await happen(served)
        assert await client.seq() == 1
        client.say(BOARD)
        assert await client.seq() == 1
        client.ask(0, path="/live/board/annex")
        served.world.happen("annex")
        assert await client.seq() == 1
        client.say("/live/board/nowhere?after=1&wait=30")
        assert (await client.answer())[0] == 404
        client.ask(1)
        await waits(served)
        await happen(served)
        assert await client.seq() == 2
        client.say(f"{BOARD}?after=2&epoch=e1&wait=30", pieces=3)
        await until(lambda: served.hub.listeners(HALL))
        await happen(served)
        assert await client.seq() == 3
        assert served.connections == 1


async def test_what_comes_behind_a_question_is_answered_behind_it() -> None:
    async with waiting() as (served, client):
        client.say_behind("/live/board/annex")
        await until(lambda: not borrowed(served))
        await happen(served)
        assert await client.seq() == 1
        client.next()
        assert (await client.answer())[2]["channel"] == "board:annex"


async def test_of_a_document_that_is_gone_the_application_says_so_and_to_who_asks_nothing_goodbye() -> None:
    async with waiting() as (served, client), asking(served) as other:
        other.ask(0)
        await until(lambda: len(borrowed(served)) == 2)
        await happen(served)
        assert (await client.seq(), await other.seq()) == (1, 1)
        client.ask(1)
        await waits(served)
        served.world.gone.add(HALL)
        served.world.happen()
        status, _, body = await client.answer()
        assert (status, body["error"]["code"]) == (404, "not_found")
        await client.ended()
        await other.ended()
        await until(lambda: not served.connections)


@LOOPS
def test_a_server_that_stops_asks_everybody_to_come_back(loop: Loop) -> None:
    async def main() -> None:
        async with waiting() as (served, client), asking(served) as other:
            other.ask(0)
            await until(lambda: len(borrowed(served)) == 2)
            await happen(served)
            assert (await client.seq(), await other.seq()) == (1, 1)
            client.ask(1)
            await waits(served)
            served.server.should_exit = True
            status, head, body = await client.answer()
            assert (status, head["retry-after"], body["error"]["code"]) == (503, "1", "restarting")
            assert head["connection"] == "close"
            await client.ended()
            await other.ended()
            await until(lambda: not served.connections)

    run_on(loop, main())


async def test_who_asks_no_more_is_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(askers, "IDLE_S", 0.1)
    async with waiting(pace=BRIEF) as (served, client):
        await happen(served)
        assert await client.seq() == 1
        await client.ended()
        await until(lambda: not served.connections and not served.hub.listeners(HALL))


async def test_who_reads_no_answer_is_dropped() -> None:
    async with serve(World(), pace=Pace(send_s=0.2)) as served:
        served.world.words[HALL] = "x" * 2_000_000
        with unread(served.port, f"GET {BOARD}?after=0&wait=30 HTTP/1.1\nHost: h"):
            await waits(served)
            await happen(served)
            await until(lambda: not served.connections)


async def test_a_seat_is_taken_while_the_connection_is_there() -> None:
    seats = Seats()
    async with waiting(seats=seats) as (served, client):
        assert seats.taken == 1
        await happen(served)
        await client.seq()
        assert seats.taken == 1
        client.say("/nowhere")
        await client.answer()
        assert seats.taken == 0


async def test_one_whose_session_may_end_waits_for_the_application() -> None:
    async with serve(World(), recheck_s=0.02) as served, served.client() as http:
        asked = http.get("/live/desk/d1?after=0&wait=30", headers={"Authorization": "Bearer key"})
        polling = asyncio.create_task(asked)
        await until(lambda: served.hub.listeners("desk:d1"))
        assert not borrowed(served)
        served.world.happen()
        assert (await polling).json()["seq"] == 1


async def test_of_the_request_nothing_is_left_in_memory() -> None:
    left = Left()
    async with waiting() as (served, _):
        with nothing_collected():
            async with asking(served) as other:
                other.ask(0)
                await until(lambda: len(borrowed(served)) == 2)
                await until(lambda: not served.server.server_state.tasks)
                counts = left.count("Asker", "Counted", "RequestResponseCycle", "Mailbox")
        assert counts == [2, 0, 0, 0]


@pytest.mark.parametrize(
    "request_text",
    [
        "GET /a?after=1 HTTP/1.1\r\n\r\n",  # no header at all
        "GET /a?after=1 HTTP/1.0\r\nHost: h\r\n\r\n",
        "HEAD /a?after=1 HTTP/1.1\r\nHost: h\r\n\r\n",
        "GET /a?after=x HTTP/1.1\r\nHost: h\r\n\r\n",
        "GET /a?after= HTTP/1.1\r\nHost: h\r\n\r\n",
        "GET /a?hereafter=1 HTTP/1.1\r\nHost: h\r\n\r\n",
        "GET /a?after=1 HTTP/1.1\r\nHost: h\r\n",
        "GET /a?after=1 HTTP/1.1\r\nHost: h\r\n\r\nGET /a?after=1 HTTP/1.1\r\nHost: h\r\n\r\n",
        "GET /a HTTP/1.1\r\nX: ?after=1\r\n\r\n",
    ],
)
def test_what_is_no_question_that_can_come_again(request_text: str) -> None:
    assert question(request_text.encode()) is None


def test_a_question_comes_again_with_another_number_and_nothing_else() -> None:
    found = question(b"GET /a?after=1&epoch=e&after=17&wait=5 HTTP/1.1\r\nHost: h\r\nCookie: a=1\r\n\r\n")
    assert found
    asked, after = found
    assert after == 17
    again = b"GET /a?after=1&epoch=e&after=%b&wait=5 HTTP/1.1\r\nHost: h\r\nCookie: a=%b\r\n\r\n"
    assert asked.after(again % (b"18", b"1")) == 18
    assert asked.asked(18) == again % (b"18", b"1")
    for number in (b"", b"-1", b"1 ", b"1&after=2", b"1" * 16, "²".encode()):
        assert asked.after(again % (number, b"1")) is None
    assert asked.after(again % (b"18", b"2")) is None
    assert asked.after(asked.before + asked.behind) is None


async def test_a_connection_that_was_given_back_is_left_alone() -> None:
    """What is lost is forgotten in its time: until then nobody may write to it, or close it."""
    async with waiting() as (served, client):
        [asker] = borrowed(served)
        audience = cast(Askers, asker.keeper)
        client.say_behind("/live/board/annex")
        await until(lambda: not borrowed(served))
        audience.add(asker)  # as if it had not been forgotten yet
        for each in (asker.late, asker.transport.close, lambda: asker.close(Close.TOO_SLOW)):
            each()
        await happen(served)
        assert await client.seq() == 1
        client.next()
        assert (await client.answer())[2]["channel"] == "board:annex"
