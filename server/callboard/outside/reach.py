"""Which addresses may be spoken to: the public ones, and the private networks that the settings name."""

import socket
from collections.abc import Callable, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any

Network = IPv4Network | IPv6Network

# Global by their number, and yet no place for a stranger: they lead elsewhere, or to many.
DETOURS = tuple(
    ip_network(each) for each in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32", "fec0::/10")
) + tuple(ip_network(each) for each in ("192.0.0.0/24", "192.88.99.0/24", "224.0.0.0/4", "ff00::/8"))


class Forbidden(OSError):
    """The address leads where nothing may be sent."""

    def __init__(self) -> None:
        super().__init__("the address leads into a private network")


def networks(words: Sequence[str]) -> tuple[Network, ...]:
    return tuple(ip_network(word) for word in words)


def may_reach(host: str, private: Sequence[Network]) -> bool:
    """Whether an IP address may be spoken to. Whatever is no plain IP address may not."""
    try:
        address = _plain(ip_address(host.partition("%")[0]))
    except ValueError:
        return False
    if any(address in network for network in private if network.version == address.version):
        return True
    detour = any(address in network for network in DETOURS if network.version == address.version)
    return address.is_global and not address.is_multicast and not detour


def socket_factory(private: Sequence[Network]) -> Callable[[Any], socket.socket]:
    """Makes the socket for an address that a name was resolved to, at the last moment before it is connected: what was
    checked is what is spoken to. Raises Forbidden."""

    def make(info: Any) -> socket.socket:
        family, kind, protocol, _, where = info
        if not may_reach(str(where[0]), private):
            raise Forbidden
        return socket.socket(family=family, type=kind, proto=protocol)

    return make


def _plain(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """An IPv4 address that is written as IPv6 is what it stands for."""
    return address.ipv4_mapped or address if isinstance(address, IPv6Address) else address
