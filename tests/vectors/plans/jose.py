"""Tokens, by profile, algorithm and kind of issuer; and what spoils them."""

from __future__ import annotations

import base64
import hmac
import json
from typing import TYPE_CHECKING, Any, Final

from gateway.demo.issuer import base64url, jwk
from gateway.model import CheckName
from tests.vectors.case import Recipe, Stage
from tests.vectors.plans.issuers import JWK, KEY, SITE_P384, SITE_RSA, STRANGER, WEB, WEB_P256
from tests.vectors.plans.plan import fails, passes, put

if TYPE_CHECKING:
    from collections.abc import Callable

_VC_JWT: Final = Recipe(issuer=KEY, form="vc-jwt", vcdm="1.1")
_OB_JWT: Final = Recipe(issuer=SITE_RSA, form="open-badge-jwt")
_TOKEN: Final = Recipe(issuer=KEY, form="vc+jwt")


def _segments(change: Callable[[str, str, str], tuple[str, str, str]]) -> Callable[[str], str]:
    """Change header, payload and signature of a token."""
    return lambda token: ".".join(change(*token.split(".")))


def _decoded(segment: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(base64.urlsafe_b64decode(segment + "=="))
    return content


def _encoded(content: dict[str, Any]) -> str:
    return base64url(json.dumps(content).encode())


def _tampered(header: str, payload: str, signature: str) -> tuple[str, str, str]:
    return header, _encoded({**_decoded(payload), "name": "Surgery"}), signature


def _without_signature(header: str, payload: str, _signature: str) -> tuple[str, str, str]:
    """Make an unsecured JWT of the token (RFC 7519, section 6)."""
    return _encoded({**_decoded(header), "alg": "none"}), payload, ""


def _with_public_key_as_secret(header: str, payload: str, _signature: str) -> tuple[str, str, str]:
    """Sign with HMAC, the issuer's public key as the secret: whoever goes by `alg` alone verifies it."""
    header = _encoded({**_decoded(header), "alg": "HS256"})
    secret = KEY.key.public_key().public_bytes_raw()
    return header, payload, base64url(hmac.digest(secret, f"{header}.{payload}".encode(), "sha256"))


def _padded(header: str, payload: str, signature: str) -> tuple[str, str, str]:
    """Pad the one part that is not itself signed, so that the signature still holds."""
    return header, payload, signature + "=" * (-len(signature) % 4)


def _named_twice(claims: Any) -> bytes:
    """Give the credential a second name, which readers who keep the last, and only they, see."""
    return json.dumps(claims).removesuffix("}").encode() + b', "name": "Surgery"}'


PLANS: Final = (
    passes("jose/vc_jwt_eddsa_did_key", _VC_JWT, "VCDM 1.1, section 6.3.1: the credential is the token's claim vc."),
    passes(
        "jose/vc_jwt_es256_did_web",
        Recipe(issuer=WEB_P256, form="vc-jwt", vcdm="1.1"),
        "VCDM 1.1, section 6.3.1: kid leads to a method in the issuer's document, which gives the key as a JWK.",
    ),
    passes(
        "jose/open_badge_rs256_https_issuer",
        _OB_JWT,
        "Open Badges 3.0, JSON Web Token Proof Format: the badge is the payload, and kid may be an https URL.",
    ),
    passes(
        "jose/vc_plus_jwt_eddsa_did_key",
        _TOKEN,
        "VC-JOSE-COSE, section 3.1.1: the payload is the credential, and typ is vc+jwt.",
    ),
    passes(
        "jose/vc_plus_jwt_es256_did_jwk",
        Recipe(issuer=JWK, form="vc+jwt"),
        "VC-JOSE-COSE, section 3.1.1, with a did:jwk, whose one method is #0.",
    ),
    passes(
        "jose/vc_plus_jwt_es384_https_issuer",
        Recipe(issuer=SITE_P384, form="vc+jwt"),
        "VC-JOSE-COSE, Using Controlled Identifier Documents: kid is a URL in the document of the issuer.",
    ),
    passes(
        "jose/enveloped",
        Recipe(issuer=WEB, form="enveloped-vc+jwt"),
        "VCDM 2.0, Enveloped Verifiable Credentials: a data: URL of application/vc+jwt holds the token.",
    ),
    fails(
        "jose/tampered_claim",
        _TOKEN,
        Stage.PRESENTED,
        _segments(_tampered),
        CheckName.PROOF,
        "CRYPTOGRAPHIC_SECURITY_ERROR",
        "RFC 7515, section 5.2: a payload that was changed after signing is not what was signed.",
    ),
    fails(
        "jose/alg_none",
        _TOKEN,
        Stage.PRESENTED,
        _segments(_without_signature),
        CheckName.PROOF,
        "unsupported-algorithm",
        "T26: an unsecured JWT proves nothing.",
    ),
    fails(
        "jose/hmac_with_the_public_key",
        _TOKEN,
        Stage.PRESENTED,
        _segments(_with_public_key_as_secret),
        CheckName.PROOF,
        "unsupported-algorithm",
        "T26: whoever can verify a MAC can make one, so the public key must never be its secret.",
    ),
    fails(
        "jose/alg_of_another_key_type",
        _TOKEN,
        Stage.HEADER,
        put("ES256", "alg"),
        CheckName.PROOF,
        "CRYPTOGRAPHIC_SECURITY_ERROR",
        "T27: the algorithm is the key's, and a header that names another is refused.",
    ),
    fails(
        "jose/kid_of_a_stranger",
        _TOKEN,
        Stage.SIGNER,
        lambda _: STRANGER,
        CheckName.ISSUER,
        "issuer-mismatch",
        "T28: kid is a hint, and has to lead to a method in the issuer's own document.",
    ),
    fails(
        "jose/key_in_the_header",
        _TOKEN,
        Stage.HEADER,
        lambda header: {"typ": header["typ"], "jwk": jwk(KEY.key)},
        CheckName.ISSUER,
        "issuer-mismatch",
        "T28: a bare jwk shows that the token is intact, and nothing about its issuer.",
    ),
    fails(
        "jose/crit_header",
        _TOKEN,
        Stage.HEADER,
        lambda header: header | {"crit": ["urn:example:extension"], "urn:example:extension": True},
        CheckName.STRUCTURE,
        "token-malformed",
        "RFC 7515, section 4.1.11: a token with a critical extension that is not understood is invalid.",
    ),
    fails(
        "jose/padded_base64url",
        _TOKEN,
        Stage.PRESENTED,
        _segments(_padded),
        CheckName.STRUCTURE,
        "token-malformed",
        "RFC 7515, section 2: base64url has no padding; a second spelling of the same token is refused.",
    ),
    fails(
        "jose/duplicate_key",
        _TOKEN,
        Stage.CLAIMS,
        _named_twice,
        CheckName.STRUCTURE,
        "duplicate-key",
        "T22: a claim that is there twice says two things to two readers.",
    ),
    fails(
        "jose/iss_is_not_the_issuer",
        _VC_JWT,
        Stage.CLAIMS,
        put(STRANGER.did, "iss"),
        CheckName.STRUCTURE,
        "token-claims-mismatch",
        "T32: iss stands for the issuer (VCDM 1.1, section 6.3.1), so one that differs contradicts it.",
    ),
    fails(
        "jose/nbf_is_not_valid_from",
        _OB_JWT,
        Stage.CLAIMS,
        put(1767225601, "nbf"),
        CheckName.STRUCTURE,
        "token-claims-mismatch",
        "Open Badges 3.0, JSON Web Token Proof Format: nbf is validFrom, so one that differs contradicts it (T32).",
    ),
    fails(
        "jose/expired_token",
        _TOKEN,
        Stage.CLAIMS,
        put(1777593600, "exp"),
        CheckName.PROOF,
        "proof-expired",
        "VC-JOSE-COSE, section 3.1.3: exp is the end of the signature, and not of the credential.",
    ),
)
