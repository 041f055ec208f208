"""Checks of addresses before any name is resolved: which may be fetched at all."""

import re
from dataclasses import dataclass
from urllib.parse import SplitResult, quote, urljoin, urlsplit

from qingbo.fetching.errors import Refused

LONGEST = 2000
PORTS = {"http": 80, "https": 443}

_LABEL = r"[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?"
_HOST = re.compile(rf"{_LABEL}(?:\.{_LABEL}){{0,30}}\.?")
_KEPT = "%!$&'()*+,-./:;=?@_~[]"


@dataclass(frozen=True, slots=True)
class Target:
    """An address that may be fetched if its host is on the public internet."""

    scheme: str
    host: str
    """A name, or a numeric address as written; IPv6 without brackets."""
    path: str
    """Path and query, in ASCII."""

    @property
    def port(self) -> int:
        """The default port of the scheme; no other port is allowed."""
        return PORTS[self.scheme]

    def __str__(self) -> str:
        return f"{self.scheme}://{self.authority}{self.path}"

    @property
    def authority(self) -> str:
        """The host in the syntax of addresses."""
        return f"[{self.host}]" if ":" in self.host else self.host


def read_target(address: str) -> Target:
    """Parse and check an address.

    Raises:
        Refused: if it is never allowed.
    """
    if len(address) > LONGEST:
        raise Refused(f"The address has more than {LONGEST} characters.")
    if re.search(r"[\x00-\x20\x7f-\xa0]", address):
        raise Refused("The address has spaces or control characters in it.")
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        raise Refused("That is no address.") from None
    scheme = parts.scheme.lower()
    if scheme not in PORTS:
        raise Refused("Only http and https are asked.")
    if "@" in parts.netloc:
        raise Refused("The address holds a name or a password.")
    if port not in {None, PORTS[scheme]}:
        raise Refused("Only the ports 80 of http and 443 of https are asked.")
    return Target(scheme, _host(parts), _path(parts))


def next_target(target: Target, location: str) -> Target:
    """Return the target of a redirect.

    Raises:
        Refused: if the address is never allowed.
    """
    try:
        return read_target(urljoin(str(target), location.replace(" ", "%20")))
    except ValueError:
        raise Refused("It sends on to what is no address.") from None


def _host(parts: SplitResult) -> str:
    host = parts.hostname or ""
    if ":" in host:  # IPv6, checked by urlsplit; a zone would name a network interface of this machine
        if "%" in host:
            raise Refused("That is no host.")
        return host
    try:
        host = host if host.isascii() else host.encode("idna").decode()
    except UnicodeError:
        raise Refused("That is no host.") from None
    if len(host) > 253 or not _HOST.fullmatch(host):
        raise Refused("That is no host.")
    return host


def _path(parts: SplitResult) -> str:
    path = quote(parts.path, safe=_KEPT) or "/"
    return f"{path}?{quote(parts.query, safe=_KEPT)}" if parts.query else path
