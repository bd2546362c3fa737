"""`callboard erase`: a person who asks for it is forgotten."""

from pathlib import Path

import click

from callboard import site
from callboard.commands.accounts import Failed, reach, with_settings
from callboard.compose import clock
from callboard.contact import e164
from callboard.domain.directory import Directory
from callboard.errors import Invalid, Refused
from callboard.facades import OPTIONS, SHAPES
from callboard.settings import Settings
from callboard.store.customers import Customers
from callboard.store.reads import Reads
from callboard.store.redis import Connection
from callboard.store.transitions import Store


@with_settings
@click.command()
@click.argument("address")
@click.option("--yes", is_flag=True, help="do not ask first")
def erase(address: str, yes: bool, settings: Settings) -> None:
    """Forget everybody who can be written to at ADDRESS, a phone number with its country code or an e-mail address:
    of all tickets, open and closed, and of customers. Tickets stay, for the figures and for whose turn it is. It takes
    effect at once, also on a running server."""
    number = e164(address, "") if "@" not in address else address.strip()
    if not number:
        raise Failed("ADDRESS has to be an e-mail address, or a phone number such as +46701740605")
    directory = _directory(settings)
    if not yes:
        click.confirm("Everything that is known of who is reached there will be gone. Go on?", abort=True)
    tickets, customers = reach(settings, lambda connection: _erase(connection, directory, number, not settings.redis))
    click.echo(f"Forgotten: the people of {tickets} tickets, and {customers} customers.")
    if settings.redis:
        click.echo("Your store's files and copies may hold them still; BGREWRITEAOF rewrites its journal.", err=True)


async def _erase(connection: Connection, directory: Directory, address: str, is_ours: bool) -> tuple[int, int]:
    reads, store = Reads(connection, directory), Store(connection, directory, clock)
    tickets = 0
    for location in directory.locations:
        for ticket in await reads.tickets_reached_at(location.id, address):
            try:
                await store.erase(ticket)
            except Refused:  # forgotten at this moment
                continue
            tickets += 1
    customers = 0
    for organization in {each.organization.id for each in directory.sites}:
        known = Customers(connection, clock)
        for customer in await known.reached_at(organization, address):
            customers += await known.erase(organization, customer)
    if is_ours:
        await connection.rewrite_journal(until_done=True)  # whoever started it for this ends it now
    return tickets, customers


def _directory(settings: Settings) -> Directory:
    paths = [Path(name) for name in settings.site] or [Path(settings.data_dir) / "site.toml"]
    try:
        return Directory(site.load(paths, SHAPES, OPTIONS))
    except Invalid as error:
        raise Failed("\n".join(f"{m.where}: {m.what}" for m in error.mistakes)) from None
