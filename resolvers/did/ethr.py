"""did:ethr: an Ethereum address, or the public key of one ("ETHR DID Method Specification").

Its registry on the chain (ERC-1056) is not asked: the document is the one that holds as long as
nothing stands there. `chain` says so, and what follows from it is `resolvers.resolution`'s matter.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from resolvers import did_url, keys
from resolvers.did import _accounts
from resolvers.model import DidMethod
from resolvers.problems import Invalid, Unavailable

if TYPE_CHECKING:
    from resolvers.documents import ControllerDocument
    from resolvers.model import Lookup, Provenance

_NETWORKS: Final = {"mainnet": 1, "ropsten": 3, "rinkeby": 4, "goerli": 5, "kovan": 42, "sepolia": 11155111}
"""Chain ids of the networks that have a name (EIP-155); all others are named by their id in hex."""
_CHAIN_ID: Final = re.compile(r"0x[0-9a-fA-F]{1,16}", re.ASCII)
_PUBLIC_KEY: Final = re.compile(r"0x(0[23][0-9a-fA-F]{64})", re.ASCII)


async def resolve(did: str, lookup: Lookup) -> tuple[ControllerDocument, Provenance | None]:
    """Return the document that follows from `did`; nothing is looked up.

    Raises:
        Invalid: `INVALID_DID`: neither an address nor a compressed public key, or one that is no point
            of secp256k1.
        Unavailable: `METHOD_NOT_SUPPORTED`: a network by a name that is not known here.
    """
    del lookup
    return _document(did), None


@lru_cache(maxsize=2048)
def _document(did: str) -> ControllerDocument:
    network, _, identifier = did_url.parse(did).identifier.rpartition(":")
    chain_id = _chain_id(network)
    if _accounts.ETHEREUM_ADDRESS.fullmatch(identifier):
        named = {"blockchainAccountId": f"eip155:{chain_id}:{identifier}"}
        return _accounts.document(
            did,
            {
                "controller": {"type": "EcdsaSecp256k1RecoveryMethod2020", **named},
                "Eip712Method2021": {"type": "Eip712Method2021", **named},
            },
        )
    matched = _PUBLIC_KEY.fullmatch(identifier)
    if matched is None:
        raise Invalid("INVALID_DID", f"{did[:100]!r} is neither an Ethereum address nor a compressed public key")
    return _accounts.document(did, _of_key(did, matched[1]))


def _chain_id(network: str) -> int:
    if _CHAIN_ID.fullmatch(network):
        return int(network, 16)
    known = _NETWORKS.get(network or "mainnet")
    if known is None:
        raise Unavailable("METHOD_NOT_SUPPORTED", f"did:ethr of the network {network[:40]!r}")
    return known


def _of_key(did: str, public_key: str) -> dict[str, dict[str, Any]]:
    """Return the methods of a public key: one for signatures that it is recovered from, one for all others."""
    method = {"type": "EcdsaSecp256k1VerificationKey2019", "publicKeyHex": public_key}
    try:
        keys.from_verification_method(method)
    except Invalid as refused:
        raise Invalid("INVALID_DID", f"{did[:100]!r}: {refused.problem.detail}") from None
    return {"controller": {**method, "type": "EcdsaSecp256k1RecoveryMethod2020"}, "controllerKey": method}


PLUGIN: Final = DidMethod(name="ethr", resolve=resolve, chain="Ethereum's registry of DIDs (ERC-1056)")
