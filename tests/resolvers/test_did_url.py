"""`resolvers.did_url`: what is a DID, and what could name a verification method."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from resolvers import did_url
from resolvers.model import DidVersion
from resolvers.problems import Invalid


def _code(url: str) -> str:
    with pytest.raises(Invalid) as caught:
        did_url.split_method_url(url)
    return caught.value.problem.code


def test_parses_a_did() -> None:
    """Method and method-specific id are told apart, percent-encoding and all."""
    did = did_url.parse("did:web:issuer.example%3A8443:a:b")

    assert did.method == "web"
    assert did.identifier == "issuer.example%3A8443:a:b"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "did:",
        "did:web",
        "did:web:",
        "did::x",
        "did:Web:x",
        "DID:web:x",
        "did:web:x:",
        "did:web:x/y",
        "did:web:x?y",
        "did:web:x#y",
        "did:web:%zz",
        "did:web:issu\u0435r.example",
        "did:web:x\n",
        " did:web:x",
        "did:key:" + "z" * 5000,
    ],
)
def test_T49_what_is_no_did_is_refused(text: str) -> None:
    """Only the grammar of DID Core is a DID: no path, no query, no fragment, nothing beyond ASCII."""
    with pytest.raises(Invalid) as caught:
        did_url.parse(text)

    assert caught.value.problem.code == "INVALID_DID"


@pytest.mark.parametrize(
    ("url", "document", "fragment"),
    [
        ("did:key:z6Mk#z6Mk", "did:key:z6Mk", "z6Mk"),
        ("did:web:issuer.example:a#key-1", "did:web:issuer.example:a", "key-1"),
        ("https://issuer.example/1?v=2#k%20", "https://issuer.example/1?v=2", "k%20"),
    ],
)
def test_splits_the_url_of_a_method(url: str, document: str, fragment: str) -> None:
    """The document is the URL without its fragment."""
    assert did_url.split_method_url(url) == (document, fragment)


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("", "INVALID_VERIFICATION_METHOD_URL"),
        ("#key", "INVALID_VERIFICATION_METHOD_URL"),
        ("key", "INVALID_VERIFICATION_METHOD_URL"),
        ("https://issuer.example/1", "INVALID_VERIFICATION_METHOD_URL"),
        ("https://issuer.example/1#", "INVALID_VERIFICATION_METHOD_URL"),
        ("https://issuer.example/1#a#b", "INVALID_VERIFICATION_METHOD_URL"),
        ("https://issuer.example/1#a b", "INVALID_VERIFICATION_METHOD_URL"),
        ("https://issuer.example/ 1#a", "INVALID_VERIFICATION_METHOD_URL"),
        ("http://issuer.example/1#a", "INVALID_VERIFICATION_METHOD_URL"),
        ("file:///etc/passwd#a", "INVALID_VERIFICATION_METHOD_URL"),
        ("urn:uuid:0#a", "INVALID_VERIFICATION_METHOD_URL"),
        ("https://issuer.example/" + "a" * 5000 + "#a", "INVALID_VERIFICATION_METHOD_URL"),
        ("did:key:z6Mk", "INVALID_DID_URL"),
        ("did:key:z6Mk#", "INVALID_DID_URL"),
        ("did:web:issuer.example/path#k", "INVALID_DID_URL"),
        ("did:web:issuer.example?versionId=1#k", "INVALID_DID_URL"),
        ("did:#k", "INVALID_DID_URL"),
    ],
)
def test_what_names_no_method_is_refused(url: str, code: str) -> None:
    """A method is named by a DID or an https URL with a fragment; everything else is refused."""
    assert _code(url) == code


_AT_NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("url", "version"),
    [
        ("did:webvh:x:issuer.example", None),
        ("did:webvh:x:issuer.example?versionId=2-Qm", DidVersion(id="2-Qm")),
        ("did:webvh:x:issuer.example?versionNumber=2", DidVersion(number=2)),
        ("did:webvh:x:issuer.example?versionTime=2026-06-01T12:00:00Z", DidVersion(time=_AT_NOON)),
        ("did:webvh:x:issuer.example?versionTime=2026-06-01T14%3A00%3A00%2B02%3A00", DidVersion(time=_AT_NOON)),
        ("did:webvh:x:issuer.example?versionId=2-Qm&versionNumber=2", DidVersion(id="2-Qm", number=2)),
    ],
)
def test_splits_a_version_from_a_did(url: str, version: DidVersion | None) -> None:
    """The query says which version is asked for, and each that is named."""
    assert did_url.split_version(url) == ("did:webvh:x:issuer.example", version)


@pytest.mark.parametrize(
    "url",
    [
        "did:webvh:x:issuer.example?",
        "did:webvh:x:issuer.example?service=files",
        "did:webvh:x:issuer.example?versionId=1&hl=x",
        "did:webvh:x:issuer.example?versionNumber=1&versionNumber=2",
        "did:webvh:x:issuer.example?versionNumber=0",
        "did:webvh:x:issuer.example?versionNumber=-1",
        "did:webvh:x:issuer.example?versionNumber=one",
        "did:webvh:x:issuer.example?versionNumber=",
        "did:webvh:x:issuer.example?versionTime=2026-06-01",
        "did:webvh:x:issuer.example?versionTime=2026-06-01T12:00:00",
        "did:webvh:x:issuer.example?versionId=1#key-1",
        "did:webvh:x:issuer.example/path?versionId=1",
        "did:webvh:x:issuer.example?versionId=%zz",
        "did:webvh:x:issuer.example?versionId=a b",
        "https://issuer.example/1?versionId=1",
        "did:webvh:x:issuer.example?versionId=" + "1" * 5000,
    ],
)
def test_what_asks_for_no_version_is_refused(url: str) -> None:
    """Another parameter, one twice, a value that is none, a path or a fragment: nothing is guessed."""
    with pytest.raises(Invalid) as caught:
        did_url.split_version(url)

    assert caught.value.problem.code == "INVALID_DID_URL"


@pytest.mark.parametrize("query", ["versionId=1-Qm", "versionTime=2020-01-01T00:00:00Z", "versionNumber=1"])
def test_T52_method_of_an_old_version_is_refused(query: str) -> None:
    """A key that was rotated since would sign on, if a proof could name the version in which it stood."""
    with pytest.raises(Invalid) as caught:
        did_url.split_method_url(f"did:webvh:x:issuer.example?{query}#key-1")

    assert caught.value.problem.code == "INVALID_DID_URL"
