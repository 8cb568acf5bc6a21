"""`resolvers.resolution`: DIDs and https issuers, through the look-ups of one request."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

import resolvers.did
from resolvers import registry
from resolvers.cache import DocumentCache
from resolvers.model import Budget, DidMethod, DidOptions, KeyType, Kind
from resolvers.problems import Invalid, Unavailable
from resolvers.request_lookup import RequestLookup
from resolvers.resolution import Resolution
from tests.internet import FakeInternet
from tests.resolvers.did.webvh_log import WebvhLog
from tests.resolvers.lookup import FakeLookup

if TYPE_CHECKING:
    from collections.abc import Awaitable

_METHODS = registry.scan(resolvers.did, DidMethod, lambda method: (method.name,))
_KEY = "z6MkjXe1vZvPRqFuc9nRBtZ3e1Y9XKDFSbjFAfzLfW2bD6cZ"
_OTHER_KEY = "z6MkpMKDNykeb9hSQkz8RWCRrqHoo3y56gQb3Lj78xWgkNZh"
_DID = "did:web:issuer.example"
_DID_URL = "https://issuer.example/.well-known/did.json"
_HTTPS = "https://issuer.example/issuers/1"
_JWK = {"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}


def _document(identifier: str, key: str = _KEY, name: str = "k") -> dict[str, Any]:
    method = {"id": f"{identifier}#{name}", "type": "Multikey", "controller": identifier, "publicKeyMultibase": key}
    return {"id": identifier, "verificationMethod": [method], "assertionMethod": [method["id"]]}


@pytest.fixture
def lookup() -> FakeLookup:
    """Return look-ups over an internet with one did:web issuer and one https issuer."""
    lookup = FakeLookup()
    lookup.internet.serve(_DID_URL, _document(_DID))
    lookup.internet.serve(_HTTPS, _document(_HTTPS))
    return lookup


@pytest.fixture
def resolution(lookup: FakeLookup) -> Resolution:
    """Return a resolution with every DID method there is."""
    return Resolution(_METHODS, lookup)


async def _code(awaitable: Awaitable[object], kind: type[Invalid | Unavailable] = Invalid) -> str:
    with pytest.raises(kind) as caught:
        await awaitable
    return caught.value.problem.code


@pytest.mark.parametrize("identifier", [_DID, _HTTPS])
async def test_dereferences_a_fetched_method(resolution: Resolution, lookup: FakeLookup, identifier: str) -> None:
    """A method of a did:web or https issuer comes with the provenance of its document."""
    method = await resolution.dereference(f"{identifier}#k", purpose="assertionMethod")

    assert (method.id, method.document) == (f"{identifier}#k", identifier)
    assert method.source is not None
    assert [method.source.url] == lookup.internet.requests
    assert lookup.kinds == [Kind.DID_DOCUMENT]


async def test_T33_document_with_another_id_is_refused(resolution: Resolution, lookup: FakeLookup) -> None:
    """A host that serves somebody else's document, or a copy of it, is not that issuer."""
    lookup.internet.serve(_DID_URL, _document("did:web:university.example"))
    lookup.internet.serve(_HTTPS, _document(f"{_HTTPS}/"))

    for identifier in (_DID, _HTTPS):
        refused = resolution.dereference(f"{identifier}#k", purpose="assertionMethod")
        assert await _code(refused) == "INVALID_CONTROLLED_IDENTIFIER_DOCUMENT_ID"


async def test_T61_one_cached_document_serves_only_its_own_id(resolution: Resolution, lookup: FakeLookup) -> None:
    """The https URL of a DID document is another identifier, also when the document is in the cache."""
    await resolution.resolve(_DID)

    assert await _code(resolution.resolve(_DID_URL)) == "INVALID_CONTROLLED_IDENTIFIER_DOCUMENT_ID"
    assert lookup.internet.requests == [_DID_URL]


@pytest.mark.parametrize("code", ["unreachable", "egress-refused"])
async def test_T13_unreachable_document_is_unavailable(resolution: Resolution, lookup: FakeLookup, code: str) -> None:
    """An issuer that does not answer, with a 404 for instance, has not been shown to lack the key."""
    lookup.internet.fail(_DID_URL, code)

    assert await _code(resolution.dereference(f"{_DID}#k", purpose="assertionMethod"), Unavailable) == code


