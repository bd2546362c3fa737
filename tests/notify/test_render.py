"""What people read: right plurals, one segment, nothing that a name could do to a mail."""

import re
from datetime import UTC, datetime
from html import unescape
from pathlib import Path
from typing import Any
from unicodedata import combining, normalize

import pytest
from babel import Locale
from jinja2 import UndefinedError

from callboard.assets import TEMPLATES
from callboard.notify.days import slot_words
from callboard.notify.kinds import KINDS, OF_BOOKINGS
from callboard.notify.notification import ANSWERS
from callboard.notify.render import Renderer
from callboard.notify.segments import segments

LONG = {
    "en": "Hilltop Orthopaedic Clinic",
    "sv": "Sahlgrenska Ögonmottagning",
    "ar": "مستشفى الملك فيصل التخصصي",
    "de": "Bürgeramt Charlottenburg",
    "fr": "Préfecture du Val-de-Marne",
    "es": "Centro de Salud Peñagrande",
    "pt": "Loja de Cidadão de Coimbra",
    "pl": "Przychodnia Śródmieście",
}
LANGUAGES = tuple(LONG)
LONGEST_DAY = {
    "en": "Wed 30 Sept",
    "sv": "ons 30 sep",
    "ar": "الأربعاء 30 سبتمبر",
    "de": "Mi. 30. Sept",
    "fr": "mer. 30 sept",
    "es": "mié 30 de sept",
    "pt": "qua. 30 de set",
    "pl": "niedz. 30 wrz",
}
LINK = "https://queue.example.org/t/" + "a" * 26


def bare(text: str) -> str:
    """Without the marks of letters, which a text message may lose."""
    return "".join(c for c in normalize("NFD", text) if not combining(c)).replace("ł", "l")


def given(**changes: Any) -> dict[str, Any]:
    values: dict[str, Any] = {
        "venue": "Hilltop Clinic",
        "label": "A017",
        "queue": "General",
        "desk": {"kind": "desk", "tag": "3", "name": "Desk 3"},
        "ahead": 2,
        "low": 8,
        "high": 14,
        "until": "14:35",
        "day": "Wednesday 30 September",
        "short_day": "Wed 30 Sep",
        "time": "14:35",
        "link": LINK,
        "name": "Anna",
    }
    return {**values, **changes}


@pytest.fixture
def renderer() -> Renderer:
    return Renderer([TEMPLATES])


@pytest.mark.parametrize(
    ("language", "ahead", "words"),
    [
        ("en", 0, "you are next"),
        ("en", 1, "only 1 person ahead of you"),
        ("en", 2, "2 people ahead of you"),
        ("en", 11, "11 people ahead of you"),
        ("sv", 0, "du står näst på tur"),
        ("sv", 1, "bara 1 person före dig"),
        ("sv", 2, "2 personer före dig"),
        ("de", 0, "Sie sind als Nächstes an der Reihe"),
        ("de", 1, "nur noch 1 Person vor Ihnen"),
        ("de", 2, "2 Personen vor Ihnen"),
        ("fr", 0, "votre tour est le prochain"),
        ("fr", 1, "plus qu'une personne devant vous"),
        ("fr", 2, "2 personnes devant vous"),
        ("es", 0, "usted es la siguiente persona"),
        ("es", 1, "solo 1 persona delante de usted"),
        ("es", 2, "2 personas delante de usted"),
        ("pt", 0, "a sua senha é a próxima"),
        ("pt", 1, "apenas 1 pessoa à sua frente"),
        ("pt", 2, "2 pessoas à sua frente"),
        ("pl", 0, "są Państwo następni w kolejce"),
        ("pl", 1, "przed Państwem jeszcze 1 osoba"),
        ("pl", 2, "przed Państwem 2 osoby"),
        ("pl", 5, "przed Państwem 5 osób"),
        ("pl", 12, "przed Państwem 12 osób"),
        ("pl", 21, "przed Państwem 21 osób"),
        ("pl", 22, "przed Państwem 22 osoby"),
        ("ar", 0, "أنت التالي"),
        ("ar", 1, "شخص واحد أمامك"),
        ("ar", 2, "شخصان أمامك"),
        ("ar", 3, "3 أشخاص أمامك"),
        ("ar", 10, "10 أشخاص أمامك"),
        ("ar", 11, "11 شخصا أمامك"),
        ("ar", 99, "99 شخصا أمامك"),
        ("ar", 100, "100 شخص أمامك"),
        ("ar", 103, "103 أشخاص أمامك"),
    ],
)
def test_people_are_counted_as_the_language_counts(renderer: Renderer, language: str, ahead: int, words: str) -> None:
    for kind in ("taken", "almost_your_turn"):
        message = renderer.sms(kind, language, given(ahead=ahead))
        assert re.search(rf"(?<!\d){re.escape(bare(words))}", bare(message.text))
        mail = renderer.mail(kind, language, given(ahead=ahead))
        assert words in mail.text
        assert words.lower() in unescape(mail.html).lower()


