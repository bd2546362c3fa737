"""How administrative commands reach the accounts: in the running server's store, in yours, or in the data directory."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeVar

import click

from callboard import site
from callboard.commands.run import read_settings, settings_options
from callboard.compose import clock
from callboard.errors import Invalid, StoreAway
from callboard.facades import OPTIONS, SHAPES
from callboard.settings import Settings
from callboard.store.accounts import Accounts
from callboard.store.embedded import Embedded
from callboard.store.place import Place
from callboard.store.problem import StoreProblem
from callboard.store.redis import Connection

T = TypeVar("T")

NEEDED = ("data_dir", "redis", "site")


class Failed(click.ClickException):
    """Said in one line; the program ends with 1."""


def with_settings(command: click.Command) -> click.Command:
    """Gives a command the options that say which server is meant, and hands it `settings` in their place."""
    does = command.callback
    assert does is not None

    def callback(config: Path | None, **given: object) -> None:
        options = {name: given.pop(name) for name in NEEDED}
        found = {name: value for name, value in options.items() if value not in (None, ())}
        does(settings=read_settings(config, found), **given)

    command.callback = callback
    command.params += settings_options(NEEDED)
    return command


def run(settings: Settings, does: Callable[[Accounts], Awaitable[T]]) -> T:
    """Does something with the accounts of the server that the settings mean, whether it runs or not."""
    return reach(settings, lambda connection: does(Accounts(connection, clock, session_hours=settings.session_hours)))


def reach(settings: Settings, does: Callable[[Connection], Awaitable[T]]) -> T:
    """Does something in the store of that server."""
    if not settings.redis and not Path(settings.data_dir).is_dir():
        raise Failed(f"there is no data directory {settings.data_dir}; name it with --data-dir")

    async def main() -> T:
        async with _connection(settings) as connection:
            return await does(connection)

    try:
        return asyncio.run(main())
    except (StoreAway, StoreProblem) as problem:
        raise Failed(str(problem)) from None
    except Invalid as error:
        raise Failed("; ".join(f"{m.where}: {m.what}" for m in error.mistakes)) from None


def organization_of(settings: Settings, given: str | None) -> str:
    """The organization that is named, or the only one of the site."""
    paths = [Path(name) for name in settings.site] or [Path(settings.data_dir) / "site.toml"]
    try:
        known = list(dict.fromkeys(each.organization.id for each in site.load(paths, SHAPES, OPTIONS)))
    except Invalid as error:
        raise Failed("\n".join(f"{m.where}: {m.what}" for m in error.mistakes)) from None
    if given is None and len(known) == 1:
        return known[0]
    if given not in known:
        raise Failed(f"--organization has to be one of {', '.join(known)}")
    return given


@asynccontextmanager
async def _connection(settings: Settings) -> AsyncIterator[Connection]:
    if settings.redis:
        async with _opened(settings.redis, settings) as connection:
            yield connection
        return
    data = Path(settings.data_dir)
    socket = Place(data).old_socket()
    if socket is not None and await _answers(f"unix://{socket}"):
        async with _opened(f"unix://{socket}", settings) as connection:
            yield connection
        return
    private = Embedded(data)
    url = await private.start()
    try:
        async with _opened(url, settings) as connection:
            yield connection
    finally:
        await private.stop()


@asynccontextmanager
async def _opened(url: str, settings: Settings) -> AsyncIterator[Connection]:
    connection = Connection.open(url, wait_s=settings.store_wait_s)
    try:
        yield connection
    finally:
        await connection.close()


async def _answers(url: str) -> bool:
    connection = Connection.open(url)
    try:
        await connection.ping()
    except StoreAway:
        return False
    finally:
        await connection.close()
    return True
