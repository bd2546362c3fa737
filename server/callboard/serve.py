"""`callboard serve`: a store of its own or the given one, the site, all parts around them, until told to stop."""

import asyncio
import gc
import logging
import re
import socket
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import Any

import click
import uvicorn
from msgspec.structs import replace

from callboard import site
from callboard.assets import SITES
from callboard.compose import Parts, compose
from callboard.domain.directory import Directory
from callboard.errors import Invalid, StoreAway
from callboard.facades import OPTIONS, SHAPES
from callboard.hub.server import Server
from callboard.orders import obeying
from callboard.settings import Settings
from callboard.store.durability import weaknesses
from callboard.store.embedded import Embedded
from callboard.store.problem import StoreProblem
from callboard.store.redis import Connection
from callboard.wire import uvicorn_options

log = logging.getLogger("callboard")

Beside = Callable[[Parts], Awaitable[None]]  # what runs beside the server, and what it says when it answers


class Stop(Exception):
    """It cannot start; says why, for the operator."""


def run(settings: Settings) -> int:
    """Serves until SIGTERM or SIGINT. The exit status: 0 when it was told to stop, 1 when it could not start."""
    try:
        make_first_site(settings)
        directory = load_site(settings)
        run_loop(serve(settings, directory, announce))
    except (Stop, StoreProblem) as problem:
        click.echo(f"callboard: {problem}", err=True)
        return 1
    return 0


def run_loop(main: Coroutine[Any, Any, None]) -> None:
    """On uvloop where there is one."""
    if sys.platform == "win32":
        asyncio.run(main)
        return
    import uvloop

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main)


def make_first_site(settings: Settings) -> None:
    """The starter, unless the settings name site files or there is one in the data directory."""
    if settings.site:
        return
    (path,) = _site_paths(settings)
    try:
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            path.write_bytes((SITES / "starter.toml").read_bytes())
            click.echo(f"A first site was written to {path}: change it, and check it with `callboard check`.")
    except OSError as error:
        raise Stop(f"the site file {path} cannot be written: {error.strerror}") from None


def load_site(settings: Settings) -> Directory:
    """The site files named in the settings; without any, the one in the data directory."""
    try:
        return Directory(site.load(_site_paths(settings), SHAPES, OPTIONS))
    except Invalid as error:
        raise Stop(
            "\n".join(["the site cannot be served:", *(f"  {m.where}: {m.what}" for m in error.mistakes)])
        ) from None


def _site_paths(settings: Settings) -> list[Path]:
    return [Path(name) for name in settings.site] or [Path(settings.data_dir) / "site.toml"]


async def serve(settings: Settings, directory: Directory, beside: Beside) -> None:
    """Everything, started in order and stopped in the reverse; raises Stop or StoreProblem when it cannot start."""
    log_to_stderr(settings.log_level)
    with obeying() as orders, suppress(asyncio.CancelledError), listen(settings) as sock:
        settings = replace(settings, port=sock.getsockname()[1])
        async with store(settings) as (connection, problem):
            parts = compose(settings, connection, directory, problem)
            async with asyncio.TaskGroup() as tasks:
                running = [tasks.create_task(parts.run())]
                server = Told(uvicorn.Config(parts.app, **uvicorn_options()), parts.fanout.hub.close)
                server.when_ready = lambda: running.append(tasks.create_task(_ready(parts, beside)))
                orders.stop, orders.again = server.stop, lambda: reapply(settings, parts)
                await server.serve(sockets=[sock])
                for task in running:
                    task.cancel()
    click.echo("callboard stopped")


async def _ready(parts: Parts, beside: Beside) -> None:
    click.echo(f"callboard ready on {parts.services.settings.url}")
    sys.stdout.flush()
    collect_rarely()
    await beside(parts)


def collect_rarely() -> None:
    """A collection stops everybody, the longer the more are connected: for 0.2 s with a thousand screens. What start
    has made need not be looked at again, and the rest not after each few hundred new objects."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


async def announce(parts: Parts) -> None:
    """What to open; while there is no user also a link that makes the administrator."""
    url = parts.services.settings.url
    try:
        if token := await parts.services.accounts.make_setup_link():
            click.echo("Make yourself the administrator with this link; it is good once, for a day:")
            click.echo(f"  {url}/setup/{token}")
    except StoreAway as away:
        click.echo(f"WARNING: nothing can be changed now: {away}", err=True)
    for location in parts.services.directory.locations:
        click.echo(f"  take a ticket   {url}/join/{location.id}")
        click.echo(f"  kiosk           {url}/kiosk/{location.id}")
        for display in location.displays:
            click.echo(f"  screen          {url}/display/{display.id}")
    click.echo(f"  staff           {url}/desk")
    sys.stdout.flush()


class Told(Server):
    """Stops when it is told to, and says when it answers. Signals are ours: stopping as told is no failure."""

    when_ready: Callable[[], object] = staticmethod(lambda: None)

    def stop(self) -> None:
        """In good order; when it is told again, at once."""
        self.force_exit = self.should_exit
        self.should_exit = True

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self.when_ready()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def reapply(settings: Settings, parts: Parts) -> None:
    """The site files as they are now; one with a mistake changes nothing."""
    try:
        parts.apply(load_site(settings))
    except Stop as problem:
        log.error("the site stays as it was; %s", problem)
    else:
        log.info("the site was read again")


@asynccontextmanager
async def store(settings: Settings) -> AsyncIterator[tuple[Connection, Callable[[], str | None]]]:
    """A connection to the store, and what keeps it from taking writes, in words, if anything does.

    Without an address in the settings the store is our own child, watched and ended with us.
    """
    if settings.redis:
        async with connected(settings.redis, settings) as connection:
            await warn_if_weak(connection)
            yield connection, lambda: None
        return
    embedded = Embedded(Path(settings.data_dir))
    url = await embedded.start()
    try:
        async with asyncio.TaskGroup() as tasks:
            watching = tasks.create_task(embedded.watch())
            async with connected(url, settings) as connection:
                yield connection, lambda: embedded.problem
            watching.cancel()
    finally:
        await embedded.stop()


@asynccontextmanager
async def connected(url: str, settings: Settings) -> AsyncIterator[Connection]:
    try:
        connection = Connection.open(url, wait_s=settings.store_wait_s)
    except ValueError:
        raise Stop(f"redis: {without_password(url)} is not the address of a store") from None
    try:
        yield connection
    finally:
        await connection.close()


async def warn_if_weak(connection: Connection) -> None:
    """A store that may lose what it has acknowledged is used, but not in silence. Raises Stop when none answers."""
    try:
        found = await connection.call(lambda: weaknesses(connection.client))
    except StoreAway as away:
        raise Stop(f"{without_password(connection.url)}: {away}") from None
    for sentence in found:
        click.echo(f"WARNING: this store may lose tickets: {sentence}", err=True)


def without_password(address: str) -> str:
    """As it may be printed."""
    return re.sub(r"(?<=://)[^/?]*@", "", address)


def listen(settings: Settings) -> socket.socket:
    """The listening socket, so that a taken port is told before anything is started."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        return socket.create_server((settings.host.strip("[]"), settings.port), family=family, backlog=2048)
    except OSError as error:
        why = (error.strerror or str(error)).partition(" (while")[0]
        raise Stop(f"cannot listen on {settings.host} port {settings.port}: {why}") from None


def log_to_stderr(level: str) -> None:
    logging.basicConfig(level=level.upper(), format="%(levelname)s %(name)s %(message)s", stream=sys.stderr, force=True)
    logging.getLogger("uvicorn").setLevel(logging.WARNING)  # that it started is said by the ready line
