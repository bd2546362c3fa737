"""Where a store is, as an operator writes it: one server, a service that Sentinels know, or a cluster."""

import re
from typing import NamedTuple
from urllib.parse import parse_qs, unquote, urlsplit

KINDS = {"redis": "one", "rediss": "one", "unix": "one", "redis+sentinel": "sentinel", "redis+cluster": "cluster"}
PORTS = {"sentinel": 26379, "cluster": 6379}
QUERY = {"sentinel": {"sentinel_username", "sentinel_password"}, "cluster": set[str]()}


class Host(NamedTuple):
    name: str
    port: int


class Address(NamedTuple):
    """`hosts` are Sentinels, or some nodes of a cluster; one server is wholly described by its address."""

    url: str
    kind: str
    hosts: tuple[Host, ...] = ()
    service: str = ""
    username: str | None = None
    password: str | None = None
    sentinel_username: str | None = None
    sentinel_password: str | None = None


def parse(url: str) -> Address:
    """Raises ValueError, whose text says what is wrong and never repeats a password."""
    scheme, found, rest = url.partition("://")
    if not found or scheme not in KINDS:
        raise ValueError(f"it begins with none of {', '.join(f'{known}://' for known in KINDS)}")
    kind = KINDS[scheme]
    if kind == "one":
        return Address(url, kind)
    return _several(url, kind, rest)


def without_password(url: str) -> str:
    """As it may be printed."""
    return re.sub(r"(?<=password=)[^&]*", "...", re.sub(r"(?<=://)[^/?]*@", "", url))


def _several(url: str, kind: str, rest: str) -> Address:
    where, _, asked = rest.partition("?")  # urlsplit wants one host, and newer ones refuse several
    authority, _, path = where.partition("/")
    credentials, _, hosts = authority.rpartition("@")
    username, _, password = credentials.partition(":")
    service = unquote(path.strip("/"))
    if kind == "sentinel" and (not service or "/" in service):
        raise ValueError("the name that the Sentinels know the service by is missing: redis+sentinel://HOST:PORT/NAME")
    if kind == "cluster" and service:
        raise ValueError("a cluster has no databases: nothing may follow HOST:PORT")
    query = {name: values[-1] for name, values in parse_qs(asked, keep_blank_values=True).items()}
    if unknown := sorted(query.keys() - QUERY[kind]):
        raise ValueError(f"nothing is known of {unknown[0]}")
    named = tuple(_host(each, PORTS[kind]) for each in hosts.split(","))
    return Address(url, kind, named, service, unquote(username) or None, unquote(password) or None, **query)


def _host(text: str, port: int) -> Host:
    try:
        parts = urlsplit(f"//{text}")
        host = Host(parts.hostname or "", parts.port or port)
    except ValueError:
        raise ValueError(f"{text!r} is no HOST:PORT") from None
    if not host.name:
        raise ValueError("a host is missing")
    return host
