"""What a location must fulfil beyond its types: its clock, its languages, what refers to what, the texts it types."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from babel import Locale as Language
from babel import localedata

from callboard.decode import convert
from callboard.domain.model import Desk, Display, Location, Organization, Queue, Week
from callboard.domain.typed import Text
from callboard.errors import Invalid, Mistake
from callboard.mistakes import did_you_mean
from callboard.notify.kinds import KINDS
from callboard.notify.reserved import told_to_answer
from callboard.notify.samples import longest
from callboard.notify.segments import cost, segments
from callboard.notify.texts import PLACEHOLDERS, unknown
from callboard.notify.writing import own_text
from callboard.receiving import receiver_mistakes

MOST_SEGMENTS = 4  # longer ones are filtered by carriers, and hardly read


def location_mistakes(location: Location, where: str) -> list[Mistake]:
    """All mistakes within one location, `where` being its key in the file."""
    rules = (_clock, _hours, _languages, _names, _tags, _references, _texts, _messages)
    return [Mistake(f"{where}.{key}", what) for rule in rules for key, what in rule(location)]


def watch_mistakes(location: Location, where: str, shapes: Collection[str]) -> Iterator[Mistake]:
    """Those of the other systems that its queues tell, which write in one of `shapes`."""
    for index, queue in enumerate(location.queues):
        first: dict[tuple[str, str], int] = {}
        for place, receiver in enumerate(queue.watches):
            key = f"{where}.queues.{index}.watches.{place}"
            yield from (Mistake(f"{key}.{m.where}", m.what) for m in receiver_mistakes(receiver, shapes))
            if first.setdefault((receiver.shape, receiver.address), place) != place:
                yield Mistake(f"{key}.address", "is told in this shape already")


def api_mistakes(organization: Organization, apis: Mapping[str, Any]) -> Iterator[Mistake]:
    """Those of the options that it sets; `apis` are the types of the options that there are, by the API's name."""
    for name, options in organization.apis.items():
        where = f"organization.apis.{name}"
        if name not in apis:
            near = did_you_mean(name, apis) or f"; there are {', '.join(sorted(apis)) or 'none'}"
            yield Mistake(where, f"no API with options is called '{name}'{near}")
            continue
        try:
            convert(options, apis[name])
        except Invalid as error:
            yield from (Mistake(f"{where}.{m.where}", m.what) for m in error.mistakes)


def _clock(location: Location) -> Iterator[tuple[str, str]]:
    try:
        ZoneInfo(location.time_zone)
    except (OSError, LookupError, ValueError):  # a directory of the zone files, no such zone, no path at all
        near = did_you_mean(location.time_zone, available_timezones())
        yield "time_zone", f"no time zone is called '{location.time_zone}'{near}"
    if location.country not in Language("en").territories:
        yield "country", f"no country has the code {location.country}"


def _hours(location: Location) -> Iterator[tuple[str, str]]:
    yield from _week("hours", location.hours)
    yield from _week("staffed", location.staffed)
    for index, desk in enumerate(location.desks):
        yield from _week(f"desks.{index}.staffed", desk.staffed)
    if location.quiet_hours is not None:
        start, end = location.quiet_hours.split("-")
        if start == end:
            yield "quiet_hours", f"{location.quiet_hours} ends when it begins; leave it out where there are none"


def _week(where: str, week: Week) -> Iterator[tuple[str, str]]:
    for day, ranges in week.items():
        before = "00:00"
        for index, hours in enumerate(ranges):
            start, end = hours.split("-")
            if start >= end:
                yield f"{where}.{day}.{index}", f"{hours} ends before it starts; over midnight, write two ranges"
            elif start < before:
                yield f"{where}.{day}.{index}", f"{hours} starts before the range before it has ended"
            before = max(before, end)


def _languages(location: Location) -> Iterator[tuple[str, str]]:
    for index, language in enumerate(location.languages):
        if not localedata.exists(language):
            yield f"languages.{index}", f"no language has the code {language}"
    yield from _twice("languages", location.languages)


def _names(location: Location) -> Iterator[tuple[str, str]]:
    yield from _name(location, "name", location.name)
    named: tuple[Sequence[Queue | Desk | Display], ...] = (location.queues, location.desks, location.displays)
    for kind, things in zip(("queues", "desks", "displays"), named, strict=True):
        for index, thing in enumerate(things):
            yield from _name(location, f"{kind}.{index}.name", thing.name)


