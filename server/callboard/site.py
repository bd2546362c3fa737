"""Site files: TOML to `domain.model.Site`, or every mistake in them with the key it stands at."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

from callboard.decode import convert, read_toml
from callboard.domain.directory import location_tag
from callboard.domain.identity import location_number, location_uuid, queue_number, queue_uuid
from callboard.domain.model import Desk, Display, Location, Queue, Site
from callboard.errors import Invalid, Mistake
from callboard.site_rules import api_mistakes, location_mistakes, watch_mistakes

Apis = Mapping[str, Any]
NO_APIS: Apis = MappingProxyType({})


def check(path: Path, shapes: Collection[str] = (), apis: Apis = NO_APIS) -> list[Mistake]:
    """Everything that is wrong in one file; empty when it can be served. `where` is the key; `shapes` are those that
    watches may name, `apis` the types of the options that an organization may set, by the API's name."""
    try:
        read(path, shapes, apis)
    except Invalid as error:
        return error.mistakes
    return []


def read(path: Path, shapes: Collection[str] = (), apis: Apis = NO_APIS) -> Site:
    """The site of one file. Raises `Invalid`."""
    site = _read_types(path)
    mistakes = list(api_mistakes(site.organization, apis))
    mistakes += [m for where, location in _locations(site) for m in location_mistakes(location, where)]
    mistakes += [m for where, location in _locations(site) for m in watch_mistakes(location, where, shapes)]
    mistakes += [mistake for _, mistake in _between([(path, site)])]
    if mistakes:
        raise Invalid(mistakes)
    return site


def load(paths: Iterable[Path], shapes: Collection[str] = (), apis: Apis = NO_APIS) -> tuple[Site, ...]:
    """The sites of all files, ids unique over all of them. Raises `Invalid`; `where` is `FILE: key`."""
    sites: list[tuple[Path, Site]] = []
    mistakes: list[Mistake] = []
    for path in paths:
        try:
            sites.append((path, read(path, shapes, apis)))
        except Invalid as error:
            mistakes += [_in_file(path, mistake) for mistake in error.mistakes]
    mistakes = mistakes or [_in_file(path, mistake) for path, mistake in _between(sites)]
    if mistakes:
        raise Invalid(mistakes)
    return tuple(site for _, site in sites)


def _read_types(path: Path) -> Site:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise Invalid([Mistake("", f"cannot be read: {error.strerror}")]) from None
    return convert(read_toml(data), Site)


def _in_file(path: Path, mistake: Mistake) -> Mistake:
    return Mistake(f"{path}: {mistake.where}" if mistake.where else str(path), mistake.what)


def _locations(site: Site) -> Iterator[tuple[str, Location]]:
    return ((f"locations.{index}", location) for index, location in enumerate(site.locations))


def _between(sites: list[tuple[Path, Site]]) -> Iterator[tuple[Path, Mistake]]:
    """What goes wrong between files, or between the locations of one: an id twice, two ids that tickets cannot tell
    apart, an organization with two names or two sets of options."""
    seen: dict[tuple[str, str], str] = {}
    tags: dict[int, str] = {}
    names: dict[str, object] = {}
    options: dict[str, object] = {}
    known: dict[tuple[str, str], str] = {}
    for path, site in sites:
        organization = site.organization
        if names.setdefault(organization.id, organization.name) != organization.name:
            yield path, Mistake("organization.name", f"'{organization.id}' has another name in another file")
        if options.setdefault(organization.id, organization.apis) != organization.apis:
            yield path, Mistake("organization.apis", f"'{organization.id}' has other options in another file")
        for where, location in _locations(site):
            for kind, name, at, id in _outside_names(where, location):
                if (other := known.setdefault((kind, name), id)) != id:
                    yield path, Mistake(at, f"{name} is that of '{other}' too; say another")
            for kind, name, at in _ids(where, location):
                place = f"{path}: {at}"
                if (first := seen.setdefault((kind, name), place)) != place:
                    yield path, Mistake(at, f"'{name}' is the id of another {kind}: {first.removeprefix(f'{path}: ')}")
            if (other := tags.setdefault(location_tag(location.id), location.id)) != location.id:
                yield path, Mistake(f"{where}.id", f"tickets could not tell '{location.id}' from '{other}'; change one")


def _outside_names(where: str, location: Location) -> Iterator[tuple[str, str, str, str]]:
    """By what other systems know a location and its queues, said in the file or not; and whose name it is."""
    yield "location", str(location_number(location)), f"{where}.number", location.id
    yield "location", location_uuid(location), f"{where}.uuid", location.id
    for index, queue in enumerate(location.queues):
        yield "queue", str(queue_number(queue)), f"{where}.queues.{index}.number", queue.id
        yield "queue", queue_uuid(queue), f"{where}.queues.{index}.uuid", queue.id


def _ids(where: str, location: Location) -> Iterator[tuple[str, str, str]]:
    yield "location", location.id, f"{where}.id"
    named: tuple[Sequence[Queue | Desk | Display], ...] = (location.queues, location.desks, location.displays)
    for kind, things in zip(("queue", "desk", "display"), named, strict=True):
        for index, thing in enumerate(things):
            yield kind, thing.id, f"{where}.{kind}s.{index}.id"
