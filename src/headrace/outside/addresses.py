"""Which network addresses lie inside: where an upstream must never be able to send us."""

from __future__ import annotations

import socket
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

_INSIDE_4 = tuple(
    map(
        ip_network,
        (
            "0.0.0.0/8",
            "10.0.0.0/8",
            "100.64.0.0/10",
            "127.0.0.0/8",
            "168.63.129.16/32",  # a cloud's own wire server behind a public number
            "169.254.0.0/16",
            "172.16.0.0/12",
            "192.0.0.0/24",
            "192.88.99.0/24",
            "192.168.0.0/16",
            "198.18.0.0/15",
            "224.0.0.0/4",
            "240.0.0.0/4",
        ),
    )
)
# Documentation ranges (192.0.2.0/24, 198.51.100.0/24, 203.0.113.0/24) are left out on purpose: no service of a
# machine lives there, and a network that answers from them is a mirror which its owner put in the way.

_INSIDE_6 = tuple(
    map(
        ip_network,
        (
            "::/96",  # unspecified, loopback and the old IPv4-compatible form
            "64:ff9b:1::/48",
            "100::/64",
            "2001::/32",  # Teredo
            "2002::/16",  # 6to4
            "fc00::/7",
            "fe80::/10",
            "fec0::/10",
            "ff00::/8",
        ),
    )
)

_NAT64 = ip_network("64:ff9b::/96")


def is_inside(address: str) -> bool:
    """Whether an address in text form is loopback, private, link-local, multicast or otherwise not of the open Internet.

    An IPv4 address wrapped into IPv6 (mapped, or NAT64) is judged by what it wraps. Text that is no address counts as
    inside: whoever cannot be judged is not let in.
    """
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return True
    if isinstance(parsed, IPv6Address):
        if parsed.ipv4_mapped is not None:
            parsed = parsed.ipv4_mapped
        elif parsed in _NAT64:
            parsed = IPv4Address(int(parsed) & 0xFFFFFFFF)
        else:
            return any(parsed in network for network in _INSIDE_6)
    return any(parsed in network for network in _INSIDE_4)


@lru_cache(4096)
def is_inside_host(host: str) -> bool:
    """Whether a URL's host is itself an inside address, in any spelling that a resolver takes, or names this machine.

    A name that must be resolved first is not judged here (False); its addresses are judged when they are known.
    """
    name = host.strip("[]").rstrip(".").lower()
    if name == "localhost" or name.endswith(".localhost"):
        return True
    if ":" in name:
        return is_inside(name)
    try:
        packed = socket.inet_aton(name)
    except OSError:
        return False
    return is_inside(socket.inet_ntoa(packed))


def is_this_machine(host: str) -> bool:
    """Whether a URL's host plainly means this machine: `localhost` or a loopback address."""
    name = host.strip("[]").rstrip(".").lower()
    if name == "localhost":
        return True
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False