@pytest.mark.parametrize(
    ("high", "words"), [(2, "من 1 إلى دقيقتين"), (5, "من 1 إلى 5 دقائق"), (14, "من 1 إلى 14 دقيقة")]
)
def test_arabic_minutes_have_their_forms(renderer: Renderer, high: int, words: str) -> None:
    assert words in renderer.sms("taken", "ar", given(low=1, high=high)).text


def test_every_plural_names_all_the_forms_of_its_language() -> None:
    forms = {language: {Locale(language).plural_form(n) for n in range(200)} for language in LANGUAGES}
    assert forms["pl"] == {"one", "few", "many"}
    for language in LANGUAGES:
        for path in (TEMPLATES / language).glob("*.*.*"):
            assert "plural(" not in path.read_text("utf-8"), "counted words belong into _words.txt"
        for path in (TEMPLATES / language).glob("_words.txt"):
            for call in re.findall(r"plural\(([^)]*)\)", path.read_text("utf-8")):
                assert set(re.findall(r"(\w+)=", call)) == forms[language], f"{path}: {call}"
        for call in re.findall(r"plural\((.*?)\) }}", (TEMPLATES / language / "why.txt").read_text("utf-8")):
            assert set(re.findall(r"(\w+)=", call)) == forms[language] - {"zero"}, call


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS)
def test_the_longest_real_values_fit(renderer: Renderer, language: str, kind: str) -> None:
    """One segment in the small alphabet; in Arabic one without a link and two with it."""
    for ahead in (0, 1, 3, 12, 100):
        values = given(venue=LONG[language], ahead=ahead, low=59, high=120, desk={"kind": "counter", "tag": "12"})
        values |= {"short_day": LONGEST_DAY[language]}
        text = renderer.sms(kind, language, values).text
        if language == "ar":
            assert segments(text) <= (2 if LINK in text else 1), text
        else:
            assert segments(text) == 1, text
        assert kind not in ("taken", "missed", *OF_BOOKINGS) or text.endswith(LINK)


def test_a_venue_too_long_for_one_segment_is_cut_between_words(renderer: Renderer) -> None:
    text = renderer.sms(
        "taken", "en", given(venue="The Hilltop Hospital’s Orthopaedic and Trauma Clinic", ahead=1)
    ).text
    assert segments(text) == 1
    assert text.startswith("The Hilltop Hospital's: your number is A017")


def test_a_text_names_the_venue_first_then_the_ticket_then_one_thing_to_do(renderer: Renderer) -> None:
    assert (
        renderer.sms("your_turn", "en", given()).text == "Hilltop Clinic: A017, it is your turn. Please go to desk 3."
    )
    assert renderer.sms("your_turn", "sv", given()).text == "Hilltop Clinic: A017, det är din tur. Gå till disk 3."
    window = given(desk={"kind": "counter", "tag": "3"})
    for language, words in {
        "de": "Hilltop Clinic: A017, Sie sind an der Reihe. Bitte kommen Sie zu Schalter 3.",
        "fr": "Hilltop Clinic : A017, c'est votre tour. Merci de vous présenter au guichet 3.",
        "es": "Hilltop Clinic: A017, es su turno. Pase a la ventanilla 3, por favor.",
        "pt": "Hilltop Clinic: A017, é a sua vez. Dirija-se ao guichê 3, por favor.",
        "pl": "Hilltop Clinic: A017, teraz Panstwa kolej. Prosimy podejsc do okienka 3.",
    }.items():
        assert renderer.sms("your_turn", language, window).text == words
    room = given(venue="عيادة التل", desk={"kind": "room", "tag": "4"})
    assert renderer.sms("your_turn", "ar", room).text == "\u200fعيادة التل: A017 حان دورك. تفضل إلى الغرفة 4."


