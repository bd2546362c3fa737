"""`callboard keys`: the keys with which other systems use the API."""

from datetime import UTC, datetime

import click

from callboard.commands.accounts import Failed, organization_of, run, with_settings
from callboard.facades import NAMES
from callboard.settings import Settings


@click.group()
def keys() -> None:
    """Keys of other systems: make, list, revoke. They take effect at once, also on a running server."""


@with_settings
@keys.command()
@click.argument("name")
@click.option("--organization", metavar="ID", help="whose locations it may see; needed where there are several")
@click.option("--api", type=click.Choice(NAMES), help="the one API that it opens, of those that others know; else all")
def add(name: str, organization: str | None, api: str | None, settings: Settings) -> None:
    """Make a key and print it. NAME says what it is for. The key cannot be shown again."""
    if not name.strip() or not name.isprintable() or len(name) > 80:
        raise Failed("NAME has to be 1 to 80 characters in one line")
    owner = organization_of(settings, organization)
    key, secret = run(settings, lambda accounts: accounts.keys.make(name.strip(), organization=owner, api=api or ""))
    opens = f"the {key.api} API of {key.organization}" if key.api else key.organization
    click.echo(f"Key {key.id} for {opens}. Keep it now, it is not shown again:", err=True)
    click.echo(secret)


@with_settings
@keys.command("list")
def list_keys(settings: Settings) -> None:
    """All keys, with when they were made and last used, but not the keys themselves."""
    for key, used_at in run(settings, lambda accounts: accounts.keys.all()):
        used = f"used {moment(used_at)}" if used_at else "never used"
        click.echo(
            f"{key.id}  {key.organization}  {key.api or 'all'}  made {moment(key.created_at)}  {used}  {key.name}"
        )


@with_settings
@keys.command()
@click.argument("id")
def revoke(id: str, settings: Settings) -> None:
    """End a key, by the ID that `list` shows."""
    if not run(settings, lambda accounts: accounts.keys.revoke(id)):
        raise Failed(f"there is no key {id}")
    click.echo(f"Key {id} opens nothing any more.")


def moment(at: int) -> str:
    return datetime.fromtimestamp(at / 1000, UTC).strftime("%Y-%m-%d %H:%M UTC")
