"""`callboard serve --workers N`: the parent owns the store, the listening socket and the workers; it answers nobody."""

import asyncio
import logging
import socket
import tempfile
from collections import Counter
from collections.abc import Callable
from contextlib import suppress

import click
from msgspec.structs import replace

from callboard.announcement import announce, say_ready
from callboard.backing import store
from callboard.compose import clock
from callboard.domain.directory import Directory
from callboard.endless import goes_on
from callboard.listening import give_way, listen
from callboard.orders import Orders, obeying
from callboard.settings import Settings
from callboard.starting import Stop, load_certificate, load_identities, load_site, log_to_stderr
from callboard.store.accounts import Accounts
from callboard.store.redis import Connection
from callboard.workers.crew import Crew
from callboard.workers.hired import Hired
from callboard.workers.tether import Given

LOOK_S = 0.5  # between two looks at what keeps the store from working

log = logging.getLogger("callboard")


async def serve_with_workers(settings: Settings, directory: Directory) -> None:
    """Until it is told to stop; raises Stop or StoreProblem when it cannot start.

    All workers accept from one socket, so that whoever has time takes the next client, and none is lost that waits
    while a worker ends.
    """
    log_to_stderr(settings.log_level)
    load_certificate(settings)
    load_identities(settings)
    failed = None
    with (
        obeying() as orders,
        suppress(asyncio.CancelledError),
        listen(settings) as listening,
        tempfile.TemporaryDirectory(prefix="callboard-") as counting,
    ):
        settings = replace(settings, port=listening.getsockname()[1])
        async with store(settings) as (connection, problem):
            failed = await _Parent(settings, directory, connection, problem, listening, counting).work(orders)
    if failed:
        raise Stop(failed)
    click.echo("callboard stopped")


class _Parent:
    """What the workers are given, from their start to their end."""

    def __init__(
        self,
        settings: Settings,
        directory: Directory,
        connection: Connection,
        problem: Callable[[], str | None],
        listening: socket.socket,
        counting: str,
    ) -> None:
        self._settings = settings
        self._directory = directory
        self._connection = connection
        self._problem = problem
        self._listening = listening
        self._counting = counting
        self._times: Counter[int] = Counter()  # how often somebody was hired for a place
        self._crew = Crew(settings.workers, self._hire)

    async def work(self, orders: Orders) -> str | None:
        """Until the orders are to stop; what kept the workers from starting, in words."""
        try:
            if failed := await self._crew.begin():
                return failed
            orders.stop, orders.again = self._crew.stop, self._again
            if orders.is_told:
                self._crew.stop()
            say_ready(self._settings)
            async with asyncio.TaskGroup() as tasks:
                beside = [tasks.create_task(self._announce()), tasks.create_task(self._pass_on())]
                await self._crew.run()
                for task in beside:
                    task.cancel()
            if self._settings.reuse_port:
                await give_way(self._listening)
        finally:
            await self._crew.end()
        return None

    async def _hire(self, place: int) -> Hired:
        self._times[place] += 1
        given = Given(
            settings=self._settings,
            sites=list(self._directory.sites),
            store=self._connection.url,
            problem=self._problem(),
            # Of one place two are there at most, while one takes over. Names come again, so that there are few files.
            name=f"{place}-{self._times[place] % 2}",
            counting=self._counting,
        )
        return await Hired.hire(given, self._listening)

    async def _announce(self) -> None:
        accounts = Accounts(self._connection, clock, session_hours=self._settings.session_hours)
        await announce(self._settings, self._directory, accounts)

    async def _pass_on(self) -> None:
        """The workers do not see the store's process; we do."""
        known = None
        while goes_on():
            now = self._problem()
            if now != known:
                for worker in self._crew.hired:
                    worker.tell(now)
            known = now
            await asyncio.sleep(LOOK_S)

    def _again(self) -> None:
        """The site as it is now, with workers of the program and the certificate as they are now; one mistake, and
        nothing changes."""
        try:
            load_certificate(self._settings)
            self._directory = load_site(self._settings)
        except Stop as problem:
            log.error("the site stays as it was; %s", problem)
        else:
            log.info("the site was read again")
            self._crew.exchange()
