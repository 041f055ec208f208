"""Which numeric addresses belong to the public internet, by the IANA registries of special addresses."""

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

# https://www.iana.org/assignments/iana-ipv4-special-registry, copied here because `is_global` differs between releases
# of Python. The last one is Azure's server for virtual machines, which has a public address.
_SPECIAL_4 = [
    IPv4Network(each)
    for each in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
        "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
        "224.0.0.0/4", "240.0.0.0/4", "168.63.129.16/32",
    )
]  # fmt: skip

_GLOBAL_6 = IPv6Network("2000::/3")
# https://www.iana.org/assignments/iana-ipv6-special-registry: 2001::/23 with Teredo, 6to4, and documentation. Old
# tunnels are refused whatever their target is, because no site is reachable only through them.
_SPECIAL_6 = [IPv6Network(each) for each in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")]

_MAPPED = IPv6Network("::ffff:0:0/96")
_NAT64 = IPv6Network("64:ff9b::/96")
"""IPv6-only networks reach IPv4 hosts through these addresses (RFC 6052)."""


def is_public(number: str) -> bool:
    """Return whether a numeric IPv4 or IPv6 address belongs to the public internet."""
    try:
        address = ip_address(number)
    except ValueError:
        return False
    return _is_public_4(address) if isinstance(address, IPv4Address) else _is_public_6(address)


def _is_public_4(address: IPv4Address) -> bool:
    return not any(address in network for network in _SPECIAL_4)


def _is_public_6(address: IPv6Address) -> bool:
    if address.scope_id is not None:
        return False
    if address in _MAPPED or address in _NAT64:
        return _is_public_4(IPv4Address(int(address) & 0xFFFFFFFF))
    return address in _GLOBAL_6 and not any(address in network for network in _SPECIAL_6)
