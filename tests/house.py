"""A whole application on the real store, for tests that speak HTTP: in process, or on a port."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import httpx2
import uvicorn
from argon2 import PasswordHasher
from starlette.types import ASGIApp

from callboard.compose import public_key, push_keys
from callboard.domain.directory import Directory
from callboard.hub.fanout import Fanout
from callboard.hub.hub import Hub
from callboard.hub.protocol import Document
from callboard.hub.server import Server
from callboard.metrics import Metrics
from callboard.notify.again import MessageAgain
from callboard.notify.reset import ResetRequests
from callboard.notify.worker import outbox
from callboard.rates import Rates
from callboard.screens import Screens
from callboard.services import Services, buckets
from callboard.settings import Settings
from callboard.store.accounts import Accounts
from callboard.store.customers import Customers
from callboard.store.opt_outs import OptOuts
from callboard.store.outbox import Outbox
from callboard.store.passwords import Passwords
from callboard.store.reads import Reads
from callboard.store.redis import Connection
from callboard.store.transitions import Store
from callboard.store.watches import Watches
from callboard.webhooks.again import NoticeAgain
from callboard.wire import uvicorn_options
from conftest import Clock

PASSWORD = "correct horse battery"
CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)  # for tests that are not about hashing


def make_services(
    connection: Connection,
    directory: Directory,
    clock: Clock,
    problem: Callable[[], str | None] = lambda: None,
    **settings: Any,
) -> Services:
    """What a server is made of, with cheap passwords. Limits run by the same clock as everything else."""
    chosen = Settings(**{"join_per_minute": 1000, "numbers_per_hour": 1000} | settings)
    reads = Reads(connection, directory)
    customers = Customers(connection, clock, passwords=Passwords(CHEAP))
    return Services(
        settings=chosen,
        store=Store(connection, directory, clock),
        reads=reads,
        screens=Screens(reads, clock),
        accounts=Accounts(connection, clock, session_hours=chosen.session_hours, passwords=Passwords(CHEAP)),
        customers=customers,
        mail_reset=ResetRequests(reads, customers, outbox(connection), clock),
        outbox=outbox(connection),
        message_again=MessageAgain(reads, outbox(connection), clock),
        notice_again=NoticeAgain(Outbox(connection, "webhooks", ["post"]), clock),
        opt_outs=OptOuts(connection, clock, chosen.texts_from),
        watches=Watches(connection, clock),
        notices=Outbox(connection, "webhooks", ["post"]),
        push_key=partial(public_key, push_keys(connection)),
        fanout=Fanout(Hub(), streams=(), build=_build_nothing, ping=connection.ping, clock=clock),
        rates=Rates(buckets(chosen), lambda: clock.now / 1000),
        metrics=Metrics(),
        clock=clock,
        problem=problem,
    )


async def _build_nothing(location: str, channels: Sequence[str]) -> Iterable[Document]:
    return ()


def client(app: ASGIApp, base_url: str = "http://callboard.test", address: str = "203.0.113.7") -> httpx2.AsyncClient:
    """A browser or a machine that speaks to the application in process. Exceptions that escape it are failures."""
    return httpx2.AsyncClient(transport=httpx2.ASGITransport(app, client=(address, 50000)), base_url=base_url)


@asynccontextmanager
async def served(app: ASGIApp, **options: Any) -> AsyncIterator[int]:
    """The application on a port of this machine, as it is served in earnest; the port."""
    config = uvicorn.Config(app, **{**uvicorn_options(), "lifespan": "off"} | options)
    server = Server(config, farewell=lambda: None)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        async with asyncio.TaskGroup() as group:
            running = group.create_task(server.serve([listening]))
            while not server.started:
                assert not running.done()
                await asyncio.sleep(0.005)
            try:
                yield listening.getsockname()[1]
            finally:
                server.should_exit = True


async def everything(connection: Connection) -> str:
    """All that the store holds, keys and values, as text; the same text for the same state."""
    found: list[object] = []
    client = connection.client
    for key in sorted({key async for key in client.scan_iter(count=1000)}):
        kind = await client.type(key)
        found.append(key)
        if kind == "string":
            found.append(await client.get(key))
        elif kind == "hash":
            found.append(sorted((await client.hgetall(key)).items()))
        elif kind == "zset":
            found.append(await client.zrange(key, 0, -1))
        elif kind == "list":
            found.append(await client.lrange(key, 0, -1))
        elif kind == "set":
            found.append(sorted(await client.smembers(key)))
        else:
            assert kind == "stream", kind
            found.append(await client.xrange(key))
    return "\n".join(map(str, found))
