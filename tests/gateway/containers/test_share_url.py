"""A record behind the address under which it is shared."""

from __future__ import annotations

import pytest

from gateway.containers.share_url import PLUGIN
from resolvers.problems import Invalid, Unavailable
from tests.gateway.containers.opening import opened
from tests.internet import FakeInternet

URL = "https://wallet.example/share/1"
RECORD = "https://wallet.example/share/1.json"


def page(*links: str) -> str:
    """Return a page with those links."""
    return f"<!doctype html><html><head><title>A badge</title>{''.join(links)}</head><body>Hello</body></html>"


def link(address: str, media_type: str = "application/ld+json") -> str:
    """Return the link to another form of the page."""
    return f'<link rel="alternate" type="{media_type}" href="{address}">'


@pytest.fixture
def internet() -> FakeInternet:
    """An internet with a record."""
    made = FakeInternet()
    made.serve(RECORD, {"a": 1}, media_type="application/ld+json")
    return made


async def test_json_behind_an_address_is_the_record(internet: FakeInternet) -> None:
    """What is no page is the record, whatever it is; the fragment stays here."""
    (inside,) = await opened(PLUGIN, f"{RECORD}#secret", internet=internet)
    assert (inside.content, inside.media_type) == (b'{"a": 1}', "application/ld+json")
    assert internet.requests == [RECORD]


@pytest.mark.parametrize("address", ["1.json", "/share/1.json", RECORD])
async def test_a_page_leads_to_its_record(internet: FakeInternet, address: str) -> None:
    """The one alternate form that is a record is fetched, relative to the page."""
    internet.serve(URL, page(link("/style.css", "text/css"), link(address)), media_type="text/html")
    (inside,) = await opened(PLUGIN, URL, internet=internet)
    assert inside.content == b'{"a": 1}'
    assert internet.requests == [URL, RECORD]


async def test_the_link_that_says_most_counts(internet: FakeInternet) -> None:
    """A link to a credential comes before one to some JSON."""
    links = link("/oembed.json", "application/json"), link(RECORD, "application/vc")
    internet.serve(URL, page(*links), media_type="text/html")
    (inside,) = await opened(PLUGIN, URL, internet=internet)
    assert inside.content == b'{"a": 1}'


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (page(), "not-a-credential"),
        (page('<a href="/share/1.json">download</a>'), "not-a-credential"),
        (page(link("/a.json"), link("/b.json")), "container-malformed"),
    ],
)
async def test_a_page_that_does_not_say_which_is_refused(internet: FakeInternet, content: str, code: str) -> None:
    """Without a link, or with two of a kind, there is no record to be had, and nothing more is fetched."""
    internet.serve(URL, content, media_type="text/html")
    with pytest.raises(Invalid) as refused:
        await opened(PLUGIN, URL, internet=internet)
    assert (refused.value.problem.code, internet.requests) == (code, [URL])


async def test_T1_a_page_sends_us_nowhere_twice(internet: FakeInternet) -> None:
    """One hop from a page is all: a second page is the end, and no third address is fetched."""
    internet.serve(URL, page(link("/2")), media_type="text/html")
    internet.serve("https://wallet.example/2", page(link("http://169.254.169.254/")), media_type="text/html")
    with pytest.raises(Invalid) as refused:
        await opened(PLUGIN, URL, internet=internet)
    assert refused.value.problem.code == "not-a-credential"
    assert internet.requests == [URL, "https://wallet.example/2"]


async def test_T1_an_address_behind_an_address_is_not_followed(internet: FakeInternet) -> None:
    """What was fetched cannot name the next address to fetch."""
    with pytest.raises(Unavailable) as left:
        await opened(PLUGIN, RECORD, internet=internet, fetched=True)
    assert (left.value.problem.code, internet.requests) == ("not-asked", [])


async def test_an_outage_is_no_answer() -> None:
    """An address that does not answer leaves open what is there."""
    with pytest.raises(Unavailable) as left:
        await opened(PLUGIN, URL)
    assert left.value.problem.code == "unreachable"


@pytest.mark.parametrize("body", [link("http://[x"), "<![foo[x]]>", "<![\n"], ids=["address", "section", "name"])
async def test_a_page_that_cannot_be_read_is_refused(internet: FakeInternet, body: str) -> None:
    """An address that is none, and a declaration that the parser refuses, are the page's defects and no one else's."""
    internet.serve(URL, page(link(RECORD), body), media_type="text/html")
    with pytest.raises(Invalid) as refused:
        await opened(PLUGIN, URL, internet=internet)
    assert refused.value.problem.code == "container-malformed"
    assert internet.requests == [URL]


async def test_an_address_that_is_none_is_not_to_be_had(internet: FakeInternet) -> None:
    """It is left to the guard, whatever stands behind its fragment's sign."""
    with pytest.raises(Unavailable) as missing:
        await opened(PLUGIN, "https://[x#y", internet=internet)
    assert missing.value.problem.code == "unreachable"
