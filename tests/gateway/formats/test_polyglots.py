"""What looks like several kinds of record is one of them, whoever asks, and in whatever order the formats are asked."""

from __future__ import annotations

import itertools
import json
from typing import TYPE_CHECKING, Any

import pytest

from gateway.demo.issuer import base64url
from gateway.model import Presented
from gateway.structure import CREDENTIALS_V2, several
from tests.gateway.proving import FORMATS

if TYPE_CHECKING:
    from collections.abc import Iterable

PARTS: dict[str, dict[str, Any]] = {
    "VCDM": {"@context": [CREDENTIALS_V2], "type": ["VerifiableCredential"], "credentialSubject": {"id": "urn:x"}},
    "proof": {"proof": {"type": "DataIntegrityProof"}},
    "LER-RS": {"type": ["LER-RS"]},
    "badge": {"@context": "https://w3id.org/openbadges/v2", "type": ["Assertion"], "badge": "u", "recipient": {}},
    "CLR": {"type": ["Clr"], "learner": {}, "publisher": {}},
    "presentation": {"type": ["VerifiablePresentation"]},
    "vc+jwt": {"type": ["EnvelopedVerifiableCredential"], "id": "data:application/vc+jwt,a.b.c"},
    "vp+jwt": {"type": ["EnvelopedVerifiablePresentation"], "id": "data:application/vp+jwt,a.b.c"},
    "dc+sd-jwt": {"type": ["EnvelopedVerifiableCredential"], "id": "data:application/dc+sd-jwt,a.b.c~"},
    "SD-JWT": {"payload": "e30", "protected": base64url(b'{"typ":"dc+sd-jwt","alg":"ES256"}'), "signature": "AA"},
    "JAdES": {"payload": "{}", "protected": base64url(b'{"alg":"ES256"}'), "signature": "AA"},
    "Blockcerts": {"signature": {"type": "MerkleProof2017"}},
    "Velocity": {"issuer": "did:velocity:1"},
    "vct": {"vct": "urn:x"},
}
"""By which members each kind is told; `type` and `@context` of several are put together."""

TYPES = (None, "JWT", "vc+jwt", "vp+jwt", "dc+sd-jwt", "vc+sd-jwt", "kb+jwt", "statuslist+jwt")
MEDIA_TYPES = (None, "application/vc+jwt", "application/vp+jwt", "application/vc+cose", "application/jwt")


def merged(names: Iterable[str]) -> dict[str, Any]:
    """Return one object that is all of these at once."""
    whole: dict[str, Any] = {}
    for name in names:
        part = PARTS[name]
        whole |= {
            member: several(whole[member]) + several(value)
            if member in ("type", "@context") and member in whole
            else value
            for member, value in part.items()
        }
    return whole


def recognized(content: Any, media_type: str | None = None) -> list[str]:
    """Return the names of the formats that recognize it."""
    presented = Presented(content=content, media_type=media_type)
    return sorted({plugin.name for plugin in FORMATS.values() if plugin.recognize(presented)})


@pytest.mark.parametrize("count", [1, 2, 3])
def test_T48_an_object_is_of_one_format(count: int) -> None:
    """Two that recognized one object could tell two readers two things."""
    for names in itertools.combinations(PARTS, count):
        assert len(recognized(merged(names))) <= 1, names


@pytest.mark.parametrize("typ", TYPES)
def test_T48_a_token_is_of_one_format(typ: str | None) -> None:
    """Whatever its header says, its payload holds, and it came as."""
    header = base64url(json.dumps({"alg": "EdDSA"} if typ is None else {"alg": "EdDSA", "typ": typ}).encode())
    for names in (*itertools.combinations(PARTS, 1), *itertools.combinations(PARTS, 2)):
        body = merged(names)
        for wrapped in ({}, {"vc": body}, {"vp": body}):
            token = f"{header}.{base64url(json.dumps({**body, **wrapped}).encode())}.AA"
            for media_type in MEDIA_TYPES:
                assert len(recognized(token, media_type)) <= 1, (names, list(wrapped), media_type)


@pytest.mark.parametrize("typ", ["kb+jwt", "statuslist+jwt", "openid4vci-proof+jwt"])
def test_T48_a_token_for_another_use_is_no_badge(typ: str) -> None:
    """What an issuer signs for another purpose says so in its type (RFC 8725, section 3.11)."""
    payload = base64url(json.dumps(PARTS["badge"]).encode())
    header = base64url(json.dumps({"alg": "RS256", "typ": typ}).encode())
    assert recognized(f"{header}.{payload}.AA") == []
    assert recognized(f"{base64url(b'{}')}.{payload}.AA") == ["open-badges-2"]
