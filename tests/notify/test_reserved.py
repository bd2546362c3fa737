"""Words that carriers answer themselves, found in what operators type."""

import pytest

from callboard.notify.reserved import told_to_answer


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("Stop.", "STOP"),
        ("help", "HELP"),
        ("%{ticket.label}: reply CANCEL to leave the line.", "CANCEL"),
        ("Reply with the word END if you do not come", "END"),
        ('Answer "yes" when you are here.', "YES"),
        ("Text STOP to leave the queue.", "STOP"),
        ("Svara START om du kommer.", "START"),
        ("Antworten Sie mit QUIT, wenn Sie gehen.", "QUIT"),
        ("Répondez ARRET pour quitter la file.", "ARRET"),
        ("Responda CANCEL para salir de la fila.", "CANCEL"),
        ("Responda com INFO", "INFO"),
        ("Odpisz END, aby opuścić kolejkę", "END"),
        ("CANCEL to give up your place", "CANCEL"),
    ],
)
def test_a_reserved_word_that_people_are_told_to_answer_is_found(text: str, word: str) -> None:
    assert told_to_answer(text) == [word]


@pytest.mark.parametrize(
    "text",
    [
        "Please stop at the front desk; help is there.",
        "Reply to this text to cancel.",
        "Reply M for more time, L to leave. STOP to opt out.",
        "Reply STOP to unsubscribe, HELP for help.",
        "Svara STOP om du inte vill ha inga fler sms.",
        "At the end of the corridor. Need INFO? Ask us.",
        "%{ticket.label}: your turn. Reply L to leave.",
    ],
)
def test_other_uses_of_the_same_words_are_left_alone(text: str) -> None:
    assert told_to_answer(text) == []
