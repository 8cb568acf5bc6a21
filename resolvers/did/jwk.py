"""did:jwk: the DID is a JSON Web Key ("did:jwk Method Specification")."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from resolvers import base64url, did_url, documents, keys, strict_json
from resolvers.model import DidMethod
from resolvers.problems import Invalid

if TYPE_CHECKING:
    from resolvers.documents import ControllerDocument
    from resolvers.model import Lookup, Provenance


async def resolve(did: str, lookup: Lookup) -> tuple[ControllerDocument, Provenance | None]:
    """Return the document that follows from `did`; nothing is looked up.

    Raises:
        Invalid: `INVALID_DID`: not a base64url JSON Web Key, or a private one.
    """
    del lookup
    return _document(did), None


@lru_cache(maxsize=512)
def _document(did: str) -> ControllerDocument:
    """Return the document, and keep it; fewer than of did:key, since an RSA key makes it ten times larger."""
    parsed = did_url.parse(did)
    try:
        jwk = strict_json.loads(base64url.decode(parsed.identifier), max_depth=4)
    except (ValueError, Invalid):
        raise Invalid("INVALID_DID", f"{did[:100]!r} is not a JSON Web Key in base64url") from None
    # Whoever publishes the private key in his DID lets everybody sign for him.
    if not isinstance(jwk, dict) or keys.is_private(jwk):
        raise Invalid("INVALID_DID", f"{did[:100]!r} is not a public JSON Web Key")
    method = f"{did}#0"
    # A JWK whose `use` is "enc" gets keyAgreement and nothing else, one whose `use` is "sig" all but that.
    agrees, signs = jwk.get("use") != "sig", jwk.get("use") != "enc"
    return documents.parse(
        {
            "@context": ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/suites/jws-2020/v1"],
            "id": did,
            "verificationMethod": [{"id": method, "type": "JsonWebKey2020", "controller": did, "publicKeyJwk": jwk}],
            **{
                relationship: [method]
                for relationship in documents.RELATIONSHIPS
                if (agrees if relationship == "keyAgreement" else signs)
            },
        }
    )


PLUGIN: Final = DidMethod(name="jwk", resolve=resolve)
