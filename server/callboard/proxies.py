"""Reverse proxies: who really asks, and whether by https, is believed from those that the settings name."""

from collections.abc import Iterable, Sequence
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

Network = IPv4Network | IPv6Network


class Proxied:
    """Where the peer is a trusted proxy, the client is the last hop that is not one, as X-Forwarded-For has it, and the
    scheme is the last of X-Forwarded-Proto. Whatever a client wrote there itself stands further left."""

    def __init__(self, app: ASGIApp, trusted: Sequence[str]) -> None:
        self._app = app
        self._trusted = networks(trusted)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._trusted and scope["type"] in ("http", "websocket") and self._trusts(_peer(scope)):
            headers = Headers(scope=scope)
            scope["client"] = (self._client(headers.getlist("x-forwarded-for")) or _peer(scope), 0)
            proto = _last(headers.getlist("x-forwarded-proto")).lower()
            if proto in ("http", "https"):
                is_socket = scope["type"] == "websocket"
                scope["scheme"] = {"http": "ws", "https": "wss"}[proto] if is_socket else proto
        await self._app(scope, receive, send)

    def _client(self, forwarded: Iterable[str]) -> str:
        hops = [hop.strip() for hop in ",".join(forwarded).split(",")]
        client = ""
        for hop in reversed(hops):
            if not _is_address(hop):
                break
            client = hop
            if not self._trusts(hop):
                break
        return client

    def _trusts(self, address: str) -> bool:
        return _is_address(address) and any(ip_address(address) in network for network in self._trusted)


def networks(trusted: Iterable[str]) -> list[Network]:
    """The settings' addresses and networks. Raises ValueError."""
    return [ip_network(each, strict=False) for each in trusted]


def _peer(scope: Scope) -> str:
    return scope["client"][0] if scope.get("client") else ""


def _last(values: Sequence[str]) -> str:
    return ",".join(values).rpartition(",")[2].strip()


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
