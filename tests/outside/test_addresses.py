"""Which addresses are inside, in every dress they come in."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headrace.outside.addresses import is_inside, is_inside_host, is_this_machine

INSIDE = [
    "127.0.0.1", "10.1.2.3", "172.31.0.1", "192.168.1.1", "169.254.169.254", "100.100.100.200", "0.0.0.0", "224.0.0.1",
    "255.255.255.255", "192.0.0.192", "168.63.129.16", "::", "::1", "fe80::1", "fe80::1%eth0", "fd00::1", "ff02::1",
    "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "64:ff9b:1::1", "2002:7f00:1::", "2001::1", "::127.0.0.1",
    "fec0::1", "", "no address",
]  # fmt: skip
OPEN = ["1.1.1.1", "172.32.0.1", "100.128.0.1", "203.0.113.80", "2606:4700::1", "::ffff:1.1.1.1", "64:ff9b::101:101"]


@pytest.mark.parametrize("address", INSIDE)
def test_attack_inside_addresses_in_every_dress_are_seen(address: str) -> None:
    assert is_inside(address)


@pytest.mark.parametrize("address", OPEN)
def test_addresses_of_the_open_internet_are_not_inside(address: str) -> None:
    assert not is_inside(address)


@pytest.mark.parametrize(
    "host", ["localhost", "LOCALHOST.", "a.localhost", "127.1", "0x7f000001", "2130706433", "[::1]", "0"]
)
def test_attack_hosts_that_a_resolver_reads_as_inside_are_seen(host: str) -> None:
    assert is_inside_host(host)


@pytest.mark.parametrize("host", ["example.org", "localhost.example.org", "1.1.1.1", "10.example", "010.0.0.1"])
def test_names_wait_for_their_resolution(host: str) -> None:
    assert not is_inside_host(host)


def test_this_machine_is_known_by_its_plain_names_only() -> None:
    assert [is_this_machine(host) for host in ("localhost", "127.0.0.9", "[::1]", "10.0.0.1", "x.localhost")] == [
        True, True, True, False, False,
    ]  # fmt: skip


@given(st.ip_addresses(v=4))
def test_a_wrapped_address_is_judged_as_what_it_wraps(address: object) -> None:
    assert is_inside(f"::ffff:{address}") == is_inside(f"64:ff9b::{address}") == is_inside(str(address))