def test_somebody_who_missed_the_call_reads_how_to_come_back_and_until_when(renderer: Renderer) -> None:
    text = renderer.sms("missed", "en", given()).text
    assert "before 14:35" in text
    assert text.endswith(LINK)
    assert "speak to the staff" in renderer.sms("missed", "en", given(until="")).text


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_wait_is_written_as_the_screens_show_it(renderer: Renderer, language: str) -> None:
    """A range, and beyond an hour no more than that."""
    for kind in ("taken", "delayed", "moved"):
        texts = [
            renderer.sms(kind, language, given(low=low, high=high)).text for low, high in ((8, 59), (75, 140), (0, 1))
        ]
        numbers = [set(re.findall(r"\d+", text.replace(LINK, ""))) - {"017", "2"} for text in texts]
        assert numbers[:2] == [{"8", "59"}, {"60"}] and numbers[2] <= {"1"}, texts


def test_no_wait_is_told_where_none_is_known(renderer: Renderer) -> None:
    text = renderer.sms("taken", "en", given(low=None, high=None)).text
    assert "min" not in text
    assert "about" not in text


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS)
def test_what_people_and_operators_type_stays_text_in_html(renderer: Renderer, language: str, kind: str) -> None:
    nasty = "<b>\"Anna\" & 'Co'</b>"
    values = given(name=nasty, venue=nasty, queue=nasty, label=nasty, desk={"kind": "desk", "tag": nasty}, until=nasty)
    values |= {"day": nasty, "time": nasty}
    html = renderer.mail(kind, language, values).html
    assert "<b>" not in html
    assert "&lt;b&gt;" in html
    assert "&amp;lt;" not in html
    assert '"Anna"' not in html


@pytest.mark.parametrize("kind", KINDS)
def test_mail_is_written_from_right_to_left_where_the_language_is(renderer: Renderer, kind: str) -> None:
    assert 'dir="rtl"' in renderer.mail(kind, "ar", given()).html
    assert 'lang="ar"' in renderer.mail(kind, "ar", given()).html
    assert 'dir="ltr"' in renderer.mail(kind, "sv", given()).html


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS)
def test_mail_works_without_pictures_scripts_and_style_sheets(renderer: Renderer, language: str, kind: str) -> None:
    mail = renderer.mail(kind, language, given())
    colon = " : " if language == "fr" else ": "
    assert mail.subject.startswith(("Hilltop Clinic" if kind in OF_BOOKINGS else "A017") + colon)
    assert "\n" not in mail.subject
    assert not re.search(r"<(img|script|style|link)\b", mail.html)
    assert f'href="{LINK}"' in mail.html
    assert mail.text.count("\n\n\n") == 0, mail.text
    without = renderer.mail(kind, language, given(link="", desk=None, high=None, low=None, until="", queue="", name=""))
    assert "href" not in without.html
    assert "http" not in without.text


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", OF_BOOKINGS)
def test_what_is_told_of_a_booking_says_when_it_is(renderer: Renderer, language: str, kind: str) -> None:
    text = renderer.sms(kind, language, given(label="")).text
    assert "Wed 30 Sep" in text and "14:35" in text
    mail = renderer.mail(kind, language, given(label=""))
    for words in (mail.subject, mail.text, mail.html):
        assert "Wednesday 30 September" in words and "14:35" in words


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_cancelled_booking_has_no_number_but_a_time(renderer: Renderer, language: str) -> None:
    text = renderer.sms("cancelled", language, given(label="")).text
    assert "Wed 30 Sep" in text and ":  " not in text
    mail = renderer.mail("cancelled", language, given(label=""))
    assert re.match("Hilltop Clinic ?: ", mail.subject)
    for words in (mail.text, mail.html):
        assert "Wednesday 30 September" in words and "14:35" in words
    assert segments(renderer.sms("cancelled", language, given(label="", venue=LONG[language])).text) <= 2


@pytest.mark.parametrize(
    ("language", "day", "short"),
    [
        ("en", "Wednesday 30 September", "Wed 30 Sep"),
        ("sv", "onsdag 30 september", "ons 30 sep"),
        ("de", "Mittwoch, 30. September", "Mi. 30. Sept"),
        ("fr", "mercredi 30 septembre", "mer. 30 sept"),
        ("es", "miércoles 30 de septiembre", "mié 30 de sept"),
        ("pt", "quarta-feira, 30 de setembro", "qua. 30 de set"),
        ("pl", "środa, 30 września", "śr. 30 wrz"),
        ("ar", "الأربعاء 30 سبتمبر", "الأربعاء 30 سبتمبر"),
    ],
)
def test_a_day_is_written_as_the_language_writes_it(language: str, day: str, short: str) -> None:
    at = round(datetime(2026, 9, 29, 23, 30, tzinfo=UTC).timestamp() * 1000)
    assert slot_words("Europe/Warsaw", at, language) == {"day": day, "short_day": short, "time": "01:30"}


