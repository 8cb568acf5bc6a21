"""The key of an SD-JWT VC's issuer, by one of the Issuer Signature Mechanisms (SD-JWT VC, section 3.5).

Which of them it is, the token says: an `x5c` header is followed to the operator's anchors, and an
issuer without one is looked up by its name. None of them believes a key because the token brings it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from gateway.formats import _checks
from gateway.formats._jose_key import SigningKey, key_id, signing_key
from gateway.model import CheckName, Outcome
from resolvers import jwt_vc_issuer
from resolvers.problems import Invalid, Unavailable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateway.plugins import ProofTools

_HTTPS: Final = "https://"


async def issuer_key(header: Mapping[str, Any], issuer: str | None, tools: ProofTools) -> SigningKey:
    """Return the key that signed as `issuer`, which is the `iss` of the token.

    Raises:
        Invalid, Unavailable: there is none, or it is not to be had.
    """
    if "x5c" in header:
        # Its import takes 14 ms of start-up, which only issuers with certificates need.
        from gateway.formats._certified_issuer import certified_key  # noqa: PLC0415 — X.509 is loaded for issuers with certificates only

        return certified_key(header["x5c"], issuer, tools)
    if issuer is None:
        raise Invalid("INVALID_VERIFICATION_METHOD_URL", "neither iss nor x5c says who issued it", pointer="/iss")
    if issuer.startswith("did:"):
        found = await signing_key(header, issuer, tools)
        return SigningKey(issuer=found.issuer, key=found.key, method=found.method, issued_by=issuer)
    if issuer.startswith(_HTTPS):
        return await _published(key_id(header), issuer, tools)
    # "If a recipient cannot validate that the public verification key corresponds [to] the Issuer …
    # using a permitted Issuer Signature Mechanism, the SD-JWT VC MUST be rejected."
    raise Invalid("INVALID_VERIFICATION_METHOD_URL", f"no key is known for {issuer[:100]!r}", pointer="/iss")


async def _published(kid: str | None, issuer: str, tools: ProofTools) -> SigningKey:
    """Return the key in the issuer's JWT VC Issuer Metadata."""
    if tools.lookup is None:
        raise Unavailable("not-asked", f"the keys of {issuer[:200]} may not be looked up")
    key, source = await jwt_vc_issuer.find_key(issuer, kid, tools.lookup)
    method = f"{jwt_vc_issuer.metadata_url(issuer)}#{kid or ''}"
    check = _checks.result(
        CheckName.ISSUER,
        Outcome.PASS,
        basis="jwt_vc_issuer",
        verificationMethod=method,
        source=_checks.provenance(source),
    )
    return SigningKey(issuer=check, key=key, method=method, issued_by=issuer)
