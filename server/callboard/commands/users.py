"""`callboard users`: who may sign in."""

import sys

import click

from callboard.commands.accounts import Failed, organization_of, run, with_settings
from callboard.settings import Settings
from callboard.store.accounts import Accounts, Exists, Role


@click.group()
def users() -> None:
    """Staff accounts: make, list, remove, set passwords. They take effect at once, also on a running server."""


@with_settings
@users.command()
@click.argument("name")
@click.option("--admin", is_flag=True, help="an administrator")
@click.option("--organization", metavar="ID", help="whose locations they see; needed where there are several")
def add(name: str, admin: bool, organization: str | None, settings: Settings) -> None:
    """Make an account. The password is asked for, or read from standard input."""
    owner = organization_of(settings, organization)
    roles: tuple[Role, ...] = ("admin", "staff") if admin else ("staff",)
    password = _password()
    try:
        user = run(settings, lambda accounts: accounts.add(name, password, organization=owner, roles=roles))
    except Exists:
        raise Failed(f"there is a user {name} already") from None
    click.echo(f"{user.name} may sign in.")


@with_settings
@users.command("list")
def list_users(settings: Settings) -> None:
    """Who may sign in."""
    for user in run(settings, Accounts.users):
        click.echo(f"{user.name}  {user.organization}  {' '.join(user.roles)}")


@with_settings
@users.command()
@click.argument("name")
def password(name: str, settings: Settings) -> None:
    """Set a new password, which ends all sessions. It is asked for, or read from standard input."""
    given = _password()
    if not run(settings, lambda accounts: accounts.set_password(name, given)):
        raise Failed(f"there is no user {name}, or somebody else has just changed them")
    click.echo(f"{name} has a new password and is signed out everywhere.")


@with_settings
@users.command()
@click.argument("name")
def remove(name: str, settings: Settings) -> None:
    """End an account and all its sessions."""
    if not run(settings, lambda accounts: accounts.remove(name)):
        raise Failed(f"there is no user {name}, or somebody else has just changed them")
    click.echo(f"{name} may not sign in any more.")


@with_settings
@users.command()
def link(settings: Settings) -> None:
    """Print a new one-time link for the first administrator, good for a day, in the place of the one before."""
    token = run(settings, Accounts.make_setup_link)
    if token is None:
        raise Failed("there are users already; an administrator is made with `callboard users add NAME --admin`")
    click.echo(f"{settings.url}/setup/{token}")


def _password() -> str:
    """Never an argument: those can be read by everybody on the machine."""
    if sys.stdin.isatty():
        given: str = click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
        return given
    return sys.stdin.readline().rstrip("\r\n")