@pytest.mark.parametrize(
    ("url", "code"),
    [
        (f"did:key:{_KEY}#{_OTHER_KEY}", "NOT_FOUND"),
        (f"did:key:{_KEY}#0", "NOT_FOUND"),
        (f"did:key:{_KEY}", "INVALID_DID_URL"),
        ("did:key:uAbc#uAbc", "INVALID_DID"),
        (f"{_DID}?x=1#k", "INVALID_DID_URL"),
        ("http://issuer.example/issuers/1#k", "INVALID_VERIFICATION_METHOD_URL"),
    ],
)
async def test_T34_split_and_malformed_urls_are_refused(
    resolution: Resolution, lookup: FakeLookup, url: str, code: str
) -> None:
    """The fragment of a did:key must be its body, and what is no method's URL is never fetched."""
    assert await _code(resolution.dereference(url, purpose="assertionMethod")) == code
    assert lookup.internet.requests == []


async def test_unknown_did_method_is_unavailable(resolution: Resolution) -> None:
    """A method that is not supported here could not be checked."""
    refused = resolution.dereference("did:example:1#k", purpose="assertionMethod")

    assert await _code(refused, Unavailable) == "METHOD_NOT_SUPPORTED"


async def test_T35_purpose_is_required_of_the_document(resolution: Resolution) -> None:
    """A key that may assert may not authenticate."""
    refused = resolution.dereference(f"{_HTTPS}#k", purpose="authentication")

    assert await _code(refused) == "INVALID_RELATIONSHIP_FOR_VERIFICATION_METHOD"


async def test_T52_rotated_key_is_seen_mid_cache(resolution: Resolution, lookup: FakeLookup) -> None:
    """A key that was added since is found by one more fetch, and the one it replaced is gone with it."""
    await resolution.dereference(f"{_DID}#k", purpose="assertionMethod")
    lookup.internet.serve(_DID_URL, _document(_DID, _OTHER_KEY, "new"))
    lookup.age = 61

    await resolution.dereference(f"{_DID}#new", purpose="assertionMethod")

    assert lookup.internet.requests == [_DID_URL, _DID_URL]
    lookup.age = 0
    assert await _code(resolution.dereference(f"{_DID}#k", purpose="assertionMethod")) == "NOT_FOUND"


async def test_T52_deactivated_did_is_refused(resolution: Resolution, lookup: FakeLookup) -> None:
    """A DID whose document says that it is deactivated has no keys."""
    lookup.internet.serve(_DID_URL, _document(_DID) | {"deactivated": True})

    assert await _code(resolution.dereference(f"{_DID}#k", purpose="assertionMethod")) == "did-deactivated"


async def test_T56_unknown_keys_cost_no_fetch_while_the_document_is_young(
    resolution: Resolution, lookup: FakeLookup
) -> None:
    """A thousand made-up keys of one issuer are answered from one fetch."""
    lookup.age = 59
    for number in range(1000):
        refused = resolution.dereference(f"{_DID}#made-up-{number}", purpose="assertionMethod")
        assert await _code(refused) == "NOT_FOUND"

    assert lookup.internet.requests == [_DID_URL]


async def test_T13_method_missing_from_an_outdated_copy_is_unavailable(
    resolution: Resolution, lookup: FakeLookup
) -> None:
    """While the issuer is out of reach, an old copy still serves its keys, and proves nothing about others."""
    await resolution.resolve(_DID)
    lookup.internet.fail(_DID_URL)
    lookup.age = 3000

    unknown = resolution.dereference(f"{_DID}#new", purpose="assertionMethod")

    assert await _code(unknown, Unavailable) == "unreachable"
    assert (
        await _code(resolution.lists_key(_DID, f"{_DID}#new", purpose="assertionMethod"), Unavailable) == "unreachable"
    )
    assert (await resolution.dereference(f"{_DID}#k", purpose="assertionMethod")).document == _DID


