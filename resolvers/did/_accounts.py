"""DID documents of blockchain accounts: they follow from the DID, and no chain is asked.

A method of type `blockchainAccountId` names no key but the hash of one. The suites that recover the
key from a signature, or find it in the proof, compare; nothing else can verify with it.
"""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Any, Final

from resolvers import documents, multibase

if TYPE_CHECKING:
    from resolvers.documents import ControllerDocument

ETHEREUM_ADDRESS: Final = re.compile(r"0x[0-9a-fA-F]{40}", re.ASCII)

_CHECKSUM: Final = 4
_TEZOS: Final = {
    b"\x06\xa1\x9f": "Ed25519PublicKeyBLAKE2BDigestSize20Base58CheckEncoded2021",  # tz1
    b"\x06\xa1\xa1": "EcdsaSecp256k1RecoveryMethod2020",  # tz2
    b"\x06\xa1\xa4": "P256PublicKeyBLAKE2BDigestSize20Base58CheckEncoded2021",  # tz3
}
"""Header of a Tezos address → the type of the method that its key's hash makes."""
_TEZOS_OCTETS: Final = 23
_LONGEST: Final = 64


def document(did: str, methods: dict[str, dict[str, Any]]) -> ControllerDocument:
    """Return the document of `did` whose `methods`, by fragment, may make assertions and authenticate."""
    ids = [f"{did}#{fragment}" for fragment in methods]
    return documents.parse(
        {
            "@context": "https://www.w3.org/ns/did/v1",
            "id": did,
            "verificationMethod": [
                {"id": f"{did}#{fragment}", "controller": did, **method} for fragment, method in methods.items()
            ],
            "authentication": ids,
            "assertionMethod": ids,
        }
    )


def tezos(account: str, address: str) -> dict[str, dict[str, Any]] | None:
    """Return the methods of a Tezos account, by fragment; None where `address` is none (tz1, tz2, tz3)."""
    octets = base58check(address)
    kind = None if octets is None or len(octets) != _TEZOS_OCTETS else _TEZOS.get(octets[:3])
    if kind is None:
        return None
    return {
        "blockchainAccountId": {"type": kind, "blockchainAccountId": account},
        "TezosMethod2021": {"type": "TezosMethod2021", "blockchainAccountId": account},
    }


def base58check(text: str) -> bytes | None:
    """Return what a Base58Check text encodes, without its checksum; None where that is wrong."""
    try:
        octets = multibase.decode_base58(text, max_length=_LONGEST)
    except ValueError:
        return None
    payload, checksum = octets[:-_CHECKSUM], octets[-_CHECKSUM:]
    digest = hashlib.sha256(hashlib.sha256(payload).digest()).digest()
    return payload if payload and digest[:_CHECKSUM] == checksum else None
