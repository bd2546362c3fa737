"""`callboard signing`: the keys with which what other systems are told is signed."""

import click

from callboard.commands.accounts import Failed, organization_of, run, with_settings
from callboard.commands.keys import moment
from callboard.settings import Settings


@click.group()
def signing() -> None:
    """Keys that webhooks are signed with: make, list, revoke. They take effect at once, also on a running server."""


@with_settings
@signing.command()
@click.argument("name")
@click.option("--organization", metavar="ID", help="whose webhooks it signs; needed where there are several")
def add(name: str, organization: str | None, settings: Settings) -> None:
    """Make a key and print it. NAME says who checks with it. The key cannot be shown again; a watch names its ID."""
    if not name.strip() or not name.isprintable() or len(name) > 80:
        raise Failed("NAME has to be 1 to 80 characters in one line")
    owner = organization_of(settings, organization)
    key = run(settings, lambda accounts: accounts.signing.make(name.strip(), organization=owner))
    click.echo(f"Signing key {key.id} for {key.organization}. Keep it now, it is not shown again:", err=True)
    click.echo(key.secret)


@with_settings
@signing.command("list")
def list_signing_keys(settings: Settings) -> None:
    """All keys, with when they were made, but not the keys themselves."""
    for key in run(settings, lambda accounts: accounts.signing.all()):
        click.echo(f"{key.id}  {key.organization}  made {moment(key.created_at)}  {key.name}")


@with_settings
@signing.command()
@click.argument("id")
def revoke(id: str, settings: Settings) -> None:
    """End a key, by the ID that `list` shows."""
    if not run(settings, lambda accounts: accounts.signing.revoke(id)):
        raise Failed(f"there is no signing key {id}")
    click.echo(f"Key {id} signs nothing any more.")