async def test_T56_rotation_and_storm_through_the_real_cache() -> None:
    """A key that was rotated is found by one forced refresh, and a thousand unknown ones force no more."""
    now = [datetime(2026, 7, 1, tzinfo=UTC).timestamp()]
    internet = FakeInternet(now=lambda: datetime.fromtimestamp(now[0], UTC))
    internet.serve(_DID_URL, _document(_DID), fresh_for=3600)
    cache = DocumentCache(internet, clock=lambda: now[0])
    budget = Budget(fetches=2000, deadline=asyncio.get_running_loop().time() + 60)
    resolution = Resolution(_METHODS, RequestLookup(cache=cache, budget=budget))

    old = await resolution.dereference(f"{_DID}#k", purpose="assertionMethod")
    internet.serve(_DID_URL, _document(_DID, _OTHER_KEY, "new"), fresh_for=3600)
    now[0] += 600
    new = await resolution.dereference(f"{_DID}#new", purpose="assertionMethod")
    for number in range(1000):
        refused = resolution.dereference(f"{_DID}#made-up-{number}", purpose="assertionMethod")
        assert await _code(refused) == "NOT_FOUND"
    await cache.close()

    assert old.key.key != new.key.key
    assert internet.requests == [_DID_URL, _DID_URL]


async def test_lists_key_asks_the_document_itself(resolution: Resolution, lookup: FakeLookup) -> None:
    """A document may name a method that stands elsewhere; a method elsewhere cannot name itself."""
    elsewhere = "https://issuer.example/keys#1"
    lookup.internet.serve(_HTTPS, _document(_HTTPS) | {"assertionMethod": [elsewhere]})

    assert await resolution.lists_key(_HTTPS, elsewhere, purpose="assertionMethod")
    assert not await resolution.lists_key(_HTTPS, elsewhere, purpose="authentication")
    assert not await resolution.lists_key(_HTTPS, f"{_HTTPS}#k", purpose="assertionMethod")
    assert not await resolution.lists_key(_DID, elsewhere, purpose="assertionMethod")


@pytest.mark.parametrize(
    "identifier", ["urn:uuid:0", "issuer", "", "https://issuer.example/#k", "http://issuer.example/"]
)
async def test_other_identifiers_have_no_document(resolution: Resolution, lookup: FakeLookup, identifier: str) -> None:
    """Only DIDs and https URLs are resolved."""
    assert await _code(resolution.resolve(identifier)) == "INVALID_VERIFICATION_METHOD_URL"
    assert lookup.internet.requests == []


async def test_origin_jwks_by_kid(resolution: Resolution, lookup: FakeLookup) -> None:
    """The origin's keys come by `kid`, those left out that are ambiguous, private or not understood."""
    lookup.internet.serve(
        "https://issuer.example:8443/.well-known/jwks.json",
        {
            "keys": [
                _JWK | {"kid": "good"},
                _JWK | {"kid": "twice"},
                _JWK | {"kid": "twice", "use": "sig"},
                _JWK | {"kid": "private", "d": "AA"},
                _JWK | {"kid": "encryption", "use": "enc"},
                {"kid": "unknown", "kty": "AKP"},
                _JWK,
                _JWK | {"kid": 7},
                "x",
            ]
        },
    )

    found = await resolution.origin_jwks("https://issuer.example:8443/keys/1?a=b#c")

    assert list(found) == ["good"]
    assert lookup.kinds == [Kind.JWKS]


@pytest.mark.parametrize(
    ("body", "kind", "code"),
    [
        (b"<html>", Unavailable, "response-malformed"),
        (b'{"keys":[],"keys":[]}', Unavailable, "response-malformed"),
        (b"{}", Invalid, "INVALID_VERIFICATION_METHOD"),
        (b"[]", Invalid, "INVALID_VERIFICATION_METHOD"),
        (b'{"keys":{}}', Invalid, "INVALID_VERIFICATION_METHOD"),
    ],
)
async def test_what_is_no_jwk_set_is_refused(
    resolution: Resolution, lookup: FakeLookup, body: bytes, kind: type[Invalid | Unavailable], code: str
) -> None:
    """An error page is no evidence, and another object has no keys."""
    lookup.internet.serve("https://issuer.example/.well-known/jwks.json", body)

    assert await _code(resolution.origin_jwks("https://issuer.example/keys/1"), kind) == code


