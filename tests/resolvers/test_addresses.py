"""What may be contacted: URLs before DNS, addresses after it."""

from __future__ import annotations

import ipaddress
from typing import Final

import pytest

from resolvers._addresses import DENIED_IPV4, DENIED_IPV6, Grammar, development_origins, is_public
from resolvers.problems import Unavailable

NOT_GLOBAL_UNICAST: Final = [
    "::/8",
    "::1/128",
    "::ffff:0:0/96",
    "64:ff9b::/96",
    "64:ff9b:1::/48",
    "100::/64",
    "100:0:0:1::/64",
    "5f00::/16",
    "4000::/3",
    "fc00::/7",
    "fe80::/10",
    "fec0::/10",
    "ff00::/8",
]
"""Special-purpose IPv6 space that lies outside 2000::/3."""
PUBLIC: Final = [
    "1.1.1.1",
    "8.8.8.8",
    "9.255.255.255",
    "11.0.0.0",
    "100.63.255.255",
    "100.128.0.0",
    "126.255.255.255",
    "128.0.0.0",
    "168.63.129.15",
    "169.253.255.255",
    "172.15.255.255",
    "172.32.0.0",
    "192.0.1.0",
    "192.167.255.255",
    "198.17.255.255",
    "198.20.0.0",
    "223.255.255.255",
    "2001:200::1",
    "2001:db7:ffff::1",
    "2606:4700::1111",
    "2a00:1450:4001::1",
]
REFUSED_HOSTS: Final = [
    "127.0.0.1",
    "2130706433",
    "0x7f000001",
    "0x7f.1",
    "0177.0.0.1",
    "017700000001",
    "127.1",
    "127.0.0.1.",
    "1.2.3.0x4",
    "[::1]",
    "[::ffff:127.0.0.1]",
    "[fe80::1%25eth0]",
    "%31%32%37.0.0.1",
    "localhost",
    "metadata",
    "issuer.example.",
    "issuer..example",
    ".example",
    "-issuer.example",
    "issuer-.example",
    "issuer_.example",
    "a" * 64 + ".example",
    "a." * 126 + "example",
    "",
]
REFUSED_URLS: Final = [
    "http://issuer.example/",
    "ftp://issuer.example/",
    "file:///etc/passwd",
    "gopher://issuer.example/",
    "data:application/json,{}",
    "//issuer.example/",
    "issuer.example/did.json",
    "",
    "https:issuer.example/",
    "https:///issuer.example/",
    "https://user@issuer.example/",
    "https://user:secret@issuer.example/",
    "https://@issuer.example/",
    "https://issuer.example@127.0.0.1/",
    "https://127.0.0.1\\@issuer.example/",
    "https://issuer.example\\@127.0.0.1/",
    "https://issuer.example:80/",
    "https://issuer.example:22/",
    "https://issuer.example:8443/",
    "https://issuer.example:0/",
    "https://issuer.example:65536/",
    "https://issuer.example:-1/",
    "https://issuer.example:443a/",
    "https://issuer.example:/",
    "https://issuer.example/#fragment",
    "https://issuer.example/a b",
    "https://issuer.example/\r\nHost: internal.example",
    "https://issuer.example/\x00",
    "https://issuer.example\t/",
    "https://\uff11\uff12\uff17.0.0.1/",
    "https://ⓘssuer.example/",
    "https://issuer。example/",
    "https://issuer.example/é",
    "https://[::1/",
    "https://issuer.example/" + "a" * 2048,
]


