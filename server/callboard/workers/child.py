"""`python -m callboard.workers.child LISTENING LINE`: one worker, on the two descriptors that its parent hands it."""

import asyncio
import socket
import sys
from contextlib import suppress
from pathlib import Path
from shutil import rmtree

import click

from callboard.answering import answer
from callboard.backing import connected
from callboard.compose import compose
from callboard.domain.directory import Directory
from callboard.metrics import Metrics, count_together
from callboard.orders import obeying
from callboard.starting import Stop, load_certificate, load_identities, log_to_stderr, run_loop
from callboard.workers.tether import ParentGone, Tether


def main(listening: int, line: int) -> int:
    """The exit status: 0 when it was told to stop, or its parent has gone; 1 when it could not start."""
    try:
        tether = Tether(socket.socket(fileno=line))
        run_loop(work(tether, socket.socket(fileno=listening)))
        if tether.is_cut:  # else the parent sees to it
            rmtree(tether.given.counting, ignore_errors=True)
    except ParentGone:
        return 0
    except Stop as problem:
        click.echo(f"callboard: {problem}", err=True)
        return 1
    return 0


async def work(tether: Tether, listening: socket.socket) -> None:
    """Answers until it is told to stop."""
    given = tether.given
    log_to_stderr(given.settings.log_level)
    counting = Path(given.counting)
    count_together(counting, given.name)
    with obeying() as orders, suppress(asyncio.CancelledError), listening:
        tether.follow(orders.tell)
        certificate, identities = load_certificate(given.settings), load_identities(given.settings)
        async with connected(given.store, given.settings) as connection:
            metrics = Metrics(counting)
            site = Directory(given.sites)
            parts = compose(given.settings, connection, site, tether.problem, identities=identities, metrics=metrics)
            await answer(parts, listening, orders, certificate, tether.ready, others_go_on=True)


if __name__ == "__main__":
    raise SystemExit(main(int(sys.argv[1]), int(sys.argv[2])))
