"""Messages through a server to a carrier and a mail server on loopback that answer at once: how many a second with one
and with four workers, and how long from the request to call somebody to the carrier's socket.

The rate is that of messages that wait when the server starts, from the first that is taken to the last; the store keeps
nothing on disk then. The call is measured on an idle server with a store of its own that keeps everything. A server
hands notifications to public https addresses alone, so these are sealed, signed and handed over without one: to a push
service in the same process, which opens each.
"""

import asyncio
import os
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session
from starlette.requests import Request
from starlette.responses import Response

from bench.figures import percentile, show
from callboard.compose import clock
from callboard.delivery.model import Delivery, Sent
from callboard.domain.directory import Directory
from callboard.notify.kinds import TURN
from callboard.notify.push import AT_ONCE, Push
from callboard.outside.http import Client
from callboard.outside.reach import networks
from callboard.p256 import key_of, new_key, private_text, public_text
from callboard.site import load
from callboard.store.push_keys import PushKeys
from callboard.store.redis import Connection
from callboard.store.transitions import Store
from notify.carrier import SID, TOKEN, Carrier
from notify.mailserver import MailServer
from notify.push_service import PushService
from running import administrator, serving
from servers import start_server

MESSAGES = 600
WORKERS = (1, 4)
CALLS = 100
BAR_MS = 150  # p99, when idle
SITE = """
[organization]
id = "hall"
name = "Hall"

[[locations]]
id = "hall"
name = "Hall"
country = "SE"
texting = { per_number = 1000, per_prefix = 10000, per_day = 1000000 }
queues = [{ id = "a", tag = "A", name = "Advice", max_waiting = 2000 }]
desks = [{ id = "d", tag = "1", name = "Desk 1", queues = ["a"] }]
"""


class Arrivals:
    """When each message came, as it came (s)."""

    def __init__(self) -> None:
        self.at: list[float] = []
        self._more = asyncio.Event()

    def come(self) -> None:
        self.at.append(time.perf_counter())
        self._more.set()

    async def reach(self, count: int) -> None:
        async with asyncio.timeout(300):
            while len(self.at) < count:
                self._more.clear()
                await self._more.wait()


class TimedCarrier(Carrier):
    def __init__(self, arrivals: Arrivals) -> None:
        super().__init__(clock)
        self._arrivals = arrivals

    async def _post(self, request: Request) -> Response:
        self._arrivals.come()
        return await super()._post(request)


class TimedMailServer(MailServer):
    def __init__(self, arrivals: Arrivals) -> None:
        super().__init__()
        self._arrivals = arrivals

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        self._arrivals.come()
        return "250 OK"


@asynccontextmanager
async def providers() -> AsyncIterator[tuple[Arrivals, dict[str, Any]]]:
    """What comes to them, and a server's settings."""
    arrivals = Arrivals()
    async with TimedCarrier(arrivals).serve() as carrier, TimedMailServer(arrivals).serve() as mails:
        yield (
            arrivals,
            {
                "site": "site.toml",
                "log_level": "warning",
                "twilio_account_sid": SID,
                "twilio_auth_token": TOKEN,
                "twilio_from": "+46700000001",
                "twilio_api_base": carrier.base,
                "smtp_host": "127.0.0.1",
                "smtp_port": mails.port,
                "smtp_tls": "none",
                "mail_from": "desk@hall.example",
            },
        )


async def rate(directory: Path, channel: str, workers: int) -> float:
    """Messages a second."""
    async with AsyncExitStack() as stack:
        arrivals, settings = await stack.enter_async_context(providers())
        url = stack.enter_context(start_server(directory))
        connection = Connection.open(url, wait_s=20)
        stack.push_async_callback(connection.close)
        store = Store(connection, Directory(load([directory / "site.toml"])), clock)
        for number in range(MESSAGES):
            to = {"phone": f"+4670{1_000_000 + number}"} if channel == "text" else {"email": f"p{number}@there.example"}
            await store.join("a", locale="en", **to)  # type: ignore[arg-type]
        await stack.enter_async_context(serving(directory, redis=url, workers=workers, **settings))
        await arrivals.reach(MESSAGES)
        return (MESSAGES - 1) / (arrivals.at[MESSAGES - 1] - arrivals.at[0])


async def calls(directory: Path) -> list[float]:
    """From each request to the carrier's socket (ms)."""
    took = []
    async with AsyncExitStack() as stack:
        arrivals, settings = await stack.enter_async_context(providers())
        server = await stack.enter_async_context(serving(directory, **settings))
        client = await stack.enter_async_context(administrator(server))
        await client.post("/api/v1/desks/d/open")
        for number in range(CALLS + 5):
            person = {"queue": "a", "phone": f"+4670{1_000_000 + number}"}
            assert (await client.post("/api/v1/tickets", json=person)).status_code == 201
            await arrivals.reach(2 * number + 1)
            await asyncio.sleep(0.05)
            began = time.perf_counter()
            assert (await client.post("/api/v1/desks/d/call_next")).status_code == 200
            await arrivals.reach(2 * number + 2)
            took.append((arrivals.at[-1] - began) * 1000)
    return took[5:]


async def push_rate(directory: Path) -> float:
    """Notifications a second, as many under way as a worker has."""
    async with AsyncExitStack() as stack:
        connection = Connection.open(stack.enter_context(start_server(directory)), wait_s=20)
        stack.push_async_callback(connection.close)
        keys = PushKeys(connection, lambda: private_text(new_key(os.urandom)))
        key = public_text(key_of(await keys.private()))
        service = await stack.enter_async_context(PushService(key).serve())
        push = Push(keys, "mailto:desk@hall.example", Client(networks(["127.0.0.0/8"])), clock, lambda: 0.5, os.urandom)
        stack.push_async_callback(push.close)
        left = iter(range(MESSAGES))

        async def sends() -> None:
            for number in left:
                now, to = clock(), service.browser(f"p{number}").subscription
                turn = Delivery(
                    id="t", kind=TURN, lane="push", location="hall", ticket=f"t{number}", at=now, until=now + 600_000
                )
                assert isinstance((await push.send([to], b"{}", turn, _unmarked)).answer, Sent)

        began = time.perf_counter()
        async with asyncio.TaskGroup() as tasks:
            for _ in range(AT_ONCE):
                tasks.create_task(sends())
        return MESSAGES / (time.perf_counter() - began)


async def _unmarked(step: str) -> None:
    pass


async def main() -> None:
    rows = []
    for channel in ("text", "mail"):
        for workers in WORKERS:
            with tempfile.TemporaryDirectory() as directory:
                (Path(directory) / "site.toml").write_text(SITE)
                with redirect_stdout(StringIO()):  # what the server prints
                    a_second = await rate(Path(directory), channel, workers)
                rows.append([f"{channel}, workers: {workers}", a_second])
    with tempfile.TemporaryDirectory() as directory:
        rows.append(["push, without a server", await push_rate(Path(directory))])
    show(f"{MESSAGES} messages that wait", ["through", "a second"], rows)
    with tempfile.TemporaryDirectory() as directory:
        (Path(directory) / "site.toml").write_text(SITE)
        with redirect_stdout(StringIO()):
            took = await calls(Path(directory))
    row = ["text", *(percentile(took, share) for share in (0.5, 0.99)), max(took), BAR_MS]
    show(f"{CALLS} calls, idle: to the carrier's socket, ms", ["", "p50", "p99", "longest", "bar, p99"], [row])


if __name__ == "__main__":
    asyncio.run(main())
