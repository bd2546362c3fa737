"""Which pages may open a WebSocket: exactly our own, compared as text."""

import pytest

from callboard.hub.origin import is_own, origin_of


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("", ""),
        ("https://tickets.example.org", "https://tickets.example.org"),
        ("https://tickets.example.org/lobby", "https://tickets.example.org"),
        ("HTTPS://Tickets.Example.org:443", "https://tickets.example.org"),
        ("http://tickets.example.org:80", "http://tickets.example.org"),
        ("http://tickets.example.org:8080", "http://tickets.example.org:8080"),
        ("http://[::1]:8080", "http://[::1]:8080"),
    ],
)
def test_the_origin_of_the_public_address_is_written_as_browsers_do(url: str, origin: str) -> None:
    assert origin_of(url) == origin


@pytest.mark.parametrize(
    ("origin", "scheme", "host"),
    [
        ("http://10.0.0.5:8080", "ws", "10.0.0.5:8080"),
        ("https://tv.example.org", "wss", "TV.example.org"),
        ("http://[::1]:8080", "ws", "[::1]:8080"),
        ("https://tickets.example.org", "ws", "10.0.0.5:8080"),
    ],
)
def test_our_pages_may(origin: str, scheme: str, host: str) -> None:
    assert is_own([origin], scheme, host, "https://tickets.example.org")


def test_without_a_public_address_an_empty_origin_is_still_not_own() -> None:
    assert not is_own([""], "ws", "h:1", "")
    assert not is_own([], "ws", "h:1", "")
    assert not is_own(["http://"], "ws", "", "")
    assert not is_own(["http://h:1", "http://h:1"], "ws", "h:1", "")
