"""How long a domain that puts mail off is left alone."""

from callboard.notify.patience import FIRST_REST_MS, LONGEST_REST_MS, MOST, Patience


def test_those_that_were_under_way_together_count_as_one() -> None:
    patience = Patience()
    assert patience.put_off("example.org", 0) == FIRST_REST_MS
    assert patience.put_off("example.org", 400) == FIRST_REST_MS - 400
    assert patience.rest_ms("example.org", 400) == FIRST_REST_MS - 400
    assert patience.rest_ms("example.net", 400) == 0


def test_a_rest_does_not_grow_for_ever() -> None:
    patience, now = Patience(), 0
    for _ in range(20):
        now += patience.put_off("example.org", now)
    assert patience.put_off("example.org", now) == LONGEST_REST_MS
    patience.took("example.org")
    assert patience.rest_ms("example.org", now) == 0


def test_domains_are_forgotten_before_they_become_too_many() -> None:
    patience = Patience()
    for number in range(MOST + 1):
        patience.put_off(f"{number}.example.org", 0)
    assert patience.rest_ms("0.example.org", 0) == 0
    assert patience.rest_ms("1.example.org", 0) == FIRST_REST_MS
