"""JWT VC Issuer Metadata: where it is, whose it is, and which of its keys is meant."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.demo.issuer import jwk, new_key
from resolvers import keys
from resolvers.jwt_vc_issuer import find_key, metadata_url
from resolvers.model import Kind
from resolvers.problems import Invalid, Unavailable
from tests.internet import FakeInternet
from tests.resolvers.lookup import FakeLookup

ISSUER = "https://issuer.example/tenant/1234"
URL = "https://issuer.example/.well-known/jwt-vc-issuer/tenant/1234"
ONE, TWO = jwk(new_key()), jwk(new_key("P-256"))


def served(metadata: Any, **lookup: Any) -> FakeLookup:
    """Return look-ups in which the metadata is served."""
    internet = FakeInternet()
    internet.serve(URL, metadata)
    return FakeLookup(internet, **lookup)


def metadata(*entries: dict[str, Any], issuer: str = ISSUER) -> dict[str, Any]:
    """Return metadata with those keys."""
    return {"issuer": issuer, "jwks": {"keys": list(entries)}}


async def refused(lookup: FakeLookup, kid: str | None = "1", issuer: str = ISSUER) -> str:
    """Return the code for which a key is not found, with a capital for what is only unknown."""
    with pytest.raises((Invalid, Unavailable)) as stopped:
        await find_key(issuer, kid, lookup)
    fate = "wrong" if isinstance(stopped.value, Invalid) else "unknown"
    return f"{fate}: {stopped.value.problem.code}"


@pytest.mark.parametrize(
    ("issuer", "url"),
    [
        ("https://example.com", "https://example.com/.well-known/jwt-vc-issuer"),
        ("https://example.com/", "https://example.com/.well-known/jwt-vc-issuer"),
        ("https://example.com/tenant/1234", "https://example.com/.well-known/jwt-vc-issuer/tenant/1234"),
        ("https://example.com/tenant/", "https://example.com/.well-known/jwt-vc-issuer/tenant"),
        ("https://example.com:8443/a", "https://example.com:8443/.well-known/jwt-vc-issuer/a"),
    ],
)
def test_well_known_string_stands_before_the_path(issuer: str, url: str) -> None:
    """Between host and path, and without a terminating slash."""
    assert metadata_url(issuer) == url


@pytest.mark.parametrize(
    "issuer",
    [
        *("http://example.com", "did:web:example.com", "https://example.com?a", "https://example.com#a", "x", ""),
        "https://[example.com",
    ],
)
def test_other_issuers_have_none(issuer: str) -> None:
    """It is for https URLs without query and fragment."""
    with pytest.raises(Invalid) as stopped:
        metadata_url(issuer)
    assert stopped.value.problem.code == "INVALID_VERIFICATION_METHOD_URL"


async def test_key_is_found_by_its_kid() -> None:
    """Among the keys that the metadata holds, with where it came from."""
    lookup = served(metadata({**ONE, "kid": "1"}, {**TWO, "kid": "2"}))
    for kid, entry in (("1", ONE), ("2", TWO)):
        key, source = await find_key(ISSUER, kid, lookup)
        assert (key.type, key.key, source.url) == (keys.from_jwk(entry).type, keys.from_jwk(entry).key, URL)
    assert lookup.kinds == [Kind.JWKS] * 2


async def test_only_key_needs_no_kid() -> None:
    """Of several, one without a name could be any."""
    key, _ = await find_key(ISSUER, None, served(metadata(ONE)))
    assert key.key == keys.from_jwk(ONE).key
    assert await refused(served(metadata(ONE, TWO)), None) == "unknown: INVALID_VERIFICATION_METHOD_URL"
    assert await refused(served(metadata()), None) == "wrong: NOT_FOUND"


async def test_keys_may_lie_elsewhere() -> None:
    """`jwks_uri` leads to them, and to no third place."""
    lookup = served({"issuer": ISSUER, "jwks_uri": "https://keys.example/set"})
    lookup.internet.serve("https://keys.example/set", {"keys": [{**ONE, "kid": "1"}]})
    key, source = await find_key(ISSUER, "1", lookup)
    assert (key.key, source.url) == (keys.from_jwk(ONE).key, "https://keys.example/set")
    assert lookup.internet.requests == [URL, "https://keys.example/set"]


async def test_T33_metadata_of_another_issuer_is_not_used() -> None:
    """`issuer` is identical to `iss`, to the last slash."""
    for other in (f"{ISSUER}/", "https://issuer.example", ISSUER.upper()):
        lookup = served(metadata({**ONE, "kid": "1"}, issuer=other))
        assert await refused(lookup) == "wrong: INVALID_CONTROLLED_IDENTIFIER_DOCUMENT_ID"


async def test_two_issuers_may_share_an_address() -> None:
    """What one is refused for is not what the other gets: the metadata is remembered, and compared each time."""
    lookup = served(metadata({**ONE, "kid": "1"}))
    assert await refused(lookup, issuer=f"{ISSUER}/") == "wrong: INVALID_CONTROLLED_IDENTIFIER_DOCUMENT_ID"
    assert (await find_key(ISSUER, "1", lookup))[0].key == keys.from_jwk(ONE).key


@pytest.mark.parametrize(
    "content",
    [
        {"issuer": ISSUER},
        {"issuer": ISSUER, "jwks": {"keys": []}, "jwks_uri": "https://keys.example"},
        {"issuer": ISSUER, "jwks_uri": 5},
        {"issuer": ISSUER, "jwks": {}},
        {"issuer": ISSUER, "jwks": []},
        {"issuer": ISSUER, "jwks": {"keys": {}}},
        {"issuer": 5, "jwks": {"keys": []}},
        {"jwks": {"keys": []}},
        [],
        "x",
    ],
    ids=str,
)
async def test_malformed_metadata_is_refused(content: Any) -> None:
    """It has an issuer, and either `jwks` or `jwks_uri`, but not both."""
    assert await refused(served(content if isinstance(content, dict) else str(content).encode())) in (
        "wrong: INVALID_CONTROLLED_IDENTIFIER_DOCUMENT",
        "unknown: response-malformed",
    )


@pytest.mark.parametrize("body", ["<html>", '{"issuer": 1, "issuer": 2}', ""])
async def test_T13_page_in_its_place_leaves_the_key_unknown(body: str) -> None:
    """An error page is an outage, and no statement about keys."""
    assert await refused(served(body)) == "unknown: response-malformed"


@pytest.mark.parametrize(
    ("entry", "code"),
    [
        ({**ONE, "kid": "1", "d": "x"}, "unknown: unsupported-key-type"),
        ({"kty": "EC", "crv": "brainpool", "kid": "1"}, "unknown: unsupported-key-type"),
        ({**ONE, "kid": "1", "use": "enc"}, "unknown: unsupported-key-type"),
        ({**ONE, "kid": 1}, "wrong: NOT_FOUND"),
        ({**ONE, "kid": "2"}, "wrong: NOT_FOUND"),
        ("x", "wrong: NOT_FOUND"),
    ],
    ids=["private", "unknown curve", "for encryption", "number as kid", "another kid", "no key"],
)
async def test_key_that_cannot_be_used(entry: Any, code: str) -> None:
    """A key that is private, not for signatures or of another kind is not used, and no other in its place."""
    assert await refused(served(metadata(entry, {**TWO, "kid": "3"}))) == code


async def test_two_keys_of_one_name_are_none() -> None:
    """Which of them is meant cannot be known."""
    lookup = served(metadata({**ONE, "kid": "1"}, {**TWO, "kid": "1"}))
    assert await refused(lookup) == "unknown: INVALID_VERIFICATION_METHOD_URL"


async def test_T56_key_that_was_added_since_is_found() -> None:
    """A remembered set without the key is fetched again once it has some age, and believed before."""
    lookup = served(metadata({**ONE, "kid": "1"}), age=30.0)
    await find_key(ISSUER, "1", lookup)
    lookup.internet.serve(URL, metadata({**ONE, "kid": "1"}, {**TWO, "kid": "2"}))
    assert await refused(lookup, "2") == "wrong: NOT_FOUND"
    lookup.age = 61.0
    key, _ = await find_key(ISSUER, "2", lookup)
    assert key.key == keys.from_jwk(TWO).key
    assert lookup.internet.requests == [URL, URL]


async def test_T56_outage_is_not_read_as_absence() -> None:
    """Where only an old copy lacks the key, nobody can say that the issuer has none."""
    lookup = served(metadata({**ONE, "kid": "1"}), age=61.0)
    await find_key(ISSUER, "1", lookup)
    lookup.internet.fail(URL)
    assert await refused(lookup, "2") == "unknown: unreachable"
    assert (await find_key(ISSUER, "1", lookup))[0].key == keys.from_jwk(ONE).key
