"""The address of a store as an operator writes it."""

import pytest

from callboard.store.address import Host, parse, without_password


def test_one_server_is_left_to_the_library() -> None:
    for url in ("redis://127.0.0.1:6379/2", "rediss://h", "unix:///run/store.sock"):
        assert (parse(url).kind, parse(url).url) == ("one", url)


def test_sentinels_are_named_with_the_service_they_know() -> None:
    found = parse("redis+sentinel://ann:p%40ss@one:7000,two,[::1]:7002/hall?sentinel_password=s%26")
    assert found.kind == "sentinel"
    assert found.hosts == (Host("one", 7000), Host("two", 26379), Host("::1", 7002))
    assert (found.service, found.username, found.password) == ("hall", "ann", "p@ss")
    assert (found.sentinel_username, found.sentinel_password) == (None, "s&")


def test_a_cluster_may_be_found_by_any_of_several_nodes() -> None:
    found = parse("redis+cluster://:secret@one,two:7001")
    assert (found.kind, found.hosts, found.username, found.password) == (
        "cluster",
        (Host("one", 6379), Host("two", 7001)),
        None,
        "secret",
    )


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://ann:secret@h", "it begins with none of redis://"),
        ("127.0.0.1:6379", "it begins with none of redis://"),
        ("redis+sentinel://ann:secret@h:1", "the name that the Sentinels know the service by is missing"),
        ("redis+sentinel://ann:secret@h:1/a/b", "the name that the Sentinels know"),
        ("redis+sentinel://ann:secret@h:x/hall", "'h:x' is no HOST:PORT"),
        ("redis+sentinel://ann:secret@,h/hall", "a host is missing"),
        ("redis+sentinel://ann:secret@h/hall?pasword=secret", "nothing is known of pasword"),
        ("redis+cluster://ann:secret@h/0", "a cluster has no databases"),
        ("redis+cluster://ann:secret@h:99999", "is no HOST:PORT"),
    ],
)
def test_what_is_wrong_is_said_without_the_password(url: str, why: str) -> None:
    with pytest.raises(ValueError, match=r".") as caught:
        parse(url)
    assert why in str(caught.value)
    assert "secret" not in str(caught.value)


def test_an_address_is_printed_without_passwords() -> None:
    printed = without_password("redis+sentinel://ann:a@b:c@one:1,two/hall?sentinel_username=u&sentinel_password=secret")
    assert printed == "redis+sentinel://one:1,two/hall?sentinel_username=u&sentinel_password=..."
