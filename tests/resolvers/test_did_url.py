"""`resolvers.did_url`: what is a DID, and what could name a verification method."""

from __future__ import annotations

import pytest

from resolvers import did_url
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
