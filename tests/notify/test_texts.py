"""What administrators type."""

from callboard.notify.texts import fill, unknown


def test_placeholders_are_filled() -> None:
    text = "%{ticket.label}: go to %{desk.name}, %{people.ahead} ahead"
    assert fill(text, {"ticket.label": "A017", "desk.name": "Desk 3"}) == "A017: go to Desk 3,  ahead"


def test_a_value_is_not_looked_into() -> None:
    assert fill("%{queue.name}", {"queue.name": "%{ticket.link}", "ticket.link": "secret"}) == "%{ticket.link}"


def test_a_text_can_say_but_never_do() -> None:
    for text in ("{{ 7 * 7 }}", "{% for i in range(9) %}x{% endfor %}", "%(name)s {0} ${x}"):
        assert fill(text, {}) == text


def test_unknown_placeholders_are_named() -> None:
    assert unknown("%{ticket.number} %{ticket.nummer} %{}") == ["ticket.nummer", ""]
    assert unknown("%{ticket.link} 100% {x}") == []
