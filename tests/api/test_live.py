"""The live addresses over a real server: three ways to the same documents, beats, and clients that come and go."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest

from callboard.hub.connection import Pace
from callboard.hub.watched import Place
from hub.served import Served, close_code, serve, text
from hub.world import BRISK, World, until

BOARD = "/live/board/hall"
BEATS = Pace(beat_s=0.05)
STREAM = {"Accept": "text/event-stream"}


class Events:
    """A parsed event stream."""

    def __init__(self, lines: AsyncIterator[str]) -> None:
        self._lines = lines
        self.ids: list[str] = []

    async def next(self) -> tuple[str, dict[str, Any]]:
        """The next event's kind and JSON."""
        kind = ""
        async with asyncio.timeout(5):
            async for line in self._lines:
                name, _, value = line.partition(": ")
                if name == "event":
                    kind = value
                elif name == "id":
                    self.ids.append(value)
                elif name == "data":
                    return kind, json.loads(value)
        raise EOFError


@asynccontextmanager
async def streaming(served: Served, path: str = BOARD) -> AsyncIterator[Events]:
    async with served.client() as client, client.stream("GET", path, headers=STREAM) as response:
        assert response.status_code == 200
        yield Events(response.aiter_lines())


async def test_all_three_ways_tell_the_same_documents() -> None:
    async with (
        serve(World()) as served,
        served.socket(BOARD) as socket,
        streaming(served) as events,
        served.client() as http,
    ):
        assert await events.next() == ("document", json.loads(await text(socket)))
        for seq in range(1, 4):
            served.world.words["board:hall"] = f"Kö {seq}"
            polling = asyncio.create_task(http.get(BOARD, params={"after": seq - 1, "epoch": "e1", "wait": 5}))
            served.world.happen()
            by_socket = json.loads(await text(socket))
            assert (by_socket["seq"], by_socket["words"]) == (seq, f"Kö {seq}")
            assert await events.next() == ("document", by_socket)
            assert events.ids[-1] == f"e1.{seq}"
            assert (await polling).json() == by_socket


async def test_a_burst_of_a_thousand_events_gives_each_client_few_documents_and_the_last_one_right() -> None:
    async with serve(World()) as served, AsyncExitStack() as clients:
        sockets = [await clients.enter_async_context(served.socket(BOARD)) for _ in range(20)]
        events = await clients.enter_async_context(streaming(served))
        await asyncio.gather(*map(text, sockets), events.next())
        for _ in range(10):
            served.world.happen(times=100)
            await asyncio.sleep(0)  # the burst is spread over turns of the loop

        async def documents_until_last(next_seq: Any) -> int:
            count = 1
            while await next_seq() != 1000:
                count += 1
            return count

        async def seq_of(socket: Any) -> int:
            return int(json.loads(await text(socket))["seq"])

        async def seq_of_event() -> int:
            return int((await events.next())[1]["seq"])

        counts = await asyncio.gather(
            documents_until_last(seq_of_event),
            *(documents_until_last(lambda socket=socket: seq_of(socket)) for socket in sockets),
        )
        assert max(counts) <= 30


async def test_silence_is_filled_with_beats_that_tell_when_the_store_was_seen() -> None:
    async with serve(World(), pace=BEATS) as served, served.socket(BOARD) as socket, streaming(served) as events:
        at = json.loads(await text(socket))["at"]
        beat = json.loads(await text(socket))
        assert (beat["type"], beat["seq"], beat["epoch"]) == ("beat", 0, "e1")
        assert beat["at"] >= at
        assert (await events.next())[0] == "document"
        kind, beat = await events.next()
        assert (kind, beat["type"]) == ("beat", "beat")
        assert events.ids == ["e1.0"]


async def test_no_way_pretends_to_be_fresh_while_the_store_is_away() -> None:
    async with (
        serve(World(), pace=BEATS, first_s=0.1) as served,
        served.socket(BOARD) as socket,
        streaming(served) as events,
        served.client() as http,
    ):
        await text(socket)
        await events.next()
        served.world.leave()
        await until(lambda: not served.fanout.is_fresh(Place("hall", "board:hall")))
        while True:  # what was sent before it was noticed
            try:
                async with asyncio.timeout(0.3):
                    assert json.loads(await socket.recv())["type"] == "beat"
            except TimeoutError:
                break
        waiting = await http.get(BOARD, params={"after": 0, "epoch": "e1", "wait": 0.1})
        assert (waiting.status_code, waiting.headers["retry-after"]) == (503, "1")
        assert (await http.get("/live/board/annex")).status_code == 503
        assert (await http.get(BOARD)).json()["seq"] == 0  # the last picture, with its moment

        served.world.happen()
        served.world.away = False
        assert json.loads(await text(socket))["seq"] == 1
        while (await events.next())[1]["seq"] != 1:
            pass
        assert json.loads(await text(socket))["type"] == "beat"


