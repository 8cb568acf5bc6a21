"""Ed25519Signature2020: as eddsa-rdfc-2022, but named by the proof's own type (EdDSA Cryptosuites 1.0, appendix).

The proof is canonicalized under the document's context, which has to define its members: nothing is
added in the verifier, since a member without a meaning would be a member that nobody signed.
"""

from __future__ import annotations

from typing import Final

from gateway.cryptosuites import _rdfc
from resolvers.model import KeyType

PLUGIN: Final = _rdfc.suite(
    "Ed25519Signature2020", proof_type="Ed25519Signature2020", key_types=frozenset({KeyType.ED25519})
)
