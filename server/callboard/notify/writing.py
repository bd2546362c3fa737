"""A message as its reader gets it: in the operator's words where the site file has some, else in ours."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from callboard.domain.model import Location
from callboard.notify.render import LAST_RESORT, Message, Renderer, fitted
from callboard.notify.segments import folded, is_gsm, plain
from callboard.notify.texts import fill, placeholders

Values = Mapping[str, Any]


def written(
    renderer: Renderer,
    location: Location,
    kind: str,
    medium: str,
    languages: Iterable[str],
    values_in: Callable[[str], Values],
) -> Message:
    """In the first of the languages with words for it, by push, sms or mail. Raises LookupError for no such kind."""
    for language in (*languages, LAST_RESORT):
        own = location.texts.get(language, {}).get(kind)
        title = None if medium == "sms" else location.titles.get(language, {}).get(kind)
        if own or title:
            return _own(renderer, kind, medium, language, values_in(language), own, title)
        if renderer.has(language, kind, medium):
            write = {"push": renderer.push, "sms": renderer.sms, "mail": renderer.mail}[medium]
            return write(kind, language, values_in(language))
    raise LookupError(f"no template for {kind}")


def own_text(words: str, values: Values) -> str:
    """An operator's text message. What is filled in makes it no dearer than its words are: letters lose their marks
    there if the words have none that cost double, and a long venue its end."""
    cheap = is_gsm(plain(words))

    def filled(given: Values) -> str:
        text = plain(fill(words, placeholders(given))).strip()
        return folded(text) if cheap else text

    return fitted(filled, values)


def _own(
    renderer: Renderer, kind: str, medium: str, language: str, values: Values, own: str | None, title: str | None
) -> Message:
    """In the operator's words, as far as they go."""
    if medium == "sms":
        return Message(language=language, text=own_text(own or "", values), venue=values["venue"])
    filled = [None if words is None else fill(words, placeholders(values)) for words in (title, own)]
    write = renderer.own_push if medium == "push" else renderer.own_mail
    return write(kind, language, values, *filled)