def around(network: str) -> list[str]:
    """Return the first, the second, a middle and the last address of a network."""
    net = ipaddress.ip_network(network)
    return sorted({str(net[index]) for index in (0, min(1, net.num_addresses - 1), net.num_addresses // 2, -1)})


@pytest.mark.parametrize("network", [*map(str, (*DENIED_IPV4, *DENIED_IPV6)), *NOT_GLOBAL_UNICAST])
def test_T1_T5_no_special_purpose_address_is_public(network: str) -> None:
    """Each range of the IANA special-purpose registries is denied from its first address to its last."""
    assert [address for address in around(network) if is_public(address)] == []


@pytest.mark.parametrize(
    "address",
    [
        "169.254.169.254",
        "100.100.100.200",
        "168.63.129.16",
        "192.0.0.192",
        "::127.0.0.1",
        "::ffff:169.254.169.254",
        "64:ff9b::a9fe:a9fe",
        "2002:a9fe:a9fe::1",
        "2001:0:a9fe:a9fe::1",
        "fd00:ec2::254",
        "2606:4700::1111%eth0",
        "192.88.99.1",
        "not an address",
        "",
    ],
)
def test_T5_no_disguise_of_an_internal_address_is_public(address: str) -> None:
    """Metadata addresses, and IPv4 addresses inside IPv6 ones, are denied; so is what is no address."""
    assert not is_public(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_the_neighbours_of_denied_ranges_are_public(address: str) -> None:
    """No range is denied too widely."""
    assert is_public(address)


@pytest.mark.parametrize("url", [*REFUSED_URLS, *(f"https://{host}/did.json" for host in REFUSED_HOSTS)])
def test_T4_odd_urls_are_refused_from_their_characters_alone(url: str) -> None:
    """Addresses in any notation, user names, odd ports, other schemes and odd characters are refused."""
    with pytest.raises(Unavailable) as refused:
        Grammar().locate(url)
    assert refused.value.problem.code == "egress-refused"


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://issuer.example/.well-known/did.json", "issuer.example"),
        ("https://issuer.example", "issuer.example"),
        ("https://issuer.example:443/status?list=3&x=%20", "issuer.example"),
        ("HTTPS://Issuer.Example/DID.json", "issuer.example"),
        ("https://xn--bcher-kva.example/", "xn--bcher-kva.example"),
        ("https://1.issuer.example/", "1.issuer.example"),
        ("https://issuer.xn--p1ai/", "issuer.xn--p1ai"),
    ],
)
def test_ordinary_urls_are_located(url: str, host: str) -> None:
    """An https URL of a domain name leads to that host on port 443."""
    target = Grammar().locate(url)
    assert (target.host, target.port, target.loopback) == (host, 443, None)


def test_the_operator_may_allow_other_ports() -> None:
    """A port is contacted if and only if it is configured."""
    grammar = Grammar(ports=frozenset({443, 8443}))
    assert grammar.locate("https://issuer.example:8443/").port == 8443
    with pytest.raises(Unavailable, match="port"):
        grammar.locate("https://issuer.example:8444/")


def test_development_hosts_are_looked_up_before_the_grammar() -> None:
    """A mapped host, or host and port, leads to loopback even where the grammar would refuse it; nothing else does."""
    hosts = {"issuer.example": "http://127.0.0.1:9900", "localhost:9901": "http://[::1]:9901"}
    grammar = Grammar(development=development_origins(hosts))
    assert grammar.locate("https://issuer.example/did.json").loopback == ("127.0.0.1", 9900)
    assert grammar.locate("https://ISSUER.example:443/did.json").loopback == ("127.0.0.1", 9900)
    assert grammar.locate("https://localhost:9901/did.json").loopback == ("::1", 9901)
    assert grammar.locate("https://other.example/").loopback is None
    for url in (
        "https://issuer.example:8443/",
        "https://localhost/",
        "http://issuer.example/",
        "https://a@issuer.example/",
    ):
        with pytest.raises(Unavailable):
            grammar.locate(url)


@pytest.mark.parametrize(
    "origin",
    [
        "http://10.0.0.1:9900",
        "http://localhost:9900",
        "http://127.0.0.1",
        "http://127.0.0.1:0",
        "http://127.0.0.1:65536",
        "http://127.0.0.999:80",
        "http://127.0.0.1:9900/path",
        "https://127.0.0.1:9900",
        "http://127.0.0.1.issuer.example:9900",
        "http://user@127.0.0.1:9900",
        "http://[::2]:9900",
    ],
)
def test_development_hosts_lead_to_loopback_only(origin: str) -> None:
    """A mapping onto anything but plain http on a literal loopback address with a port is refused."""
    with pytest.raises(ValueError, match=r"127|IPv4"):
        development_origins({"issuer.example": origin})
