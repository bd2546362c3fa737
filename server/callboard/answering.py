"""One process that answers on a listening socket, until it is told to stop."""

import asyncio
import logging
import socket
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

import uvicorn

from callboard.compose import Parts
from callboard.errors import Invalid
from callboard.garbage import collect_in_quiet
from callboard.hub.server import Server
from callboard.listening import give_way
from callboard.orders import Orders
from callboard.settings import Settings
from callboard.starting import Stop, lines, load_site
from callboard.tls import Certificate
from callboard.wire import uvicorn_options

LAST_S = 0.3
DELIVERING_S = 3.0

log = logging.getLogger("callboard")


class Told(Server):
    """Stops when it is told to, and says when it answers. Signals are ours: stopping as told is no failure."""

    when_ready: Callable[[], object] = staticmethod(lambda: None)
    gives_way = False  # others listen on the same port
    others_go_on = False  # or on the same socket

    def stop(self) -> None:
        """In good order; when it is told again, at once."""
        self.force_exit = self.should_exit
        self.should_exit = True

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.when_ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Where others go on answering, whoever asks now is told with the answer that this connection ends, and so does
        not meet a closed one the next time. Who was accepted and is not served yet, amid a TLS handshake for instance,
        is answered too."""
        self.config.timeout_keep_alive = 0
        if self.gives_way:
            for each in sockets or ():
                await give_way(each)
        for server in self.servers:
            server.close()
        await asyncio.sleep(LAST_S if self.others_go_on else 0)
        await super().shutdown(sockets)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def answer(
    parts: Parts,
    listening: socket.socket,
    orders: Orders,
    certificate: Certificate | None,
    says: Callable[[], object],
    then: Callable[[], Awaitable[None]] | None = None,
    *,
    gives_way: bool = False,
    others_go_on: bool = False,
) -> None:
    """Runs everything until the orders are to stop. When it answers it `says` so, and `then` is run beside it.
    `gives_way`, `others_go_on`: other processes listen on the port, or on this socket."""
    async with asyncio.TaskGroup() as tasks:
        delivering = tasks.create_task(parts.deliver())
        running = [tasks.create_task(parts.run()), delivering]
        tls = certificate.context if certificate else None
        config = uvicorn.Config(parts.app, lifespan="off", **uvicorn_options(tls))
        server = Told(config, parts.fanout.hub.close)
        server.gives_way, server.others_go_on = gives_way, gives_way or others_go_on
        server.when_ready = lambda: running.append(tasks.create_task(_begun(says, then)))
        orders.stop, orders.again = server.stop, lambda: reapply(parts.services.settings, parts, certificate)
        if orders.is_told:
            server.stop()
        await server.serve(sockets=[listening])
        parts.deliver_no_more()  # of a request that is cut off nobody knows whether it arrived
        await asyncio.wait([delivering], timeout=DELIVERING_S)
        for task in running:
            task.cancel()


async def _begun(says: Callable[[], object], then: Callable[[], Awaitable[None]] | None) -> None:
    says()
    if then:
        await then()
    await collect_in_quiet()


def reapply(settings: Settings, parts: Parts, certificate: Certificate | None) -> None:
    """The site files and the certificate as they are now; what has a mistake stays as it was."""
    try:
        parts.apply(load_site(settings))
    except Stop as problem:
        log.error("the site stays as it was; %s", problem)
    else:
        log.info("the site was read again")
    if certificate is None:
        return
    try:
        certificate.renew()
    except Invalid as error:
        log.error("the certificate stays as it was; %s", "; ".join(lines(error)))
    else:
        log.info("the certificate was read again")
