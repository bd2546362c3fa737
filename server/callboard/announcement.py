"""What the operator is told when the server answers."""

import sys

import click

from callboard.domain.directory import Directory
from callboard.errors import StoreAway
from callboard.settings import Settings
from callboard.store.accounts import Accounts


def say_ready(settings: Settings) -> None:
    click.echo(f"callboard ready on {settings.url}")
    sys.stdout.flush()


async def announce(settings: Settings, directory: Directory, accounts: Accounts) -> None:
    """What to open; while there is no user also a link that makes the administrator."""
    url = settings.url
    try:
        if token := await accounts.make_setup_link():
            click.echo("Make yourself the administrator with this link; it is good once, for a day:")
            click.echo(f"  {url}/setup/{token}")
    except StoreAway as away:
        click.echo(f"WARNING: nothing can be changed now: {away}", err=True)
    for location in directory.locations:
        click.echo(f"  take a ticket   {url}/join/{location.id}")
        click.echo(f"  kiosk           {url}/kiosk/{location.id}")
        for display in location.displays:
            click.echo(f"  screen          {url}/display/{display.id}")
    click.echo(f"  staff           {url}/desk")
    sys.stdout.flush()
