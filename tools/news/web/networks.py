"""Which IP addresses a news reader may dial. Pure: text in, one of three answers out.

The tables follow IANA's special-purpose registries for IPv4 and IPv6. `ipaddress.is_global` alone does not do:
it calls 2002:7f00:1::, 64:ff9b::7f00:1 and ::ffff:127.0.0.1 global, or did until lately.
"""

from __future__ import annotations

import ipaddress
from enum import Enum
from typing import TypeAlias

__all__ = ["Reach", "reach"]

_IP: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address


class Reach(Enum):
    """PUBLIC: anyone's. PRIVATE: this machine's or this network's, only for an origin that is named. NEVER: nobody's."""

    PUBLIC = "public"
    PRIVATE = "private"
    NEVER = "never"


def _nets(*texts: str) -> tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]:
    return tuple(ipaddress.ip_network(text) for text in texts)


# A person may have a site of their own here. 100.64/10 is carrier NAT, and what Tailscale uses.
_PRIVATE = _nets("10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "::1/128", "fc00::/7")
# Where clouds keep credentials for the machine that asks: AWS, Alibaba, Azure. The common 169.254.169.254 is link-local.
_METADATA = _nets("fd00:ec2::/32", "100.100.100.200/32", "168.63.129.16/32")
_NEVER_4 = _nets(
    "0.0.0.0/8",
    "169.254.0.0/16",
    "192.0.0.0/24",
    "192.0.2.0/24",
    "192.31.196.0/24",
    "192.52.193.0/24",
    "192.88.99.0/24",
    "192.175.48.0/24",
    "198.18.0.0/15",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "224.0.0.0/4",
    "240.0.0.0/4",
)
_GLOBAL_6 = ipaddress.IPv6Network("2000::/3")
# Inside 2000::/3: protocol assignments with Teredo and ORCHID, documentation (two), AS112.
_NEVER_6 = _nets("2001::/23", "2001:db8::/32", "2620:4f:8000::/48", "3fff::/20")
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_SIX_TO_FOUR = ipaddress.IPv6Network("2002::/16")


def reach(text: str) -> Reach:
    """Whether the address `text` (plain dotted or IPv6 form) may be dialled. What is no address is NEVER.

    An IPv6 address that carries an IPv4 one (NAT64, 6to4) is as public as that one; an IPv4-mapped one (::ffff:…) is
    NEVER, because nothing but an attempt to slip past a check writes a public address so.
    """
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return Reach.NEVER
    if _within(address, _METADATA):
        return Reach.NEVER
    if _within(address, _PRIVATE):
        return Reach.PRIVATE
    if isinstance(address, ipaddress.IPv4Address):
        return Reach.NEVER if _within(address, _NEVER_4) else Reach.PUBLIC
    carried = _carried(address)
    if carried is not None:
        return Reach.PUBLIC if reach(str(carried)) is Reach.PUBLIC else Reach.NEVER
    return Reach.PUBLIC if address in _GLOBAL_6 and not _within(address, _NEVER_6) else Reach.NEVER


def _within(address: _IP, networks: tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]) -> bool:
    return any(address.version == network.version and address in network for network in networks)


def _carried(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address that a translated IPv6 one stands for (RFC 6052, RFC 3056)."""
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    if address in _SIX_TO_FOUR:
        return ipaddress.IPv4Address((int(address) >> 80) & 0xFFFFFFFF)
    return None
