"""`callboard check`: says what is wrong in site files, before a server is started on them."""

from pathlib import Path

import click

from callboard.domain.model import Site
from callboard.errors import Invalid
from callboard.facades import OPTIONS, SHAPES
from callboard.site import load


@click.command()
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=click.Path(path_type=Path))
def check(files: tuple[Path, ...]) -> None:
    """Explain each mistake in site files; several are read together, as the server does."""
    try:
        sites = load(files, SHAPES, OPTIONS)
    except Invalid as error:
        for mistake in error.mistakes:
            click.echo(f"{mistake.where}: {mistake.what}")
        raise SystemExit(1) from None
    for file, site in zip(files, sites, strict=True):
        click.echo(f"{file}: ok, {_summary(site)}")


def _summary(site: Site) -> str:
    counts = {
        "location": len(site.locations),
        "queue": sum(len(location.queues) for location in site.locations),
        "desk": sum(len(location.desks) for location in site.locations),
        "display": sum(len(location.displays) for location in site.locations),
    }
    return ", ".join(f"{n} {word}{'' if n == 1 else 's'}" for word, n in counts.items())