@pytest.mark.parametrize(
    "url", ["http://issuer.example/", "did:web:issuer.example", "https://", "https://[", "https:///x"]
)
async def test_origin_jwks_needs_an_https_origin(resolution: Resolution, lookup: FakeLookup, url: str) -> None:
    """Without an https origin nothing is fetched."""
    assert await _code(resolution.origin_jwks(url)) == "INVALID_VERIFICATION_METHOD_URL"
    assert lookup.internet.requests == []


async def test_resolves_without_the_network_what_needs_none(resolution: Resolution, lookup: FakeLookup) -> None:
    """A did:key has its document in itself, and JSON can be made of it."""
    resolved = await resolution.resolve(f"did:key:{_KEY}")

    assert resolved.source is None
    assert _KEY in json.dumps(resolved.document.content)
    assert lookup.internet.requests == []


class TestPublishedKey:
    """A bare JSON Web Key, or a set, at an https URL."""

    _KEY_URL = "https://issuer.example/keys/1"

    @pytest.mark.parametrize(
        ("body", "fragment"),
        [
            (_JWK, ""),
            (_JWK | {"kid": "other"}, ""),
            ({"keys": [_JWK | {"kid": "1"}]}, ""),
            ({"keys": [_JWK | {"kid": "1"}, _JWK | {"kid": "2"}]}, "#2"),
            ({"keys": [_JWK | {"kid": f"{_KEY_URL}#a"}, _JWK | {"kid": "2"}]}, "#a"),
            ({"keys": [_JWK | {"kid": _KEY_URL}, _JWK | {"kid": "2"}]}, ""),
        ],
    )
    async def test_is_found_by_its_name(
        self, resolution: Resolution, lookup: FakeLookup, body: Any, fragment: str
    ) -> None:
        """One key needs no name; of several it is the one of this URL, or of its fragment."""
        lookup.internet.serve(self._KEY_URL, body)

        method = await resolution.published_key(self._KEY_URL + fragment)

        assert (method.id, method.document) == (self._KEY_URL + fragment, self._KEY_URL)
        assert (method.key.type, method.key.jwk) == (KeyType.ED25519, True)
        assert method.source is not None
        assert lookup.internet.requests == [self._KEY_URL]

    @pytest.mark.parametrize(
        ("body", "fragment", "kind", "code"),
        [
            ({"keys": [_JWK | {"kid": "1"}, _JWK | {"kid": "2"}]}, "", Invalid, "NOT_FOUND"),
            ({"keys": [_JWK | {"kid": "1"}]}, "#2", Invalid, "NOT_FOUND"),
            ({"keys": [_JWK]}, "", Invalid, "NOT_FOUND"),
            ({"keys": []}, "", Invalid, "NOT_FOUND"),
            (_JWK, "#1", Invalid, "NOT_FOUND"),
            (_JWK | {"d": "AA"}, "", Invalid, "INVALID_VERIFICATION_METHOD"),
            (_JWK | {"use": "enc"}, "", Invalid, "INVALID_VERIFICATION_METHOD"),
            ({"kty": "oct", "k": "AA"}, "", Invalid, "INVALID_VERIFICATION_METHOD"),
            ({"id": _KEY_URL}, "", Invalid, "INVALID_VERIFICATION_METHOD"),
            ([_JWK], "", Invalid, "INVALID_VERIFICATION_METHOD"),
            ({"kty": "AKP"}, "", Unavailable, "unsupported-key-type"),
            (b"<html>", "", Unavailable, "response-malformed"),
        ],
    )
    async def test_what_is_no_such_key(
        self,
        resolution: Resolution,
        lookup: FakeLookup,
        body: Any,
        fragment: str,
        kind: type[Invalid | Unavailable],
        code: str,
    ) -> None:
        """Private keys, keys that do not sign, sets without this key, and what is no key at all."""
        lookup.internet.serve(self._KEY_URL, body)

        assert await _code(resolution.published_key(self._KEY_URL + fragment), kind) == code

    async def test_T52_rotation_is_seen_by_one_refresh(self, resolution: Resolution, lookup: FakeLookup) -> None:
        """A key that was added to the set since is found; one that is not there costs one look-up."""
        lookup.internet.serve(self._KEY_URL, {"keys": [_JWK | {"kid": "old"}]})
        await resolution.published_key(f"{self._KEY_URL}#old")
        lookup.internet.serve(self._KEY_URL, {"keys": [_JWK | {"kid": "new"}]})
        lookup.age = 100

        assert (await resolution.published_key(f"{self._KEY_URL}#new")).key.type is KeyType.ED25519
        assert lookup.internet.requests == [self._KEY_URL] * 2

    @pytest.mark.parametrize("url", ["http://issuer.example/keys/1", "did:web:issuer.example#k", "https:///x", ""])
    async def test_T28_only_https_urls_are_asked(self, resolution: Resolution, lookup: FakeLookup, url: str) -> None:
        """Nothing else is fetched."""
        assert await _code(resolution.published_key(url)) == "INVALID_VERIFICATION_METHOD_URL"
        assert lookup.internet.requests == []


