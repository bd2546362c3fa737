"""`callboard export`: what the server knows, for whoever works on with it."""

from pathlib import Path

import click

from callboard.commands.accounts import Failed, reach, with_settings
from callboard.domain.events import Event
from callboard.domain.model import Location
from callboard.mistakes import did_you_mean
from callboard.settings import Settings
from callboard.starting import Stop, load_site
from callboard.store.redis import Connection
from callboard.store.stream import Streams


@with_settings
@click.command()
@click.option("--events", "events", is_flag=True, required=True, help="what happened, as a log for `callboard replay`")
@click.option("--location", metavar="ID", help="where; needed where there are several")
def export(events: bool, location: str | None, settings: Settings) -> None:
    """Write what happened at a location, one JSON object a line, from the archive and the store of a server that may be
    running. There are ids in it, and never a name, a number or an address."""
    from callboard.estimating.exported import events_of, log_of, missing  # brings numpy along

    place = _location(settings, location)
    directory = Path(settings.data_dir) / "archive"

    async def read(connection: Connection) -> list[Event]:
        return [event async for event in events_of(place, directory, Streams(connection))]

    try:
        found = reach(settings, read)
    except OSError as error:
        raise Failed(f"{error.filename}: {error.strerror}") from None
    if gone := missing(found):
        click.echo(f"callboard: {gone} events are missing: another machine has archived them, or lost them", err=True)
    for line in log_of(place, found):
        click.echo(line)


def _location(settings: Settings, id: str | None) -> Location:
    """The one that is named, or the only one of the site."""
    try:
        known = {location.id: location for location in load_site(settings).locations}
    except Stop as stop:
        raise Failed(str(stop)) from None
    if id is None and len(known) == 1:
        return next(iter(known.values()))
    if id is None or id not in known:
        near = did_you_mean(id, known) if id else ""
        raise Failed(f"--location has to be one of {', '.join(known)}{near}")
    return known[id]
