"""What screens say."""

import pytest

from callboard.speech import speech, spelled


@pytest.mark.parametrize(("label", "said"), [("A017", "A, 17"), ("AB100", "A B, 100"), ("C000", "C, 0"), ("?", "?")])
def test_letters_are_said_one_by_one_and_the_number_as_a_whole(label: str, said: str) -> None:
    assert spelled(label) == said


def test_a_call_names_the_kind_of_place() -> None:
    assert speech("en", "A017", "desk", "3") == "Number A, 17. Please go to desk 3."
    assert speech("sv", "A017", "counter", "3") == "Nummer A, 17. Gå till lucka 3."
    assert speech("de", "A017", "room", "3") == "Nummer A, 17. Bitte kommen Sie in Zimmer 3."
    assert speech("fr", "A017", "desk", "3") == "Numéro A, 17. Merci de vous présenter au bureau 3."
    assert speech("es", "A017", "desk", "3") == "Turno A, 17. Pase a la mesa 3, por favor."
    assert speech("pt", "A017", "counter", "3") == "Senha A, 17. Dirija-se ao guichê 3, por favor."
    assert speech("pl", "A017", "counter", "3") == "Numer A, 17. Prosimy podejść do okienka 3."
    assert speech("ar", "A017", "room", "3") == "رقم A, 17. تفضل إلى الغرفة 3."


def test_a_language_without_words_is_spoken_in_english() -> None:
    assert speech("fi", "A017", "room", "3") == "Number A, 17. Please go to room 3."