class TestVersions:
    """DID URLs with a query, for whoever asks about the past."""

    async def test_version_of_a_did(self, lookup: FakeLookup) -> None:
        """The version that is asked for is resolved, and a proof cannot name it."""
        log = WebvhLog().add().add()
        lookup.internet.serve(log.url, log.text)
        resolution = Resolution(_METHODS, lookup)

        resolved = await resolution.resolve(f"{log.did}?versionNumber=1")

        assert resolved.document.content == log.entries[0]["state"]
        named = resolution.dereference(f"{log.did}?versionNumber=1#key-1", purpose="assertionMethod")
        assert await _code(named) == "INVALID_DID_URL"
        listed = resolution.lists_key(f"{log.did}?versionNumber=1", f"{log.did}#key-1", purpose="assertionMethod")
        assert await _code(listed) == "INVALID_DID"

    async def test_method_of_the_last_version_is_dereferenced(self, lookup: FakeLookup) -> None:
        """A did:webvh is an issuer like any other."""
        log = WebvhLog().add().add()
        lookup.internet.serve(log.url, log.text)

        method = await Resolution(_METHODS, lookup).dereference(f"{log.did}#key-1", purpose="assertionMethod")

        assert (method.document, method.key.type, method.warnings) == (log.did, KeyType.ED25519, ())

    async def test_moved_did_is_not_found_under_its_old_name(self, lookup: FakeLookup) -> None:
        """The history at the old place is of the DID at the new one."""
        log = WebvhLog("old.example").add({"portable": True})
        before, log.location = log.did, "new.example"
        log.add(state=log.state(log.did, alsoKnownAs=[before]))
        lookup.internet.serve("https://old.example/.well-known/did.jsonl", log.text)

        assert await _code(Resolution(_METHODS, lookup).resolve(before)) == "INVALID_CONTROLLED_IDENTIFIER_DOCUMENT_ID"

    @pytest.mark.parametrize("did", [f"did:key:{_KEY}", _DID])
    async def test_method_without_versions(self, resolution: Resolution, lookup: FakeLookup, did: str) -> None:
        """The present document is not passed off as an earlier one."""
        asked = resolution.resolve(f"{did}?versionId=1")

        assert await _code(asked, Unavailable) == "METHOD_NOT_SUPPORTED"
        assert lookup.internet.requests == []


