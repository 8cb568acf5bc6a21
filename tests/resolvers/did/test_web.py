"""`resolvers.did.web`."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resolvers.did import web
from resolvers.problems import Invalid
from tests.resolvers.lookup import FakeLookup
from tests.shared import vector


@pytest.mark.parametrize(
    ("did", "url"),
    [
        ("did:web:w3c-ccg.github.io", "https://w3c-ccg.github.io/.well-known/did.json"),
        ("did:web:w3c-ccg.github.io:user:alice", "https://w3c-ccg.github.io/user/alice/did.json"),
        ("did:web:example.com%3A3000:user:alice", "https://example.com:3000/user/alice/did.json"),
        ("did:web:example.com%3a3000", "https://example.com:3000/.well-known/did.json"),
        ("did:web:EXAMPLE.com:A.b_c-d", "https://example.com/A.b_c-d/did.json"),
        ("did:web:example.com:a%20b", "https://example.com/a%20b/did.json"),
        ("did:web:xn--bcher-kva.example", "https://xn--bcher-kva.example/.well-known/did.json"),
        ("did:web:localhost%3A9900", "https://localhost:9900/.well-known/did.json"),
    ],
)
def test_url_of_a_did(did: str, url: str) -> None:
    """The specification's examples, ports and paths become the URLs that it says."""
    assert web.url_of(did) == url


@pytest.mark.parametrize(
    "did",
    [
        "did:web:127.0.0.1",
        "did:web:10.0.0.1%3A80",
        "did:web:2130706433",
        "did:web:0x7f.1",
        "did:web:0x7f000001",
        "did:web:a.0x",
        "did:web:1.2.3.4",
        "did:web:example.1",
        "did:web:%5B%3A%3A1%5D",
        "did:web:example.com.",
        "did:web:.example.com",
        "did:web:a..b",
        "did:web:-a.example",
        "did:web:a_b.example",
        "did:web:" + "a" * 64 + ".example",
        "did:web:" + "a." * 130 + "example",
        "did:web:user%40example.com",
        "did:web:example%2Ecom",
        "did:web:example.com%2Fpath",
        "did:web:example.com%3A",
        "did:web:example.com%3A0",
        "did:web:example.com%3A080",
        "did:web:example.com%3A65536",
        "did:web:example.com%3A443%3A444",
        "did:web:example.com%253A443",
        "did:web:example.com:.",
        "did:web:example.com:..",
        "did:web:example.com:...",
        "did:web:example.com::a",
        "did:web:example.com:",
        "did:web:example.com:%2e%2e:a",
        "did:web:example.com:%2E",
        "did:web:example.com:a%2fb",
        "did:web:example.com:a%2Fb",
        "did:web:example.com:a%5Cb",
        "did:web:example.com:%252e%252e",
        "did:web:example.com:a%3Fb",
        "did:web:example.com:a%23b",
        "did:web:example.com:a%00",
        "did:web:example.com:a%0Ab",
        "did:web:example.com/../x",
        "did:web:ex\u00e4mple.com",
        "did:web:\uff45xample.com",
        "did:web:",
    ],
)
async def test_T49_host_or_path_that_is_not_what_it_seems_is_refused(did: str) -> None:
    """Addresses, odd hosts, dots, hidden separators and double escapes are refused, and nothing is fetched."""
    lookup = FakeLookup()

    with pytest.raises(Invalid) as caught:
        await web.PLUGIN.resolve(did, lookup)

    assert caught.value.problem.code == "INVALID_DID"
    assert lookup.internet.requests == []


@given(st.text(st.sampled_from("aA1.-_%:/?#@\\[]2eEfF5cC3xX\u0435 "), max_size=24))
@settings(max_examples=400)
def test_T49_whatever_is_accepted_names_one_place(tail: str) -> None:
    """An accepted DID yields an https URL of a DNS name whose path no server could read otherwise."""
    try:
        url = web.url_of(f"did:web:{tail}")
    except Invalid as refused:
        assert refused.problem.code == "INVALID_DID"  # noqa: PT017 — either verdict is right
        return
    parts = urlsplit(url)
    assert (parts.scheme, parts.query, parts.fragment, parts.username) == ("https", "", "", None)
    assert parts.hostname is not None
    assert re.fullmatch(r"[a-z0-9.-]+", parts.hostname)
    assert not parts.hostname.rsplit(".", 1)[-1].isdigit()
    assert parts.port is None or 0 < parts.port < 65536
    assert parts.path.endswith("/did.json")
    segments = parts.path.split("/")[1:]
    assert all(segment.strip(".") for segment in segments)
    assert not re.search(r"%(2e|2f|5c|25|[01][0-9a-f]|7f)", parts.path, re.IGNORECASE)


@pytest.mark.shared
async def test_resolves_a_published_document() -> None:
    """A did:web with a path is fetched from where its university serves it."""
    content = vector("dcc/dids/legacy/did.json")
    lookup = FakeLookup()
    url = "https://digitalcredentials.github.io/vc-test-fixtures/dids/legacy/did.json"
    lookup.internet.serve(url, content)

    document, source = await web.PLUGIN.resolve(content["id"], lookup)

    assert document.id == content["id"]
    assert source is not None
    assert source.url == url
