"""A message in its reader's language: text messages of one segment where they fit, mail as text and HTML."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, TemplateNotFound
from markupsafe import escape
from msgspec import Struct

from callboard.notify.segments import folded, plain, segments
from callboard.wording import environment, languages

LAST_RESORT = "en"


class Message(Struct, frozen=True, kw_only=True):
    """What one person is told, and the name it comes from. Only mail has what stands after the venue."""

    language: str
    text: str
    venue: str
    subject: str = ""
    html: str = ""
    stop: str = ""  # the address at which its reader can say that they want no more
    calendar: str = ""  # an entry for the reader's calendar
    first: str = ""  # the id of the delivery that began the conversation; empty: this one does


class Renderer:
    """Fills `<language>/<kind>.<medium>` of the first root that has it; a root given earlier overrides a later one."""

    def __init__(self, roots: Sequence[Path]) -> None:
        self._languages = languages(roots)
        self._environment = cache(lambda language: environment(roots, language))
        self._beside = cache(lambda language: environment(roots, language, LAST_RESORT))

    def has(self, language: str, kind: str, medium: str) -> bool:
        """Whether there are words for that in that language."""
        if language not in self._languages:
            return False
        try:
            self._environment(language).get_template(f"{kind}.{medium}.txt")
        except TemplateNotFound:
            return False
        return True

    def sms(self, kind: str, language: str, values: Mapping[str, Any]) -> Message:
        """On one line. Letters lose their marks, and a long `venue` its end, when that saves a segment."""
        template = self._environment(language).get_template(f"{kind}.sms.txt")
        text = fitted(lambda given: folded(_line(plain(template.render(given)))), values)
        return Message(language=language, text=text, venue=values["venue"])

    def push(self, kind: str, language: str, values: Mapping[str, Any]) -> Message:
        """A notification: the venue is its title, its text one line without a link, since a tap opens the page."""
        text = self._environment(language).get_template(f"{kind}.push.txt").render(values)
        return Message(language=language, text=_line(text), venue=values["venue"], subject=values["venue"])

    def own_push(
        self, kind: str, language: str, values: Mapping[str, Any], title: str | None, text: str | None
    ) -> Message:
        """As `push`, with the operator's title, or text, or both."""
        written = language if self.has(language, kind, "push") else LAST_RESORT
        said = _line(self.push(kind, written, values).text if text is None else text)
        return Message(language=language, text=said, venue=values["venue"], subject=_line(title or values["venue"]))

    def answers(self, language: str) -> Mapping[str, str]:
        """What may be answered to a notification without opening the page, and what is said then, by name."""
        words = self._beside(language).get_template("_answers.txt").module
        return {name: str(getattr(words, name)) for name in vars(words) if not name.startswith("_")}

    def mail(self, kind: str, language: str, values: Mapping[str, Any]) -> Message:
        """The first line of the text is the subject."""
        environment = self._environment(language)
        first, _, text = environment.get_template(f"{kind}.mail.txt").render(values).strip().partition("\n")
        return self._mail(environment, f"{kind}.mail.html", language, values, _line(first), text)

    def own_mail(
        self, kind: str, language: str, values: Mapping[str, Any], title: str | None, text: str | None
    ) -> Message:
        """As `mail`, with the operator's title for a subject, or text for a body, or both. They may write in a language
        that has no templates: what is around their words is in the last resort then."""
        usual = self.mail(kind, language, {**values, "stop": ""}) if self.has(language, kind, "mail") else None
        subject = _line(title or (usual.subject if usual else values["venue"]))
        if text is None and usual:
            return self._mail(self._environment(language), f"{kind}.mail.html", language, values, subject, usual.text)
        given = {**values, "own": (text or "").strip()}
        environment = self._beside(language)
        body = environment.get_template("_own.mail.txt").render(given)
        return self._mail(environment, "_own.mail.html", language, given, subject, body)

    def _mail(
        self,
        environment: Environment,
        template: str,
        language: str,
        values: Mapping[str, Any],
        subject: str,
        text: str,
    ) -> Message:
        """With the address to stop it at, where there is one, below."""
        stop = values.get("stop", "")
        stop_words = _line(self._beside(language).get_template("_stop.txt").render()) if stop else ""
        given = {**values, "subject": subject, "stop": stop, "stop_words": stop_words}
        # Escaped already here: what passes through a macro of a text template would come out as it went in.
        html = environment.get_template(template).render(_escaped(given))
        below = f"\n{stop_words}: {stop}\n" if stop else "\n"
        return Message(
            language=language, venue=values["venue"], subject=subject, text=text.strip() + below, html=html, stop=stop
        )


def fitted(fill: Callable[[Mapping[str, Any]], str], values: Mapping[str, Any]) -> str:
    """The text that `fill` makes; with the first words of the venue only, if that saves a segment."""
    text = fill(values)
    if segments(text) > 1:
        for venue in _shorter(str(values["venue"])):
            shorter = fill({**values, "venue": venue})
            if segments(shorter) < segments(text):
                return shorter
    return text


def _shorter(name: str, least: int = 8) -> Iterator[str]:
    """Beginnings of a name, at the ends of its words first."""
    lengths = range(len(name) - 1, least - 1, -1)
    yield from (name[:n].rstrip(",.-&") for n in lengths if name[n] == " ")
    yield from (name[:n].rstrip() + "." for n in lengths)


def _line(text: str) -> str:
    return " ".join(text.split())


def _escaped(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _escaped(inner) for name, inner in value.items()}
    return escape(value) if isinstance(value, str) else value
