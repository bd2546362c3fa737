"""The pages' texts: complete in every language, with its plural forms, and a sentence for every refusal."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from babel import Locale

from callboard.assets import TEMPLATES
from callboard.domain.events import Kind
from callboard.domain.model import CloseReason, State
from callboard.errors import Refusal
from displays.server import DISPLAYS

TEXTS = DISPLAYS / "texts"
LANGUAGES = sorted(path.name for path in TEXTS.iterdir() if path.is_dir())
PAGES = sorted(path.stem for path in (TEXTS / "en").glob("*.json"))
STAFF = ("admin", "desk", "messages", "setup", "signin")  # in the languages that staff work in
PEOPLES = [page for page in PAGES if page not in STAFF]
STAFF_LANGUAGES = sorted(path.parent.name for path in TEXTS.glob("*/desk.json"))
WRITTEN = [(lang, page) for lang in LANGUAGES for page in (PAGES if lang in STAFF_LANGUAGES else PEOPLES)]
CATEGORIES = {"zero", "one", "two", "few", "many", "other"}
NUMBER = {"n", "high"}  # what forms are chosen by; a form may say it in words: "one person"


def read(lang: str, page: str) -> dict[str, Any]:
    return dict(json.loads((TEXTS / lang / f"{page}.json").read_text("utf-8")))


def is_plural(value: Any) -> bool:
    return isinstance(value, dict) and "other" in value and len(value) > 1 and set(value) <= CATEGORIES


def flat(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every text and every group of plural forms, by its path."""
    if isinstance(value, dict) and not is_plural(value):
        for name, inner in value.items():
            yield from flat(inner, f"{path}.{name}")
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            yield from flat(inner, f"{path}.{place}")
    else:
        yield path, value


def placeholders(text: str) -> set[str]:
    return set(re.findall(r"\{(\w+)\}", text))


def test_people_read_what_they_are_written_to_in_and_staff_english_swedish_and_arabic() -> None:
    assert sorted(path.name for path in TEMPLATES.iterdir() if path.is_dir()) == LANGUAGES
    assert STAFF_LANGUAGES == ["ar", "en", "sv"]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_page_is_there_in_every_language(lang: str) -> None:
    assert sorted(path.stem for path in (TEXTS / lang).glob("*.json")) == [p for of, p in WRITTEN if of == lang]


@pytest.mark.parametrize(("lang", "page"), WRITTEN)
def test_every_language_says_the_same_things(lang: str, page: str) -> None:
    own, english = dict(flat(read(lang, page))), dict(flat(read("en", page)))
    assert sorted(own) == sorted(english)
    for path, text in own.items():
        forms = list(text.values()) if is_plural(text) else [text]
        assert all(isinstance(form, str) and form.strip() for form in forms), path
        assert is_plural(text) == is_plural(english[path]), path
        wanted = placeholders(str(english[path])) - (NUMBER if is_plural(text) else set())
        assert all(placeholders(form) - NUMBER == wanted - NUMBER for form in forms), path


@pytest.mark.parametrize(("lang", "page"), WRITTEN)
def test_plurals_have_the_forms_of_their_language(lang: str, page: str) -> None:
    wanted = {*Locale.parse(lang).plural_form.rules, "other"}
    for path, text in flat(read(lang, page)):
        if is_plural(text):
            assert wanted - {"zero", "one"} <= set(text) <= wanted, path  # those two may have a text of their own


@pytest.mark.parametrize("page", PAGES)
def test_no_text_hides_behind_a_method_in_a_template(page: str) -> None:
    """`texts.keys` in a template is a method of dict, not a text."""
    for path, _ in flat(read("en", page)):
        assert not {part for part in path.split(".") if part and hasattr(dict, part)}, path


@pytest.mark.parametrize("lang", STAFF_LANGUAGES)
def test_a_desk_has_a_sentence_for_every_refusal(lang: str) -> None:
    refusals = read(lang, "desk")["refusals"]
    assert set(refusals) >= {*Refusal, "too_many", "signed_out", "away", "failed"}


PEOPLE = "not_found not_checked_in already_called already_serving on_hold ticket_closed too_early too_late"
PEOPLE += " limit_reached staff_only not_served"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_person_has_a_sentence_for_what_they_may_be_refused(lang: str) -> None:
    refusals = set(read(lang, "phone")["refusals"])
    assert refusals >= {*PEOPLE.split(), "key_reused", "too_many", "away", "failed"}
    assert refusals - {"too_many", "away", "failed"} <= set(Refusal)


@pytest.mark.parametrize("lang", STAFF_LANGUAGES)
def test_everything_that_a_desk_may_undo_has_a_name(lang: str) -> None:
    of_no_ticket = {Kind.DESK_OPENED, Kind.DESK_CLOSED, Kind.QUEUE_OPENED, Kind.QUEUE_CLOSED, Kind.RESET}
    of_no_ticket |= {Kind.EXPECTED}
    for_good = {Kind.UNDONE, Kind.ERASED, Kind.PERSON_CHANGED, Kind.TICKET_CHANGED, Kind.REMINDED, Kind.FEEDBACK}
    for_good |= {Kind.RESCHEDULED, Kind.RESTORED, Kind.NOTED}  # and so is a new time, and what a store has lost
    assert set(read(lang, "desk")["undo_kinds"]) >= set(Kind) - of_no_ticket - for_good


@pytest.mark.parametrize("lang", STAFF_LANGUAGES)
def test_every_state_has_words(lang: str) -> None:
    assert set(read(lang, "desk")["states"]) == set(State)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_reason_to_close_has_words_for_its_person(lang: str) -> None:
    said_otherwise = {CloseReason.SERVED, CloseReason.NO_SHOW}  # those phases have words of their own
    assert set(read(lang, "phone")["why_cancelled"]) == set(CloseReason) - said_otherwise | {"other"}
