"""`callboard serve`: a store of its own or the given one, the site, all parts around them, until told to stop."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial

import click
from msgspec.structs import replace

from callboard.announcement import announce, say_ready
from callboard.answering import answer
from callboard.backing import store
from callboard.compose import Parts, compose
from callboard.domain.directory import Directory
from callboard.listening import listen
from callboard.orders import obeying
from callboard.settings import Settings
from callboard.starting import (
    Stop,
    load_certificate,
    load_identities,
    load_site,
    log_to_stderr,
    make_first_site,
    run_loop,
)
from callboard.store.problem import StoreProblem
from callboard.workers.parent import serve_with_workers

Beside = Callable[[Parts], Awaitable[None]]  # what runs beside the server from the moment on when it answers


def run(settings: Settings) -> int:
    """Serves until SIGTERM or SIGINT. The exit status: 0 when it was told to stop, 1 when it could not start."""
    try:
        make_first_site(settings)
        directory = load_site(settings)
        run_loop(serve(settings, directory) if settings.workers == 1 else serve_with_workers(settings, directory))
    except (Stop, StoreProblem) as problem:
        click.echo(f"callboard: {problem}", err=True)
        return 1
    return 0


async def announced(parts: Parts) -> None:
    services = parts.services
    await announce(services.settings, services.directory, services.accounts)


async def serve(settings: Settings, directory: Directory, beside: Beside = announced) -> None:
    """Everything in this process, started in order and stopped in the reverse; raises Stop or StoreProblem when it
    cannot start."""
    log_to_stderr(settings.log_level)
    certificate, identities = load_certificate(settings), load_identities(settings)
    with obeying() as orders, suppress(asyncio.CancelledError), listen(settings) as listening:
        settings = replace(settings, port=listening.getsockname()[1])
        async with store(settings) as (connection, problem):
            parts = compose(settings, connection, directory, problem, identities=identities)
            says, then = partial(say_ready, settings), partial(beside, parts)
            await answer(parts, listening, orders, certificate, says, then, gives_way=settings.reuse_port)
    click.echo("callboard stopped")
