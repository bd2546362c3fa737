"""Which addresses may be spoken to."""

import pytest

from callboard.outside.reach import may_reach, networks

PUBLIC = ["93.184.216.34", "1.1.1.1", "2606:4700::1111", "::ffff:93.184.216.34"]
PRIVATE = [
    *("127.0.0.1", "127.255.255.254", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.0"),
    *("100.64.0.1", "192.0.2.1", "198.18.0.1", "224.0.0.1", "239.255.255.255", "255.255.255.255", "240.0.0.1"),
    *("192.0.0.8", "192.88.99.1", "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "fd12::1", "ff02::1", "fec0::1"),
    *("::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "64:ff9b:1::1", "2002:7f00:1::", "2001::1"),
    *("localhost", "", "127.1", "0x7f000001", "2130706433", "127.0.0.1.", " 127.0.0.1"),
]


@pytest.mark.parametrize("host", PUBLIC)
def test_public_addresses(host: str) -> None:
    assert may_reach(host, ())


@pytest.mark.parametrize("host", PRIVATE)
def test_nothing_else(host: str) -> None:
    assert not may_reach(host, ())


def test_but_networks_that_the_settings_name() -> None:
    private = networks(["10.1.0.0/16", "fd00::/8", "127.0.0.1"])
    assert all(may_reach(host, private) for host in ("10.1.2.3", "::ffff:10.1.2.3", "fd12::1", "127.0.0.1"))
    assert not any(may_reach(host, private) for host in ("10.2.0.1", "fc00::1", "127.0.0.2", "::1"))
