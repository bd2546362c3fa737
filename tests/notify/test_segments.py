"""What a text message costs."""

import pytest

from callboard.notify.segments import cost, dear, folded, is_gsm, plain, segments, units


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 1),
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("å" * 160, 1),
        ("€" * 80, 1),
        ("€" * 81, 2),
        ("ع" * 70, 1),
        ("ع" * 71, 2),
        ("ع" * 134, 2),
        ("ع" * 135, 3),
        ("🙂" * 35, 1),
        ("🙂" * 36, 2),
    ],
)
def test_a_text_is_paid_by_segments(text: str, count: int) -> None:
    assert segments(text) == count


def test_swedish_letters_are_in_the_small_alphabet_and_a_curly_quote_is_not() -> None:
    assert is_gsm("Ångström, Öl & Ärter: é ü ñ")
    assert not is_gsm("it’s")
    assert units("[a]") == 5


def test_typographic_punctuation_becomes_what_costs_nothing() -> None:
    assert plain("“It’s” – your turn…\u00a0now") == '"It\'s" - your turn... now'
    assert is_gsm(plain("“It’s” – your turn…\u202fnow"))


def test_letters_lose_their_marks_where_that_saves_a_segment() -> None:
    assert folded("Państwa kolej: Łódź, okienko 3. " * 3) == "Panstwa kolej: Lodz, okienko 3. " * 3
    assert folded("à é ö ñ stay, ç ã œ go. " * 4) == "à é ö ñ stay, c a oe go. " * 4
    assert folded("Państwa kolej") == "Państwa kolej"
    assert folded("حان دورك. " * 10) == "حان دورك. " * 10
    assert folded("Łódź حان دورك. " * 10) == "Łódź حان دورك. " * 10


def test_the_character_that_makes_a_text_cost_double_is_named() -> None:
    assert cost("Your turn") == "1 segment, 9 characters of GSM-7"
    assert cost("[5 €]") == "1 segment, 8 characters of GSM-7, '[' '€' ']' counted twice"
    assert cost("Twój numer") == "1 segment, 10 characters of UCS-2 for 'ó' (Latin small letter o with acute)"
    assert cost("حان دورك" * 9).endswith("and 4 more")
    assert dear("ççã") == ["ç", "ã"]
