"""`callboard serve` and `callboard demo`: settings from all their sources, then on to the module of that name."""

import os
from collections.abc import Collection
from importlib import import_module
from pathlib import Path

import click
from msgspec.structs import fields

from callboard.errors import Invalid
from callboard.settings import LISTS, SECRETS, Settings, help_of, load

NO_FLAG = SECRETS - {"redis"}  # a flag can be read by everybody on the machine; an address rarely holds a secret


def running_command(name: str, help: str, without: Collection[str] = ()) -> click.Command:
    """A command that reads the settings and calls `callboard.<name>.run(settings)`; every setting is an option of it,
    but secrets and `without`."""

    def command(config: Path | None, **options: object) -> None:
        given = {field: value for field, value in options.items() if value not in (None, ())}
        raise SystemExit(import_module(f"callboard.{name}").run(read_settings(config, given)))

    named = [field.name for field in fields(Settings) if field.name not in {*NO_FLAG, *without}]
    return click.Command(name, callback=command, params=settings_options(named), help=help)


def settings_options(named: Collection[str]) -> list[click.Parameter]:
    """--config, and one option for each of the settings named."""
    config = click.Option(
        ["--config"], type=click.Path(path_type=Path), help="settings file; without, ./callboard.toml if there is one"
    )
    return [config, *(_option(field.name, field.default) for field in fields(Settings) if field.name in named)]


def _option(field: str, default: object) -> click.Option:
    flag = "--" + field.replace("_", "-")
    if isinstance(default, bool):
        return click.Option([flag], is_flag=True, default=None, help=help_of(field))
    shown = f" [default: {default}]" if default not in ("", ()) else ""
    metavar = field.rpartition("_")[2].upper()
    return click.Option([flag], metavar=metavar, help=help_of(field) + shown, multiple=field in LISTS)


def read_settings(config: Path | None, given: dict[str, object]) -> Settings:
    """The settings from all their sources. What is wrong is printed, and ends the program."""
    try:
        return load(config, os.environ, given)
    except Invalid as error:
        for mistake in error.mistakes:
            click.echo(f"callboard: {mistake.where}: {mistake.what}", err=True)
        raise SystemExit(2) from None


serve = running_command("serve", "Run the server. The first run makes a starter location and prints what to open.")
demo = running_command(
    "demo",
    "Look at a busy waiting room: simulated visitors, data that is thrown away.",
    {"data_dir", "redis", "site", "workers", "reuse_port"},
)
