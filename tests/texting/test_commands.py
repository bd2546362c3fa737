"""What a text means, in every language; no word of ours is one that carriers keep for themselves."""

from pathlib import Path

import pytest

from callboard.assets import TEMPLATES
from callboard.notify import reserved
from callboard.texting.commands import COMMANDS, LETTERS, Meaning, meaning, read_words
from callboard.texting.opting import CARRIERS, HELP, RESERVED, START, STOP, as_typed
from callboard.wording import languages

WORDS = read_words([TEMPLATES])


@pytest.mark.parametrize(
    ("text", "does"),
    [
        *((letter, does) for letter, does in LETTERS.items()),
        *((" m. ", "more"), ("More time!", "more"), ("leave", "leave"), ("I'm coming", ""), ("I am here", "here")),
        *(("Mer tid", "more"), ("lämna", "leave"), ("LAMNA", "leave"), ("Zurück", "rejoin"), ("J’arrive", "here")),
        *(("más tiempo", "more"), ("Vou embora", "leave"), ("więcej czasu", "more"), ("أنا هنا", "here")),
        *(("STOP", "stop"), ("stopp", "stop"), ("Arrêt", "stop"), ("إلغاء", "stop"), ("opt-out", "stop")),
        *(("Start", "start"), ("yes", "start"), ("help", "help"), ("", ""), ("🙂", ""), ("I am late", "")),
    ],
)
def test_a_text_is_understood_however_it_is_written(text: str, does: str) -> None:
    assert meaning(text, WORDS).does == does


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2", Meaning("", "2")),
        ("a017", Meaning("", "A017")),
        ("L A017", Meaning("leave", "A017")),
        ("more 2", Meaning("more", "2")),
        ("٢", Meaning("", "٢")),
        ("10 minutes", Meaning("")),
        ("12345678901", Meaning("")),
        ("stop 2", Meaning("")),
    ],
)
def test_a_ticket_may_be_named(text: str, expected: Meaning) -> None:
    assert meaning(text, WORDS) == expected


def test_no_word_of_ours_is_one_that_carriers_keep() -> None:
    assert WORDS.keys() & RESERVED == set()
    assert {as_typed(word) for word in reserved.RESERVED} <= RESERVED
    assert CARRIERS <= STOP and not STOP & START and not (STOP | START) & HELP
    assert [word for word in RESERVED if as_typed(word) != word] == []


def test_no_word_means_two_things() -> None:
    found: dict[str, set[str]] = {}
    for language in languages([TEMPLATES]):
        for line in (TEMPLATES / language / "_commands.txt").read_text("utf-8").splitlines():
            does, _, words = line.partition(":")
            for word in words.split(","):
                found.setdefault(as_typed(word), set()).add(does)
    assert {word: does for word, does in found.items() if len(does) > 1} == {}


@pytest.mark.parametrize("language", sorted(languages([TEMPLATES])))
def test_every_language_has_words_for_every_command(language: str, tmp_path: Path) -> None:
    (tmp_path / language).symlink_to(TEMPLATES / language)
    words = read_words([tmp_path])
    assert {does: sum(1 for each in words.values() if each == does) > 1 for does in COMMANDS} == dict.fromkeys(
        COMMANDS, True
    )


def test_an_operators_words_come_before_ours_and_a_mistake_in_them_is_named(tmp_path: Path) -> None:
    (tmp_path / "en").mkdir()
    (tmp_path / "en" / "_commands.txt").write_text("more: later please\n")
    words = read_words([tmp_path, TEMPLATES])
    assert words["LATER PLEASE"] == "more" and "MORE TIME" not in words and words["MER TID"] == "more"
    (tmp_path / "en" / "_commands.txt").write_text("mroe: later\n")
    with pytest.raises(ValueError, match="'mroe' is none of status, more"):
        read_words([tmp_path, TEMPLATES])
