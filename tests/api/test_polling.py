"""A poll that waits by itself is answered with what stands before every endpoint, too."""

import asyncio
from typing import Any

import pytest

from callboard.app import create_app
from callboard.domain.directory import Directory
from callboard.hub.hub import Mailbox
from callboard.hub.protocol import Document, Version
from callboard.services import Services
from callboard.store.redis import Connection
from conftest import Clock
from house import make_services, served
from hub.test_asker import Client
from hub.world import body, until

OWN = {"date", "etag", "content-length", "content-type", "x-request-id", "transfer-encoding"}


@pytest.fixture
def services(connection: Connection, directory: Directory, clock: Clock) -> Services:
    return make_services(connection, directory, clock)


def publish(services: Services, seq: int) -> None:
    version = Version("e1", seq, seq)
    services.fanout.hub.publish(
        Document.parted("board:lobby", body("board:lobby", version), version), someone_came=True
    )


async def test_every_answer_has_the_headers_that_the_application_gives(services: Services) -> None:
    async with served(create_app(services)) as port:
        client = Client(*await asyncio.open_connection("127.0.0.1", port))
        hub, heads = services.fanout.hub, list[dict[str, Any]]()
        hub.join("board:lobby", Mailbox())  # somebody who stays, since nothing reads for who comes first
        try:
            for seq in range(1, 4):
                client.ask(seq - 1, path="/live/board/lobby")
                await until(lambda: hub.listeners("board:lobby") == 2)
                await until(lambda: seq == 1 or b'status="204"' in services.metrics.text()[0])  # noqa: B023
                publish(services, seq)
                status, head, document = await client.answer()
                assert (status, document["seq"]) == (200, seq)
                heads.append(head)
            client.say("/live/board/lobby")
            heads.append((await client.answer())[1])
        finally:
            client.leave()
    assert heads[1]["x-request-id"] == heads[2]["x-request-id"]  # to the application it was one request
    kept = [{name: value for name, value in head.items() if name not in OWN} for head in heads]
    assert kept == [kept[-1]] * 4
    assert {"content-security-policy", "x-content-type-options", "cache-control", "vary"} <= kept[0].keys()
    assert all(head["content-type"] == "application/json" and head["x-request-id"] for head in heads)