def _name(location: Location, where: str, name: Text) -> Iterator[tuple[str, str]]:
    if isinstance(name, str):
        return
    for language in location.languages:
        if language not in name:
            yield where, f"is missing in {language}"
    yield from _strangers(location, where, zip(name, name, strict=True))


def _strangers(location: Location, where: str, languages: Iterable[tuple[object, str]]) -> Iterator[tuple[str, str]]:
    for key, language in languages:
        if language not in location.languages:
            yield f"{where}.{key}", f"{language} is not among the languages {', '.join(location.languages)}"


def _tags(location: Location) -> Iterator[tuple[str, str]]:
    tagged: tuple[Sequence[Queue | Desk], ...] = (location.queues, location.desks)
    for kind, things in zip(("queues", "desks"), tagged, strict=True):
        first: dict[str, str] = {}
        for index, thing in enumerate(things):
            if (other := first.setdefault(thing.tag, thing.id)) != thing.id:
                yield f"{kind}.{index}.tag", f"{thing.tag} is the tag of '{other}' too"


def _references(location: Location) -> Iterator[tuple[str, str]]:
    known = [queue.id for queue in location.queues]
    referring: tuple[Sequence[Desk | Display], ...] = (location.desks, location.displays)
    for kind, things in zip(("desks", "displays"), referring, strict=True):
        for index, thing in enumerate(things):
            where = f"{kind}.{index}.queues"
            for place, queue in enumerate(thing.queues):
                if queue not in known:
                    yield f"{where}.{place}", f"this location has no queue '{queue}'{did_you_mean(queue, known)}"
            yield from _twice(where, thing.queues)
    for index, display in enumerate(location.displays):
        yield from _strangers(location, f"displays.{index}.languages", enumerate(display.languages))
        yield from _twice(f"displays.{index}.languages", display.languages)


def _twice(where: str, items: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    for index, item in enumerate(items):
        if item in items[:index]:
            yield f"{where}.{index}", f"{item} stands here twice"


def _texts(location: Location) -> Iterator[tuple[str, str]]:
    for key, by_language in (("texts", location.texts), ("titles", location.titles)):
        yield from _strangers(location, key, zip(by_language, by_language, strict=True))
        for language, texts in by_language.items():
            for kind, text in texts.items():
                where = f"{key}.{language}.{kind}"
                if kind not in KINDS:
                    yield where, f"no text is called {kind}{_near_or_all(kind, KINDS)}"
                for name in unknown(text):
                    yield where, f"no placeholder is called %{{{name}}}{_near_or_all(name, PLACEHOLDERS)}"
                for word in told_to_answer(text) if key == "texts" else ():
                    yield where, f"{word} is a word that carriers answer themselves; ask for another, or give the link"
    for where, text in _longest_texts(location):
        if segments(text) > MOST_SEGMENTS:
            yield where, f"is too long with the longest values: {cost(text)}; {MOST_SEGMENTS} segments are the most"


def _messages(location: Location) -> Iterator[tuple[str, str]]:
    for kind, wanted in location.messages.items():
        if kind not in KINDS:
            yield f"messages.{kind}", f"no message is called {kind}{_near_or_all(kind, KINDS)}"
        if not isinstance(wanted, bool):
            yield from _strangers(location, f"messages.{kind}", zip(wanted, wanted, strict=True))


def dear_texts(location: Location, where: str) -> Iterator[Mistake]:
    """What is no mistake but costs more than it may have to: texts of several segments, with the longest values."""
    for key, text in _longest_texts(location):
        if segments(text) > 1:
            yield Mistake(f"{where}.{key}", f"with the longest values {cost(text)}")


def _longest_texts(location: Location) -> Iterator[tuple[str, str]]:
    for language, texts in location.texts.items():
        if localedata.exists(language):
            values = longest(location, language)
            yield from ((f"texts.{language}.{kind}", own_text(text, values)) for kind, text in texts.items())


def _near_or_all(word: str, known: Iterable[str]) -> str:
    return did_you_mean(word, known) or f"; there are {', '.join(sorted(known))}"