def test_an_operators_words_are_the_mail_in_our_frame(renderer: Renderer) -> None:
    mail = renderer.own_mail("your_turn", "ar", given(), "Come <now>", "Line one\nA & B")
    assert mail.subject == "Come <now>"
    assert mail.text.startswith("Line one\nA & B\n")
    assert LINK in mail.text and f'href="{LINK}"' in mail.html
    assert "Come &lt;now&gt;</h1>" in mail.html and "A &amp; B" in mail.html
    assert 'dir="rtl"' in mail.html
    assert mail.text.count("\n\n\n") == 0


def test_an_operators_title_alone_changes_the_subject_and_a_text_alone_keeps_it(renderer: Renderer) -> None:
    usual = renderer.mail("your_turn", "en", given())
    titled = renderer.own_mail("your_turn", "en", given(), "Hurry", None)
    assert (titled.subject, titled.text) == ("Hurry", usual.text)
    worded = renderer.own_mail("your_turn", "en", given(link=""), None, "Come")
    assert worded.subject == usual.subject
    assert worded.text.startswith("Come\n\n-- \n")


def test_an_operator_may_write_in_a_language_that_has_no_templates(renderer: Renderer) -> None:
    mail = renderer.own_mail("your_turn", "he", given(), None, "עכשיו")
    assert (mail.subject, mail.language) == ("Hilltop Clinic", "he")
    assert mail.text.startswith("עכשיו")
    assert 'dir="rtl"' in mail.html and 'lang="he"' in mail.html


def test_a_value_that_is_not_given_is_an_error_and_not_a_gap(renderer: Renderer) -> None:
    values = given()
    del values["label"]
    with pytest.raises(UndefinedError):
        renderer.sms("taken", "en", values)


def test_an_operators_template_comes_before_ours(tmp_path: Path) -> None:
    (tmp_path / "en").mkdir()
    (tmp_path / "en" / "your_turn.sms.txt").write_text("{{ label }} NOW")
    (tmp_path / "fi").mkdir()
    (tmp_path / "fi" / "your_turn.sms.txt").write_text("{{ label }} NYT")
    renderer = Renderer([tmp_path, TEMPLATES])
    assert renderer.sms("your_turn", "en", given()).text == "A017 NOW"
    assert renderer.sms("your_turn", "fi", given()).text == "A017 NYT"
    assert "your number" in renderer.sms("taken", "en", given()).text
    assert not renderer.has("fi", "taken", "sms")
    assert not renderer.has("nl", "taken", "sms")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_message_exists_in_every_medium(renderer: Renderer, language: str) -> None:
    for kind in KINDS:
        for name in (f"{kind}.sms.txt", f"{kind}.mail.txt", f"{kind}.mail.html"):
            assert (TEMPLATES / language / name).is_file()


@pytest.mark.parametrize("language", sorted(path.name for path in TEMPLATES.iterdir() if path.is_dir()))
def test_every_kind_is_pushed_in_every_language_briefly_and_without_a_link(renderer: Renderer, language: str) -> None:
    """A tap opens the page; a phone that is locked shows about four lines."""
    for kind in KINDS:
        assert renderer.has(language, kind, "push"), kind
        for changes in ({}, {"desk": None, "until": "", "high": None, "ahead": 0}, {"label": "", "ahead": 14}):
            message = renderer.push(kind, language, given(**{"venue": LONG.get(language, LONG["en"]), **changes}))
            assert message.subject == message.venue
            assert 10 < len(message.text) <= 180
            assert "http" not in message.text
            assert "\n" not in message.text
            assert message.venue not in message.text


@pytest.mark.parametrize("language", sorted(path.name for path in TEMPLATES.iterdir() if path.is_dir()))
def test_what_may_be_answered_to_a_push_is_said_in_every_language(renderer: Renderer, language: str) -> None:
    words, english = renderer.answers(language), renderer.answers("en")
    offered = {name for answers in ANSWERS.values() for name in answers}
    assert set(words) == set(english) == offered | {f"{name}_done" for name in offered} | {"failed"}
    assert all(len(words[name]) <= 24 for name in offered)
    assert language == "en" or not set(words.values()) & set(english.values())
