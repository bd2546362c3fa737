"""`callboard check`: says what is wrong in site files, and in the settings, before a server is started on them."""

from collections.abc import Sequence
from pathlib import Path

import click

from callboard import identities
from callboard.commands.run import read_settings
from callboard.domain.model import Site
from callboard.errors import Invalid
from callboard.facades import OPTIONS, SHAPES
from callboard.settings import Settings
from callboard.site import load
from callboard.site_rules import dear_texts
from callboard.starting import site_paths
from callboard.texting.console import console
from callboard.tls import certificate


@click.command()
@click.argument("files", metavar="[FILE...]", nargs=-1, type=click.Path(path_type=Path))
@click.option("--config", type=click.Path(path_type=Path), help="settings file; of use without FILE")
def check(files: tuple[Path, ...], config: Path | None) -> None:
    """Explain each mistake in site files; several are read together, as the server does. Without FILE: in the settings,
    the certificate, the modules and the site files that they name. Own texts of several segments are named too."""
    try:
        settings = None if files else read_settings(config, {})
        named = files if settings is None else _named(settings)
        sites = load(named, SHAPES, OPTIONS)
    except Invalid as error:
        for mistake in error.mistakes:
            click.echo(f"{mistake.where}: {mistake.what}")
        raise SystemExit(1) from None
    for file, site in zip(named, sites, strict=True):
        click.echo(f"{file}: ok, {_summary(site)}")
        for index, location in enumerate(site.locations):
            for remark in dear_texts(location, f"locations.{index}"):
                click.echo(f"{file}: {remark.where}: {remark.what}")
    for line in console(settings) if settings else ():
        click.echo(line)


def _named(settings: Settings) -> Sequence[Path]:
    """Raises Invalid."""
    certificate(settings)
    identities.load(settings.identities)
    return site_paths(settings)


def _summary(site: Site) -> str:
    counts = {
        "location": len(site.locations),
        "queue": sum(len(location.queues) for location in site.locations),
        "desk": sum(len(location.desks) for location in site.locations),
        "display": sum(len(location.displays) for location in site.locations),
    }
    return ", ".join(f"{n} {word}{'' if n == 1 else 's'}" for word, n in counts.items())
