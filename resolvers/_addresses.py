"""What may be contacted: the grammar of a URL before DNS, and the addresses after it.

`ipaddress.is_global` of Python 3.11 passes NAT64, 6to4, Teredo, site-local and multicast addresses,
each of which can lead back inside. So this is a table of its own, from the IANA special-purpose
address registries (RFC 6890 and its successors), as of 2026.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from resolvers.problems import Unavailable

if TYPE_CHECKING:
    from collections.abc import Mapping

DENIED_IPV4: Final = tuple(
    map(
        ipaddress.IPv4Network,
        (
            "0.0.0.0/8",  # "this network", RFC 791
            "10.0.0.0/8",  # private use, RFC 1918
            "100.64.0.0/10",  # shared address space, RFC 6598; 100.100.100.200 is a cloud's metadata
            "127.0.0.0/8",  # loopback, RFC 1122
            "168.63.129.16/32",  # a cloud's metadata; not IANA's, yet never a stranger's server
            "169.254.0.0/16",  # link local, RFC 3927; 169.254.169.254 is metadata
            "172.16.0.0/12",  # private use, RFC 1918
            "192.0.0.0/24",  # IETF protocol assignments, RFC 6890, with all that is carved out of it
            "192.0.2.0/24",  # documentation, RFC 5737
            "192.31.196.0/24",  # AS112-v4, RFC 7535
            "192.52.193.0/24",  # AMT, RFC 7450
            "192.88.99.0/24",  # deprecated 6to4 relay anycast, RFC 7526
            "192.168.0.0/16",  # private use, RFC 1918
            "192.175.48.0/24",  # direct delegation AS112, RFC 7534
            "198.18.0.0/15",  # benchmarking, RFC 2544
            "198.51.100.0/24",  # documentation, RFC 5737
            "203.0.113.0/24",  # documentation, RFC 5737
            "224.0.0.0/4",  # multicast, RFC 5771
            "240.0.0.0/4",  # reserved, RFC 1112, and limited broadcast, RFC 8190
        ),
    )
)
ALLOWED_IPV6: Final = ipaddress.IPv6Network("2000::/3")
"""Global unicast, RFC 4291. Outside it lie loopback, IPv4-mapped and -compatible, NAT64 (64:ff9b::/96,
64:ff9b:1::/48), discard-only 100::/64, SRv6 5f00::/16, unique local fc00::/7, link local fe80::/10,
site local fec0::/10 and multicast ff00::/8."""
DENIED_IPV6: Final = tuple(
    map(
        ipaddress.IPv6Network,
        (
            "2001::/23",  # IETF protocol assignments, RFC 2928: Teredo, benchmarking, ORCHID, …
            "2001:db8::/32",  # documentation, RFC 3849
            "2002::/16",  # 6to4, RFC 3056: carries any IPv4 address
            "2620:4f:8000::/48",  # direct delegation AS112, RFC 7534
            "3fff::/20",  # documentation, RFC 9637
        ),
    )
)

_URL = re.compile(r"[A-Za-z0-9\-._~:/?\[\]@!$&'()*+,;=%]{1,2048}")
"""RFC 3986's characters without "#": what is fetched has no fragment."""
_HOST = re.compile(r"(?=.{4,253}\Z)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])")
"""A fully qualified name whose last label begins with a letter: no address in any notation is one."""
_HTTPS: Final = 443
_ORIGIN = re.compile(r"http://(?P<host>127(?:\.[0-9]{1,3}){3}|\[::1\]):(?P<port>[0-9]{1,5})/?")


def is_public(address: str) -> bool:
    """Whether `address`, as getaddrinfo gives it, is one that strangers may send us to."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv4Address):
        return not any(ip in network for network in DENIED_IPV4)
    return ip.scope_id is None and ip in ALLOWED_IPV6 and not any(ip in network for network in DENIED_IPV6)


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Where a URL leads: to `host` over TLS, or (in development only) to a loopback address without."""

    host: str
    port: int
    loopback: tuple[str, int] | None = None

    @property
    def key(self) -> str:
        """What limits per host are counted by."""
        return f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Grammar:
    """Which URLs may be fetched at all, decided from their characters alone."""

    ports: frozenset[int] = frozenset({_HTTPS})
    development: Mapping[str, tuple[str, int]] = field(default_factory=lambda: MappingProxyType({}))
    """Host, or host:port, as it stands in an https URL → loopback address and port."""

    def locate(self, url: str) -> Target:
        """Return where `url` leads.

        Raises:
            Unavailable: `egress-refused`.
        """
        if not _URL.fullmatch(url):
            raise Unavailable("egress-refused", "the URL has characters or a length that a URL cannot have")
        try:
            parts = urlsplit(url)
            port = _HTTPS if parts.port is None else parts.port
        except ValueError:
            raise Unavailable("egress-refused", "the URL is malformed") from None
        if parts.scheme != "https":
            raise Unavailable("egress-refused", "the URL is not an https URL")
        if "@" in parts.netloc:
            raise Unavailable("egress-refused", "the URL carries a user name")
        host = parts.hostname or ""
        name = host if port == _HTTPS else f"{host}:{port}"
        if name in self.development:
            return Target(host=host, port=port, loopback=self.development[name])
        if not _HOST.fullmatch(host):
            raise Unavailable("egress-refused", "the URL's host is not a fully qualified domain name")
        if port not in self.ports or parts.netloc.endswith(":"):
            raise Unavailable("egress-refused", f"the URL's port is not one that is contacted: {parts.netloc}")
        return Target(host=host, port=port)


def development_origins(hosts: Mapping[str, str]) -> Mapping[str, tuple[str, int]]:
    """Return `[development] hosts` (host or host:port → `http://127.0.0.1:port`) as addresses.

    Raises:
        ValueError: an origin is not plain http on a literal loopback address with a port.
    """
    origins = {}
    for name, origin in hosts.items():
        match = _ORIGIN.fullmatch(origin)
        if match is None or not 0 < int(match["port"]) < 2**16:
            message = f"[development] hosts: {name} may lead to http://127.0.0.1:<port> only, not to {origin}"
            raise ValueError(message)
        address = match["host"].strip("[]")
        ipaddress.ip_address(address)
        origins[name.lower().removesuffix(":443")] = (address, int(match["port"]))
    return MappingProxyType(origins)
