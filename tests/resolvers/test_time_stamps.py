"""A time-stamp counts for who of those that the operator believes saw which octets, and when."""

from __future__ import annotations

import base64
import json
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID
from hypothesis import given, settings
from hypothesis import strategies as st

from resolvers import certificates, time_stamps
from resolvers.problems import Invalid, Unavailable
from tests.certified import END, Certified, between, root, seal
from tests.shared import vector
from tests.stamped import authority, token

AT = datetime(2026, 6, 1, 12, tzinfo=UTC)
STAMPED = datetime(2025, 9, 27, 12, 7, 4, tzinfo=UTC)
ROOT = root()
CLOCK = authority(ROOT)
MESSAGE = b"what was there"
TOKEN = token(CLOCK, MESSAGE, STAMPED)


def verify(octets: bytes, message: bytes = MESSAGE, *, at: datetime = AT, anchor: Certified = ROOT) -> Any:
    """Verify a token under one anchor."""
    return time_stamps.verify(octets, message, [], [anchor.read], at=at)


def refusal(fate: type[Invalid | Unavailable], octets: bytes, message: bytes = MESSAGE, **options: Any) -> str:
    """Return the code with which a token is refused, and in which way."""
    with pytest.raises(fate) as refused:
        verify(octets, message, **options)
    return refused.value.problem.code


def test_a_token_says_when_and_by_whom() -> None:
    """The time is the authority's, to the second."""
    assert time_stamps.TimeStamp(time=STAMPED, authority="CN=Test Time") == verify(TOKEN)


def test_an_authority_under_another_is_followed_to_the_root() -> None:
    """The certificates in the token lead on."""
    assert verify(token(authority(between(ROOT)), MESSAGE, STAMPED)).time == STAMPED


def test_a_token_over_other_octets() -> None:
    """A time-stamp of another document proves nothing about this one."""
    assert refusal(Invalid, TOKEN, b"what was not there") == "timestamp-invalid"


def test_a_signature_over_another_token() -> None:
    """The message in the token has to be the one that the authority signed."""
    assert refusal(Invalid, token(CLOCK, MESSAGE, STAMPED, over=b"something else")) == "timestamp-invalid"


def test_a_forged_signature() -> None:
    """Whoever has the authority's certificate does not have its key."""
    forger = Certified(key=seal(ROOT).key, certificate=CLOCK.certificate, above=CLOCK.above)
    assert refusal(Invalid, token(forger, MESSAGE, STAMPED)) == "timestamp-invalid"


@pytest.mark.parametrize(
    "clock",
    [
        authority(root()),
        seal(ROOT),
        authority(ROOT, extensions=()),
        authority(ROOT, extensions=((x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), False),)),
    ],
    ids=["another root", "a seal", "no purpose", "purpose not critical"],
)
def test_whom_nobody_believes_about_time(clock: Certified) -> None:
    """Only a time-stamping authority under an anchor is believed about a time."""
    assert refusal(Unavailable, token(clock, MESSAGE, STAMPED)) == "timestamp-unverified"


def test_an_authority_whose_certificate_has_expired() -> None:
    """A token proves nothing by itself once its authority's key could have been found out."""
    assert refusal(Unavailable, TOKEN, at=END + timedelta(days=1)) == "timestamp-unverified"


def test_an_anchor_that_is_no_root() -> None:
    """What the library under it cannot follow is not known, and never a pass."""
    middle = between(ROOT)
    clock = authority(middle)
    assert refusal(Unavailable, token(clock, MESSAGE, STAMPED), anchor=middle) == "timestamp-unverified"


@pytest.mark.parametrize(
    "octets", [b"", b"\x30\x00", b"\x30\x80", b"hello", b"\x30\x84\xff\xff\xff\xff", b"\x00" * 70_000]
)
def test_what_is_no_token(octets: bytes) -> None:
    """Anything else, of whatever size, cannot be read, and proves nothing."""
    assert refusal(Unavailable, octets) == "timestamp-unverified"


@settings(max_examples=80)
@given(st.integers(0, 5_000), st.binary(min_size=1, max_size=4))
def test_a_spoiled_token_never_says_another_time(position: int, octets: bytes) -> None:
    """Whatever is changed, it is refused, or the change was in nothing that counts."""
    at = position % len(TOKEN)
    with suppress(Invalid, Unavailable):
        assert verify(TOKEN[:at] + octets + TOKEN[at + len(octets) :]).time == STAMPED


@pytest.mark.shared
def test_the_tokens_of_the_european_sample() -> None:
    """Tokens of the field verify over the payload and over the signature, while its certificate is valid."""
    sealed = vector("european-digital-credentials/Sample-CertOfPart-signed.jsonld")
    signature = sealed["signatures"][0]
    added = [json.loads(base64.urlsafe_b64decode(one + "==")) for one in signature["header"]["etsiU"]]
    brought = next(one["xVals"] for one in added if "xVals" in one)
    others = [certificates.read(certificates.from_base64(one["x509Cert"]["val"])) for one in brought]
    anchors = [one for one in others if one.subject == one.issuer]
    protected = json.loads(base64.urlsafe_b64decode(signature["protected"] + "=="))
    stamps = [
        (protected["adoTst"], sealed["payload"]),
        (next(one["sigTst"] for one in added if "sigTst" in one), signature["signature"]),
    ]
    at = datetime(2023, 10, 1, tzinfo=UTC)
    found = [
        time_stamps.verify(base64.b64decode(stamp["tstTokens"][0]["val"]), over.encode(), others, anchors, at=at)
        for stamp, over in stamps
    ]
    assert [stamp.time.isoformat() for stamp in found] == ["2023-09-27T12:07:01+00:00", "2023-09-27T12:07:04+00:00"]
