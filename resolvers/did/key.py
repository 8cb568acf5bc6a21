"""did:key: the DID is the key (W3C Credentials Community Group, "The did:key Method v0.9")."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from resolvers import documents, keys
from resolvers.model import DidMethod
from resolvers.problems import Invalid

if TYPE_CHECKING:
    from resolvers.documents import ControllerDocument
    from resolvers.model import Lookup, Provenance

_DID: Final = re.compile(r"did:key:(z[1-9A-HJ-NP-Za-km-z]{1,159})", re.ASCII)
"""Only base58btc, as the method demands; so long that every key type of ours fits."""
_SIGNING: Final = ("authentication", "assertionMethod", "capabilityInvocation", "capabilityDelegation")


async def resolve(did: str, lookup: Lookup) -> tuple[ControllerDocument, Provenance | None]:
    """Return the document that follows from `did`; nothing is looked up.

    Raises:
        Invalid: `INVALID_DID`: no Multikey, or one whose key nobody can have.
        Unavailable: `unsupported-key-type`.
    """
    del lookup
    return _document(did), None


@lru_cache(maxsize=2048)
def _document(did: str) -> ControllerDocument:
    """Return the document, and keep it: the same few thousand issuers come again and again."""
    matched = _DID.fullmatch(did)
    if matched is None:
        raise Invalid("INVALID_DID", f"{did[:100]!r} is not a base58btc did:key")
    multikey = matched[1]
    method = f"{did}#{multikey}"
    try:
        agrees = keys.is_key_agreement(multikey)
        if not agrees:
            keys.from_multikey(multikey)
    except Invalid as refused:
        raise Invalid("INVALID_DID", f"{did[:100]!r}: {refused.problem.detail}") from None
    return documents.parse(
        {
            "@context": ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1"],
            "id": did,
            "verificationMethod": [
                {"id": method, "type": "Multikey", "controller": did, "publicKeyMultibase": multikey}
            ],
            **{relationship: [method] for relationship in (("keyAgreement",) if agrees else _SIGNING)},
        }
    )


PLUGIN: Final = DidMethod(name="key", resolve=resolve)
