"""verify(): issuers whose DIDs end, change, stand on a chain, or are resolved by others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from gateway.demo.issuer import Issuer, badge, compact, new_key
from gateway.model import CheckName, Outcome
from policies.model import Verdict
from tests.issuer import University, university
from tests.resolvers.did.webvh_log import OWNER, WebvhLog

if TYPE_CHECKING:
    from pathlib import Path

    from gateway.model import VerificationResult

REGISTRY = "https://registry.example/issuers.json"
LISTED = """
policy: test/listed
version: 1.0.0
title: Issuers that the state lists
rules:
  - id: issuer-listed
    say: The state lists the issuer.
    require: {registry: {in: [state]}}
    on_unknown: review
"""
TRUST = {"state": {"kind": "dcc_legacy", "url": REGISTRY, "tier": "member"}}


def registry(did: str) -> dict[str, Any]:
    """Return a registry that lists a DID."""
    meta = {"created": "2026-01-01T00:00:00Z", "updated": "2026-01-01T00:00:00Z"}
    return {"meta": meta, "registry": {did: {"name": "University", "url": ""}}}


def codes(result: VerificationResult, name: CheckName = CheckName.PROOF) -> list[str]:
    """Return the problem codes of one check."""
    return [problem.code for problem in result.check(name).problems]


def webvh(uni: University, log: WebvhLog) -> Issuer:
    """Publish a log, and return its controller as an issuer."""
    uni.internet.serve(log.url, log.text)
    key = ed25519.Ed25519PrivateKey.from_private_bytes(OWNER.number.to_bytes(32, "big"))
    return Issuer(log.did, key, f"{log.did}#key-1")


@pytest.mark.parametrize("method", ["web", "webvh"])
async def test_T52_deactivated_did_that_a_registry_still_lists_is_refused(tmp_path: Path, method: str) -> None:
    """Registries lag behind: what the issuer says of itself comes first, and the registry is not even asked."""
    async with university(tmp_path, LISTED, trust=TRUST) as uni:
        log = WebvhLog().add().add()
        uni.issuer = webvh(uni, log) if method == "webvh" else uni.issuer
        uni.internet.serve(REGISTRY, registry(uni.issuer.did))
        record = await uni.badge()
        before = await uni.verify(record, policy="test/listed")
        assert (before.outcome, before.decision and before.decision.verdict) == (Outcome.PASS, Verdict.ACCEPT)

        if method == "webvh":
            uni.internet.serve(log.url, log.add({"deactivated": True}).text)
        else:
            uni.internet.serve(uni.issuer.document_url, {**uni.issuer.document, "deactivated": True})
        uni.pass_time(minutes=10)
        asked = uni.internet.requests.count(REGISTRY)
        after = await uni.verify(record, policy="test/listed")

        assert (after.outcome, codes(after)) == (Outcome.FAIL, ["did-deactivated"])
        assert after.decision is not None
        assert after.decision.verdict is not Verdict.ACCEPT
        assert uni.internet.requests.count(REGISTRY) == asked


async def test_T52_rotation_mid_cache_costs_one_refresh(tmp_path: Path) -> None:
    """A new key is found although the old document is still fresh; the old one ends when that does."""
    async with university(tmp_path) as uni:
        old = uni.issuer
        by_old_key = await uni.badge()
        assert (await uni.verify(by_old_key)).outcome is Outcome.PASS

        uni.issuer = Issuer(old.did, new_key(), f"{old.did}#key-2")
        uni.publish()
        uni.pass_time(minutes=2)
        by_new_key = await uni.badge()
        results = [await uni.verify(by_new_key) for _ in range(5)]

        assert [result.outcome for result in results] == [Outcome.PASS] * 5
        assert uni.internet.requests.count(old.document_url) == 2
        assert codes(await uni.verify(by_old_key)) == ["NOT_FOUND"]


async def test_T51_forged_log_fails_the_proof(tmp_path: Path) -> None:
    """A credential is no better than the history of its issuer's keys."""
    async with university(tmp_path) as uni:
        log = WebvhLog().add().add()
        uni.issuer = webvh(uni, log)
        record = await uni.badge()
        log.entries[1]["state"]["service"] = []
        uni.internet.serve(log.url, log.text)

        result = await uni.verify(record)

        assert (result.outcome, codes(result), result.record) == (Outcome.FAIL, ["did-log-forged"], None)
        assert uni.internet.requests == [log.url]


def ethereum() -> Issuer:
    """Return an issuer that is an Ethereum key."""
    key = ec.derive_private_key(7, ec.SECP256K1())
    public = key.public_key().public_bytes(Encoding.X962, PublicFormat.CompressedPoint)
    did = f"did:ethr:0x{public.hex()}"
    return Issuer(did, key, f"{did}#controllerKey")


async def test_T52_did_without_its_chain_is_undecided(tmp_path: Path) -> None:
    """The key may have been rotated on the chain since: that is not known, so nothing is verified."""
    async with university(tmp_path) as uni:
        issuer = ethereum()
        token = compact(issuer.key, {"typ": "vc+jwt", "kid": issuer.method}, badge(issuer.did, "Welding"))

        result = await uni.verify(token)

        assert (result.outcome, codes(result)) == (Outcome.INDETERMINATE, ["did-without-chain"])
        assert result.claims_unverified
        assert uni.internet.requests == []


async def test_operator_who_does_without_the_chain_is_told_so(tmp_path: Path) -> None:
    """The proof counts, and the issuer check says what it rests on."""
    async with university(tmp_path, did={"without_chain": ["ethr"]}) as uni:
        issuer = ethereum()
        token = compact(issuer.key, {"typ": "vc+jwt", "kid": issuer.method}, badge(issuer.did, "Welding"))

        result = await uni.verify(token)

        assert result.verified
        assert codes(result, CheckName.ISSUER) == ["did-without-chain"]
        assert result.check(CheckName.ISSUER).facts["source"] is None


async def test_document_by_a_third_party_is_named_as_such(tmp_path: Path) -> None:
    """Whoever reads the result sees who vouches for the key."""
    flags = {"universal": {"url": "https://resolver.example", "methods": ["ion"]}}
    async with university(tmp_path, did=flags) as uni:
        key = new_key()
        uni.issuer = Issuer("did:ion:abc", key, "did:ion:abc#key-1")
        url = "https://resolver.example/1.0/identifiers/did:ion:abc"
        uni.internet.serve(url, {"didDocument": uni.issuer.document, "didDocumentMetadata": {}})

        result = await uni.verify(await uni.badge())

        assert result.verified
        assert codes(result, CheckName.ISSUER) == ["did-third-party"]
        assert result.check(CheckName.ISSUER).facts["source"]["url"] == url
        assert uni.internet.requests == [url]


async def test_other_method_is_undecided_without_a_third_party(tmp_path: Path) -> None:
    """By default nobody is asked."""
    async with university(tmp_path) as uni:
        uni.issuer = Issuer("did:ion:abc", new_key(), "did:ion:abc#key-1")

        result = await uni.verify(await uni.badge())

        assert (result.outcome, codes(result)) == (Outcome.INDETERMINATE, ["METHOD_NOT_SUPPORTED"])
        assert uni.internet.requests == []
