"""`callboard texts`: what is shown is what would be sent."""

from pathlib import Path

import pytest

from callboard.assets import SITES
from callboard.notify.kinds import KINDS
from test_commands import call

SITE = """
[organization]
id = "org"
name = "Org"

[[locations]]
id = "here"
name = "Urząd"
languages = ["pl", "en"]

[locations.texts.pl]
your_turn = "%{ticket.label}: zapraszamy, stanowisko %{desk.tag}."
missed = "%{location.name}: spóźnienie. %{ticket.link} Prosimy o kontakt."

[[locations.queues]]
id = "general"
tag = "A"
name = { pl = "Sprawy ogólne", en = "General" }

[[locations.desks]]
id = "d1"
tag = "1"
name = { pl = "Stanowisko 1", en = "Desk 1" }
queues = ["general"]
"""


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "site.toml").write_text(SITE, "utf-8")
    (tmp_path / "callboard.toml").write_text('site = ["site.toml"]\npublic_url = "https://q.example.org"\n')
    return tmp_path


def test_every_message_is_shown_in_the_languages_of_the_location() -> None:
    shown = call("texts").output
    for kind in KINDS:
        assert f"\n{kind} en\n" in shown
        assert f"{kind} pl" in shown
    assert "  text     Urząd: A017, it is your turn. Please go to desk 1." in shown


def test_own_words_are_shown_filled_with_what_they_cost() -> None:
    assert call("texts", "your_turn", "--language", "pl").output.splitlines()[:5] == [
        "your_turn pl (own words)",
        "  text     A017: zapraszamy, stanowisko 1.",
        "           1 segment, 31 characters of GSM-7",
        "  longest  1 segment, 31 characters of GSM-7",
        "  mail     A017: Państwa kolej, stanowisko 1",
    ]
    shown = call("texts", "missed", "--language", "pl").output
    assert "2 segments, 88 characters of UCS-2 for 'ą' (Latin small letter a with ogonek), 'ó'" in shown


def test_a_mail_is_shown_in_full_and_any_language_of_ours_can_be_asked_for() -> None:
    shown = call("texts", "taken", "--language", "fr").output
    assert "           Votre numéro est le A017 (Sprawy ogólne)" in shown
    assert "https://q.example.org/t/" in shown


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["your_trn"], "there is no message your_trn; did you mean 'your_turn'?"),
        (["--language", "xx"], "there is no language xx; there are ar, de, en, es, fr, pl, pt, sv"),
        (["--location", "there"], "there is no location there; did you mean 'here'?"),
    ],
)
def test_what_there_is_not_is_said(arguments: list[str], words: str) -> None:
    result = call("texts", *arguments)
    assert (result.exit_code, result.stderr.strip()) == (1, f"Error: {words}")


def test_before_the_first_run_the_starter_is_shown(here: Path) -> None:
    (here / "callboard.toml").unlink()
    assert "Main office: A017, it is your turn." in call("texts", "your_turn").output
    assert not (here / "data").exists()


def test_check_names_own_texts_that_cost_more_than_one_segment(here: Path) -> None:
    result = call("check", "site.toml")
    assert result.exit_code == 0
    first, second = result.output.splitlines()
    assert first == "site.toml: ok, 1 location, 1 queue, 1 desk, 0 displays"
    assert second.startswith("site.toml: locations.0.texts.pl.missed: with the longest values 2 segments, ")
    assert len(call("check", SITES / "demo.toml").output.splitlines()) == 1
