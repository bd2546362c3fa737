"""What a site file says of other systems' watches is read, or every mistake is named with its key."""

from pathlib import Path

import pytest

from callboard.receiving import address_mistake
from callboard.site import check, read

SITE = """
[organization]
id = "org"
name = "Org"
[[locations]]
id = "here"
name = "Here"
[[locations.queues]]
id = "general"
tag = "A"
name = "General"
"""
AT = "locations.0.queues.0.watches"


def written(tmp_path: Path, *watches: str) -> Path:
    path = tmp_path / "site.toml"
    path.write_text(SITE + "".join(f"[[locations.queues.watches]]\n{watch}\n" for watch in watches), "utf-8")
    return path


def test_a_watch_with_everything_is_read(tmp_path: Path) -> None:
    watch = """shape = "plain"
address = "https://example.org:8443/hook?for=us"
method = "PUT"
headers = { X-Api-Key = "k" }
basic = { username = "us", password = "p" }
oauth2 = { token_address = "https://example.org/token", client_id = "us", grant = "client_credentials" }
signing_keys = ["abcdefgh"]"""
    path = written(tmp_path, watch)
    assert check(path, ["plain"]) == []
    (found,) = read(path, ["plain"]).locations[0].queues[0].watches
    assert found.headers == {"X-Api-Key": "k"} and found.oauth2 and found.oauth2.client_id == "us"


@pytest.mark.parametrize(
    ("line", "where", "what"),
    [
        ('shape = "plian"\naddress = "http://a.example"', "0.shape", "did you mean 'plain'?"),
        ('shape = "other"\naddress = "http://a.example"', "0.shape", "no shape is called 'other'; there are plain"),
        ('shape = "plain"\naddress = "ftp://a.example"', "0.address", "must be an address such as"),
        ('shape = "plain"\naddress = "http://u:p@a.example"', "0.address", "must not hold a name or a password"),
        ('shape = "plain"\naddress = "http://a.example"\nheaders = {"a b" = "c"}', "0.headers", "is not the name"),
        ('shape = "plain"\naddress = "http://a.example"\nheaders = {Host = "c"}', "0.headers.Host", "not for others"),
        ('shape = "plain"\naddress = "http://a.example"\nheaders = {A = "b\\nc"}', "0.headers.A", "must be one line"),
        (
            'shape = "plain"\naddress = "http://a.example"\n'
            'oauth2 = { token_address = "a.example", client_id = "us", refresh_token = "t" }',
            "0.oauth2.token_address",
            "must be an address such as",
        ),
        (
            'shape = "plain"\naddress = "http://a.example"\n'
            'oauth2 = { token_address = "http://a.example", client_id = "us" }',
            "0.oauth2.refresh_token",
            "is needed",
        ),
        ('shape = "plain"', "0", "address"),
        ('shape = "plain"\naddress = "http://a.example"\nmethod = "SHOUT"', "0.method", ""),
    ],
)
def test_every_mistake_is_named(tmp_path: Path, line: str, where: str, what: str) -> None:
    mistakes = check(written(tmp_path, line), ["plain"])
    assert any(m.where.startswith(f"{AT}.{where}") and what in f"{m.where} {m.what}" for m in mistakes), mistakes


def test_the_same_address_twice_is_one_too_many(tmp_path: Path) -> None:
    watch = 'shape = "plain"\naddress = "http://a.example"'
    (mistake,) = check(written(tmp_path, watch, watch), ["plain"])
    assert (mistake.where, mistake.what) == (f"{AT}.1.address", "is told in this shape already")


@pytest.mark.parametrize(
    "address",
    [
        *("", "example.org", "//example.org", "http:example.org", "http://", "http:///x", "https://?x", "file:///etc"),
        *("http://a b", "http://a\n", "http://a\\b", "http://a:x/", "http://a:0/", "http://a:99999/", "http://[::1"),
        *("http://@a.example", "http://u@a.example", "http://a.example/#b", "javascript:alert(1)", "http://a\tb"),
    ],
)
def test_what_is_no_address(address: str) -> None:
    assert address_mistake(address)


@pytest.mark.parametrize("address", ["http://a", "https://a.example/b?c=d", "http://[2001:db8::1]:8080/", "HTTPS://A/"])
def test_what_is_one(address: str) -> None:
    assert address_mistake(address) is None