class TestWithoutChain:
    """DIDs whose keys a blockchain could have changed."""

    _ADDRESS = "0xb9c5714089478a327f09197987f16f9e5d936e8a"
    _ETHR = f"did:ethr:{_ADDRESS}"
    _METHOD = f"{_ETHR}#controller"

    @pytest.mark.parametrize(
        "url", [_METHOD, "did:tz:tz1TzrmTBSuiVHV2VfMnGRMYvTEPCP42oSM8#blockchainAccountId"], ids=["ethr", "tz"]
    )
    async def test_T52_key_that_may_have_been_rotated_is_undecided(self, resolution: Resolution, url: str) -> None:
        """What was not asked is not known, unless the operator does without."""
        asked = resolution.dereference(url, purpose="assertionMethod")

        assert await _code(asked, Unavailable) == "did-without-chain"

    async def test_operator_may_do_without(self, lookup: FakeLookup) -> None:
        """The key is then found, and every result says on what ground."""
        options = DidOptions(without_chain=frozenset({"ethr"}))
        resolution = Resolution(_METHODS, lookup, options)

        method = await resolution.dereference(self._METHOD, purpose="assertionMethod")

        assert [warning.code for warning in method.warnings] == ["did-without-chain"]
        assert method.key.type is KeyType.ACCOUNT
        tezos = "did:tz:tz1TzrmTBSuiVHV2VfMnGRMYvTEPCP42oSM8#blockchainAccountId"
        assert await _code(resolution.dereference(tezos, purpose="assertionMethod"), Unavailable) == "did-without-chain"

    async def test_account_without_a_registry_needs_no_chain(self, resolution: Resolution) -> None:
        """Nothing can change the document of a did:pkh."""
        url = f"did:pkh:eip155:1:{self._ADDRESS}#blockchainAccountId"

        assert (await resolution.dereference(url, purpose="assertionMethod")).warnings == ()

    async def test_document_can_be_resolved_with_a_warning(self, resolution: Resolution) -> None:
        """To look at it is no verification."""
        resolved = await resolution.resolve(self._ETHR)

        assert [warning.code for warning in resolved.warnings] == ["did-without-chain"]

    async def test_what_is_wrong_stays_wrong(self, resolution: Resolution) -> None:
        """A method that cannot be there is refused before the chain is thought of."""
        asked = resolution.dereference(f"{self._ETHR}#other", purpose="assertionMethod")

        assert await _code(asked) == "NOT_FOUND"


class TestUniversalResolver:
    """DIDs of other methods, through a third party."""

    _ENDPOINT = "https://resolver.example"
    _ION = "did:ion:abc"
    _OPTIONS = DidOptions(universal_url=_ENDPOINT, universal_methods=frozenset({"ion", "web", "key"}))

    async def test_method_on_the_list_is_asked_for(self, lookup: FakeLookup) -> None:
        """Who resolved it stands beside every result."""
        lookup.internet.serve(f"{self._ENDPOINT}/1.0/identifiers/{self._ION}", {"didDocument": _document(self._ION)})

        method = await Resolution(_METHODS, lookup, self._OPTIONS).dereference(
            f"{self._ION}#k", purpose="assertionMethod"
        )

        assert [warning.code for warning in method.warnings] == ["did-third-party"]
        assert self._ENDPOINT in method.warnings[0].detail
        assert method.source is not None
        assert method.source.url.startswith(self._ENDPOINT)

    async def test_T33_document_of_another_did_is_refused(self, lookup: FakeLookup) -> None:
        """A resolver that answers with another document names no key of this one."""
        lookup.internet.serve(f"{self._ENDPOINT}/1.0/identifiers/{self._ION}", _document("did:ion:other"))

        asked = Resolution(_METHODS, lookup, self._OPTIONS).resolve(self._ION)

        assert await _code(asked) == "INVALID_CONTROLLED_IDENTIFIER_DOCUMENT_ID"

    @pytest.mark.parametrize("did", [_DID, f"did:key:{_KEY}"])
    async def test_own_method_is_never_asked_for(self, lookup: FakeLookup, did: str) -> None:
        """Even if it is on the list: a third party could say anything about it."""
        resolved = await Resolution(_METHODS, lookup, self._OPTIONS).resolve(did)

        assert resolved.warnings == ()
        assert not any(url.startswith(self._ENDPOINT) for url in lookup.internet.requests)

    @pytest.mark.parametrize(
        "options",
        [
            DidOptions(),
            DidOptions(universal_methods=frozenset({"ion"})),
            DidOptions(universal_url=_ENDPOINT),
            DidOptions(universal_url=_ENDPOINT, universal_methods=frozenset({"indy"})),
        ],
        ids=["neither", "nobody to ask", "nothing to ask for", "another method"],
    )
    async def test_method_off_the_list_is_undecided(self, lookup: FakeLookup, options: DidOptions) -> None:
        """Nobody is asked about it."""
        asked = Resolution(_METHODS, lookup, options).resolve(self._ION)

        assert await _code(asked, Unavailable) == "METHOD_NOT_SUPPORTED"
        assert lookup.internet.requests == []
