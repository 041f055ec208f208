"""Which addresses belong to the public internet."""

from ipaddress import IPv4Address, IPv6Address

import pytest
from qingbo.fetching.public import is_public

PRIVATE_4 = (
    "0.0.0.0", "0.1.2.3", "10.0.0.0", "10.255.255.255", "100.64.0.0", "100.127.255.255", "127.0.0.1", "127.255.255.255",
    "169.254.0.1", "169.254.169.254", "172.16.0.0", "172.31.255.255", "192.0.0.1", "192.0.0.192", "192.0.2.1",
    "192.88.99.1", "192.168.0.0", "192.168.255.255", "198.18.0.0", "198.19.255.255", "198.51.100.7", "203.0.113.9",
    "224.0.0.1", "239.255.255.255", "240.0.0.0", "255.255.255.255", "168.63.129.16", "100.100.100.200",
)  # fmt: skip
PUBLIC_4 = ("1.1.1.1", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "172.15.0.1", "172.32.0.0",
            "192.0.1.1", "192.167.1.1", "198.17.1.1", "198.20.0.0", "223.255.255.255", "93.184.215.14")  # fmt: skip
PRIVATE_6 = (
    "::", "::1", "::2", "100::1", "fc00::1", "fd00:ec2::254", "fe80::1", "fe80::1%eth0", "fec0::1", "ff02::1",
    "2001::1", "2001:10::1", "2001:20::1", "2001:db8::1", "2002::1", "2002:7f00:1::", "2002:101:101::", "3fff::1",
    "64:ff9b:1::1", "4000::1", "2606:4700::1%1", "5f00::1", "::1.1.1.1", "::ffff:0:1.1.1.1",
)  # fmt: skip


@pytest.mark.parametrize("number", [*PRIVATE_4, *PRIVATE_6, "", "a.example", "1.1", "127.1", "2130706433", "1.1.1.1.1"])
def test_what_is_not_public(number: str) -> None:
    assert not is_public(number)


@pytest.mark.parametrize("number", [*PUBLIC_4, "2606:4700:4700::1111", "2a00:1450::1", "2400:cb00::1"])
def test_what_is(number: str) -> None:
    assert is_public(number)


@pytest.mark.parametrize("form", ["::ffff:{}", "64:ff9b::{}"])
def test_an_ipv4_address_in_ipv6_is_what_it_is(form: str) -> None:
    assert not any(is_public(form.format(number)) for number in PRIVATE_4)
    assert all(is_public(form.format(number)) for number in PUBLIC_4)


@pytest.mark.parametrize("number", [*PRIVATE_4, *PUBLIC_4])
def test_the_old_tunnels_are_refused_whatever_they_lead_to(number: str) -> None:
    inside = int(IPv4Address(number))
    assert not is_public(str(IPv6Address(0x2002 << 112 | inside << 80)))
    assert not is_public(str(IPv6Address(0x20010000 << 96 | inside << 64)))
    assert not is_public(str(IPv6Address(0x20010000 << 96 | (inside ^ 0xFFFFFFFF))))
