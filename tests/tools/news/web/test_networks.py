"""Which IP addresses are public. Each line is a way into somebody's own network that was tried on some reader before."""

from __future__ import annotations

import pytest

from tools.news.web.networks import Reach, reach

TABLE = {
    Reach.PUBLIC: [
        "8.8.8.8", "93.184.216.34", "172.15.0.1", "172.32.0.1", "100.63.255.255", "100.128.0.1", "192.169.0.1", "11.0.0.1",
        "223.255.255.255", "169.253.1.1", "2606:2800:220:1::1", "2400:cb00::1", "2a00:1450::1", "64:ff9b::808:808", "2002:808:808::1",
        "2001:4860:4860::8888", "168.63.129.15",
    ],
    Reach.PRIVATE: [
        "127.0.0.1", "127.255.255.254", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "100.64.0.1", "100.127.255.255",
        "::1", "fc00::1", "fd12:3456::1", "0:0:0:0:0:0:0:1",
    ],
    Reach.NEVER: [
        "169.254.169.254", "169.254.1.1", "0.0.0.0", "0.1.2.3", "192.0.0.192", "192.0.2.1", "198.18.0.1", "198.51.100.1", "203.0.113.1",
        "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255", "168.63.129.16", "100.100.100.200", "192.88.99.1",
        "::", "fe80::1", "fe80::1%eth0", "fec0::1", "ff02::1", "fd00:ec2::254", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "::127.0.0.1",
        "::8.8.8.8", "64:ff9b::127.0.0.1", "64:ff9b::a00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::808:808", "2002:7f00:1::1",
        "2002:a00:1::", "2002:c0a8:101::", "2002:a9fe:a9fe::", "2001::1", "2001:0:4136:e378::", "2001:db8::1", "2001:10::1", "3fff::1",
        "5f00::1", "100::1", "4000::1", "",
        "localhost", "127.1", "0x7f.0.0.1", "0177.0.0.1", "2130706433", "127.0.0.1:80", "news.example",
    ],
}  # fmt: skip


@pytest.mark.parametrize("expected, text", [(expected, text) for expected, texts in TABLE.items() for text in texts])
def test_reach(expected: Reach, text: str) -> None:
    """Stops: a private address taken for a public one, in any notation."""
    assert reach(text) is expected
