"""An operator's own words as a text message."""

from callboard.notify.segments import is_gsm, segments
from callboard.notify.writing import own_text
from notify.test_render import given

VENUE = "Przychodnia Śródmieście"


def test_what_is_filled_in_makes_a_text_no_dearer_than_its_words() -> None:
    words = "%{location.name}: numer %{ticket.label}, prosimy wejsc. " + "Zapraszamy. " * 4
    text = own_text(words, given(venue=VENUE))
    assert text.startswith("Przychodnia Srodmiescie: numer A017")
    assert is_gsm(text) and segments(text) == 1


def test_who_writes_letters_with_marks_keeps_them() -> None:
    words = "%{location.name}: numer %{ticket.label}, prosimy wejść. " + "Zapraszamy. " * 4
    text = own_text(words, given(venue=VENUE))
    assert "prosimy wejść" in text and "Śród" in text
    assert segments(text) == 2


def test_a_short_text_keeps_the_name_as_it_is() -> None:
    assert own_text("%{location.name}: %{ticket.label}", given(venue=VENUE)) == f"{VENUE}: A017"
