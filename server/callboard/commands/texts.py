"""`callboard texts`: every message as it would go out, and what it costs."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import click

from callboard.assets import TEMPLATES
from callboard.commands.accounts import Failed
from callboard.commands.run import read_settings
from callboard.domain.model import Location, Site
from callboard.errors import Invalid
from callboard.facades import OPTIONS, SHAPES
from callboard.mistakes import did_you_mean
from callboard.notify.kinds import KINDS
from callboard.notify.render import Renderer
from callboard.notify.samples import longest, usual
from callboard.notify.segments import cost
from callboard.notify.writing import written
from callboard.settings import Settings
from callboard.site import load, read
from callboard.starting import FIRST_SITE, site_paths
from callboard.wording import languages


@click.command()
@click.argument("kind", required=False)
@click.option("--language", metavar="CODE", help="one language; without, all of the location")
@click.option("--location", metavar="ID", help="whose names and own texts; without, the first of the site files")
@click.option(
    "--config", type=click.Path(path_type=Path), help="settings file; without, ./callboard.toml if there is one"
)
def texts(kind: str | None, language: str | None, location: str | None, config: Path | None) -> None:
    """Show messages as they would go out, and what they cost. KIND is one of them, such as your_turn; then its e-mail
    is shown in full. Each is tried with usual and with the longest values of a location."""
    settings = read_settings(config, {})
    roots = [*([Path(settings.templates_dir)] if settings.templates_dir else []), TEMPLATES]
    named = _one_of(kind, KINDS, "message")
    place = _location(_sites(settings), location)
    chosen = _one_of(language, sorted({*place.languages, *languages(roots)}), "language")
    for each in [chosen] if chosen else place.languages:
        for kind in [named] if named else KINDS:
            for line in _shown(Renderer(roots), place, kind, each, settings.url, full=bool(named)):
                click.echo(line)


def _shown(
    renderer: Renderer, place: Location, kind: str, language: str, base_url: str, *, full: bool
) -> Iterator[str]:
    write = partial(written, renderer, place, kind)
    said = write("sms", [language], lambda spoken: usual(place, spoken, base_url))
    most = write("sms", [language], lambda spoken: longest(place, spoken, base_url))
    own = "own words" if kind in place.texts.get(language, {}) else ""
    instead = f"in {said.language}" if said.language != language else ""
    yield " ".join([f"{kind} {language}", *(f"({note})" for note in (own, instead) if note)])
    yield f"  text     {said.text}"
    yield f"           {cost(said.text)}"
    yield f"  longest  {cost(most.text)}"
    mail = write("mail", [language], lambda spoken: usual(place, spoken, base_url))
    yield f"  mail     {mail.subject}"
    if full:
        yield ""
        yield from (f"           {line}".rstrip() for line in mail.text.splitlines())
    yield ""


def _sites(settings: Settings) -> tuple[Site, ...]:
    """As the server would have them: on a first run the starter."""
    paths = site_paths(settings)
    try:
        return load(paths, SHAPES, OPTIONS) if settings.site or paths[0].exists() else (read(FIRST_SITE),)
    except Invalid as error:
        raise Failed("\n".join(f"{mistake.where}: {mistake.what}" for mistake in error.mistakes)) from None


def _location(sites: tuple[Site, ...], id: str | None) -> Location:
    found = {location.id: location for site in sites for location in site.locations}
    return found[_one_of(id, list(found), "location") or next(iter(found))]


def _one_of(given: str | None, known: tuple[str, ...] | list[str], what: str) -> str | None:
    if given is None or given in known:
        return given
    near = did_you_mean(given, known) or f"; there are {', '.join(known)}"
    raise Failed(f"there is no {what} {given}{near}")
