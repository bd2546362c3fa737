"""The store behind a server: a private one, which is our child, or the one that the settings name."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import click

from callboard.errors import StoreAway
from callboard.settings import Settings
from callboard.starting import Stop
from callboard.store.address import without_password
from callboard.store.durability import weaknesses
from callboard.store.embedded import Embedded
from callboard.store.redis import Connection


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
    """To the store at an address. Raises Stop when it is none."""
    try:
        connection = Connection.open(url, wait_s=settings.store_wait_s, copies=_copies(settings))
    except ValueError as error:
        raise Stop(f"redis: {without_password(url)} is not the address of a store: {error}") from None
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


def _copies(settings: Settings) -> int | None:
    """None: as the store has replicas."""
    return None if settings.store_copies == "auto" else int(settings.store_copies)
