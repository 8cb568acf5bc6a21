"""What the tests of SD-JWT share: disclosures, digests, tokens and key bindings, good and bad."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any, Final

from gateway.demo.issuer import Issuer, base64url, compact, jwk, new_key
from tests.gateway.proving import NOW

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

SALT: Final = "2GLC42sKQveCfGfryNRN9w"
HOLDER: Final = new_key("P-256")
"""The key that `cnf` names."""
VERIFIER: Final = "https://verifier.example"
NONCE: Final = "n-0S6_WzA2Mj"


def disclosure(*members: Any) -> str:
    """Return a disclosure of `members`, as they are."""
    return base64url(json.dumps(members).encode())


def claim(name: Any, value: Any, salt: Any = SALT) -> str:
    """Return the disclosure of a claim."""
    return disclosure(salt, name, value)


def element(value: Any, salt: Any = SALT) -> str:
    """Return the disclosure of an array element."""
    return disclosure(salt, value)


def digest(text: str, algorithm: str = "sha256") -> str:
    """Return the digest of a disclosure, or the `sd_hash` of a whole."""
    return base64url(hashlib.new(algorithm, text.encode("ascii")).digest())


def joined(jwt: str, disclosures: Sequence[str] = (), key_binding: str = "") -> str:
    """Return the compact serialization."""
    return "".join(f"{part}~" for part in (jwt, *disclosures)) + key_binding


def issue(
    issuer: Issuer, claims: Mapping[str, Any], disclosures: Sequence[str] = (), /, key_binding: str = "", **header: Any
) -> str:
    """Return an SD-JWT of `claims`; a header parameter that is None is left out."""
    given = {"typ": "dc+sd-jwt", "kid": issuer.jose_method, **header}
    jwt = compact(issuer.key, {name: value for name, value in given.items() if value is not None}, claims)
    return joined(jwt, disclosures, key_binding)


def vc(issuer: Issuer, /, **members: Any) -> dict[str, Any]:
    """Return the claims of an SD-JWT VC whose `family_name` is one that may be disclosed; None leaves one out."""
    claims = {
        "iss": issuer.did,
        "vct": "https://issuer.example/learner",
        "iat": int(NOW.timestamp()) - 3600,
        "cnf": {"jwk": jwk(HOLDER)},
        "given_name": "Erika",
        "_sd": [digest(FAMILY_NAME), digest("decoy")],
        **members,
    }
    return {name: value for name, value in claims.items() if value is not None}


FAMILY_NAME: Final = claim("family_name", "Mustermann")


def bind(presented: str, /, key: Any = HOLDER, **changes: Any) -> str:
    """Return `presented`, which ends in a tilde, with a key binding JWT; `header` and `claims` over its own."""
    header = {"typ": "kb+jwt", **changes.get("header", {})}
    claims = {
        "nonce": NONCE,
        "aud": VERIFIER,
        "iat": int(NOW.timestamp()),
        "sd_hash": digest(presented),
        **changes.get("claims", {}),
    }
    given = {name: value for name, value in claims.items() if value is not None}
    return presented + compact(key, {name: value for name, value in header.items() if value is not None}, given)