async def test_a_poll_waits_for_a_newer_document_and_says_when_there_is_none() -> None:
    async with serve(World()) as served, served.client() as http:
        served.world.happen(times=3)
        first = await http.get(BOARD)
        assert (first.status_code, first.json()["seq"]) == (200, 3)
        assert first.headers["content-type"] == "application/json"
        assert first.headers["cache-control"] == "no-store"

        none = await http.get(BOARD, params={"after": 3, "epoch": "e1", "wait": 0.05})
        assert (none.status_code, none.content) == (204, b"")
        assert (await http.get(BOARD, params={"after": 3, "epoch": "e1"})).status_code == 204
        assert (await http.get(BOARD, params={"after": 3})).status_code == 204
        assert (await http.get(BOARD, params={"after": 9, "epoch": "e1"})).status_code == 204

        assert (await http.get(BOARD, params={"after": 2, "epoch": "e1", "wait": 30})).json()["seq"] == 3
        assert (await http.get(BOARD, params={"after": 900, "epoch": "e0", "wait": 30})).json()["seq"] == 3

        waiting = asyncio.create_task(http.get(BOARD, params={"after": 3, "epoch": "e1", "wait": 30}))
        await until(lambda: served.hub.newest("board:hall"))
        served.world.happen()
        assert (await waiting).json()["seq"] == 4


async def test_the_tag_answers_304_while_nothing_else_is_said() -> None:
    async with serve(World()) as served, served.client() as http:
        first = await http.get(BOARD)
        known = {"If-None-Match": first.headers["etag"]}
        same = await http.get(BOARD, headers=known)
        assert (same.status_code, same.content, same.headers["etag"]) == (304, b"", first.headers["etag"])
        served.world.words["board:hall"] = "8-14 min"  # time has passed; no event
        have = f"{BOARD}?after=0&epoch=e1"
        assert (await http.get(have)).status_code == 204
        changed = await http.get(have, headers=known)
        assert (changed.status_code, changed.json()["words"]) == (200, "8-14 min")
        assert (
            await http.get(BOARD, headers={"If-None-Match": '"other", ' + changed.headers["etag"]})
        ).status_code == 304


async def test_what_time_changes_reaches_everybody_without_an_event() -> None:
    async with (
        serve(World(), rhythm=replace(BRISK, refresh_s=0.05)) as served,
        served.socket(BOARD) as socket,
        streaming(served) as events,
        served.client() as http,
    ):
        await asyncio.gather(text(socket), events.next())
        polling = asyncio.create_task(http.get(BOARD, params={"wait": 5}, headers={"If-None-Match": await tag(http)}))
        served.world.words["board:hall"] = "8-14 min"
        assert json.loads(await text(socket))["words"] == "8-14 min"
        assert (await events.next())[1]["words"] == "8-14 min"
        assert (await polling).json()["words"] == "8-14 min"


async def tag(http: Any) -> str:
    return str((await http.get(BOARD)).headers["etag"])


@pytest.mark.parametrize(
    "query",
    ["after=x", "after=-1", "after=1.5", "after=1&wait=31", "after=1&wait=-1", "wait=nan", "epoch=" + "e" * 65],
)
async def test_a_query_that_makes_no_sense_is_refused_by_field(query: str) -> None:
    async with serve(World()) as served, served.client() as http:
        answer = await http.get(f"{BOARD}?{query}")
        assert answer.status_code == 422
        assert [field["field"] for field in answer.json()["error"]["fields"]] == [query.split("&")[-1].split("=")[0]]


async def test_head_has_the_headers_of_get() -> None:
    async with serve(World()) as served, served.client() as http:
        head = await http.head(BOARD, headers=STREAM)
        assert (head.status_code, head.content) == (200, b"")
        assert head.headers["etag"] == await tag(http)
        assert (await http.post(BOARD)).status_code == 405
        assert (await http.request("GET", BOARD, content=b"{}")).status_code == 400


async def test_the_stream_is_neither_stored_nor_held_back_and_says_when_to_come_back() -> None:
    async with (
        serve(World(), chance=lambda: 0.5) as served,
        served.client() as client,
        client.stream("GET", BOARD, headers=STREAM | {"Last-Event-ID": "e1.99"}) as response,
    ):
        assert response.headers["content-type"] == "text/event-stream"
        assert response.headers["cache-control"] == "no-store"
        assert response.headers["x-accel-buffering"] == "no"
        assert response.headers["vary"] == "accept"
        lines = response.aiter_lines()
        assert [await anext(lines) for _ in range(3)] == ["retry: 3000", "", "event: document"]


async def test_clients_that_go_are_forgotten_whichever_way_they_came() -> None:
    async with serve(World()) as served:
        async with served.client() as http:
            polling = asyncio.create_task(http.get(BOARD, params={"after": 0, "wait": 30}))
            async with served.socket(BOARD) as socket, streaming(served) as events:
                await asyncio.gather(text(socket), events.next())
                await until(lambda: served.hub.listeners("board:hall") == 3)
            await until(lambda: served.hub.listeners("board:hall") == 1)
            polling.cancel()
        await until(lambda: served.hub.listeners("board:hall") == 0)
        await until(lambda: not served.server.server_state.tasks)


async def test_a_document_that_is_gone_ends_every_way() -> None:
    async with (
        serve(World()) as served,
        served.socket(BOARD) as socket,
        streaming(served) as events,
        served.client() as http,
    ):
        await asyncio.gather(text(socket), events.next())
        polling = asyncio.create_task(http.get(BOARD, params={"after": 0, "wait": 30}))
        await until(lambda: served.hub.listeners("board:hall") == 3)
        served.world.gone.add("board:hall")
        served.world.happen()
        assert await close_code(socket) == 4404
        with pytest.raises(EOFError):
            await events.next()
        assert (await polling).status_code == 404
