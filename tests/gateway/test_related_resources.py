"""Digests: of what a credential refers to, computed when it is used."""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING, Any

import pytest

from gateway.demo.issuer import OPEN_BADGES, badge, base58btc, base64url
from gateway.model import Outcome
from gateway.related_resources import check_digests, pinned
from resolvers.problems import Invalid, Unavailable
from tests.issuer import university

if TYPE_CHECKING:
    from pathlib import Path

CONTENT = b'{"type": "object"}'
URL = "https://university.example/schema.json"


def sri(name: str, content: bytes = CONTENT) -> str:
    """Return integrity metadata."""
    return f"{name}-{base64.b64encode(hashlib.new(name, content).digest()).decode()}"


def multihash(content: bytes = CONTENT) -> bytes:
    """Return a SHA-256 multihash."""
    return b"\x12\x20" + hashlib.sha256(content).digest()


@pytest.mark.parametrize(
    "digest",
    [
        ("digestSRI", sri("sha256")),
        ("digestSRI", sri("sha384")),
        ("digestSRI", sri("sha512") + "?ct=application/json"),
        ("digestSRI", f"{sri('sha384', b'other')} {sri('sha384')}"),
        ("digestSRI", f"{sri('sha256', b'other')} {sri('sha512')}"),
        ("digestMultibase", "u" + base64url(multihash())),
        ("digestMultibase", "z" + base58btc(multihash())),
    ],
)
def test_a_digest_of_the_content_passes(digest: tuple[str, str]) -> None:
    """Both members, every hash; of several hashes the strongest counts (SRI, section 3.3.4)."""
    check_digests([digest], CONTENT, URL)


@pytest.mark.parametrize(
    ("digest", "fate", "code"),
    [
        (("digestSRI", sri("sha384", b"other")), Invalid, "digest-mismatch"),
        (("digestSRI", f"{sri('sha256')} {sri('sha512', b'other')}"), Invalid, "digest-mismatch"),
        (("digestMultibase", "u" + base64url(multihash(b"other"))), Invalid, "digest-mismatch"),
        (("digestSRI", "sha256-not base64!"), Invalid, "MALFORMED_VALUE_ERROR"),
        (("digestSRI", "md5-abcd"), Unavailable, "unsupported-digest"),
        (("digestSRI", ""), Unavailable, "unsupported-digest"),
        (("digestMultibase", "u" + base64url(b"\x1e\x20" + bytes(32))), Unavailable, "unsupported-digest"),
        (("digestMultibase", "u" + base64url(multihash()[:20])), Invalid, "MALFORMED_VALUE_ERROR"),
        (("digestMultibase", "m" + "AAAA"), Invalid, "MALFORMED_VALUE_ERROR"),
    ],
)
def test_any_other_digest_does_not(digest: tuple[str, str], fate: type[Exception], code: str) -> None:
    """A mismatch is an error, and a hash that is unknown here is never a pass."""
    with pytest.raises(fate) as refused:
        check_digests([digest], CONTENT, URL)
    assert isinstance(refused.value, (Invalid, Unavailable))
    assert refused.value.problem.code == code


def test_every_digest_that_is_given_counts() -> None:
    """Those of the entry itself, and those of `relatedResource` for the same URL only."""
    document = {"relatedResource": [{"id": URL, "digestSRI": "b"}, {"id": "https://other.example/", "digestSRI": "c"}]}
    found = pinned(document, URL, {"id": URL, "digestMultibase": "a"})
    assert found == [("digestMultibase", "a"), ("digestSRI", "b")]


def test_a_digest_is_a_string() -> None:
    """A number is no digest."""
    with pytest.raises(Invalid, match="MALFORMED_VALUE_ERROR"):
        pinned({}, URL, {"id": URL, "digestSRI": 7})


# --- contexts, through the whole pipeline ---------------------------------------------------------


@pytest.mark.parametrize("form", ["eddsa-rdfc-2022", "eddsa-jcs-2022", "token"])
async def test_a_context_has_the_digest_that_the_credential_gives(tmp_path: Path, form: str) -> None:
    """An old text passes as itself, and is reported; one that is not pinned here is unknown, under every proof."""
    async with university(tmp_path) as uni:
        texts = uni.verifier.contexts.revisions(OPEN_BADGES)
        known = [(text, Outcome.PASS) for text in texts]
        assert len(known) > 1
        for sha256, expected in [
            *[(text.sha256, outcome) for text, outcome in known],
            ("00" * 32, Outcome.INDETERMINATE),
        ]:
            digest = base64.b64encode(bytes.fromhex(sha256)).decode()
            related = [{"id": OPEN_BADGES, "digestSRI": f"sha256-{digest}"}]
            document = badge(uni.issuer.did, "Welding", relatedResource=related)
            if form == "token":
                presented: Any = uni.issuer.jwt(document)
            else:
                presented = await uni.sign(document, suite=form)
            result = await uni.verify(presented)
            assert result.outcome is expected, sha256
            if expected is Outcome.PASS:
                assert result.format.contexts[OPEN_BADGES] == sha256
