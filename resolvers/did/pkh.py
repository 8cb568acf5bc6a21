"""did:pkh: the DID is a blockchain account (Chain Agnostic "did:pkh Method Specification").

The method has no registry, and neither update nor deactivation: the document follows from the DID,
and there is nothing that a chain could add. The fragments are those of the implementations that sign.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from resolvers import accounts, base64url, did_url, multibase
from resolvers.did import _accounts
from resolvers.model import DidMethod
from resolvers.problems import Invalid, Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from resolvers.documents import ControllerDocument
    from resolvers.model import Lookup, Provenance

    _Methods = dict[str, dict[str, Any]]

_LEGACY: Final = {
    "eth": "eip155:1",
    "celo": "eip155:42220",
    "poly": "eip155:137",
    "btc": "bip122:000000000019d6689c085ae165831e93",
    "doge": "bip122:1a91e3dace36e2be3bf030a65679fe82",
    "sol": "solana:4sGjMW1sUnHzSxGspuhpqLDx6wiyjNtZ",
    "tz": "tezos:NetXdQprcVkpaWU",
}
"""Chains by the names that DIDs had before the method took over CAIP-10; such DIDs are still presented."""

_ED25519_OCTETS: Final = 32
_BITCOIN_OCTETS: Final = 21
_RECOVERY: Final = "EcdsaSecp256k1RecoveryMethod2020"


async def resolve(did: str, lookup: Lookup) -> tuple[ControllerDocument, Provenance | None]:
    """Return the document that follows from `did`; nothing is looked up.

    Raises:
        Invalid: `INVALID_DID`: no account id, or not an address of its chain.
        Unavailable: `METHOD_NOT_SUPPORTED`: a chain of a kind that is not known here.
    """
    del lookup
    return _document(did), None


@lru_cache(maxsize=2048)
def _document(did: str) -> ControllerDocument:
    identifier = did_url.parse(did).identifier
    chain, _, address = identifier.rpartition(":")
    account = f"{_LEGACY.get(chain, chain)}:{address}"
    matched = accounts.ACCOUNT_ID.fullmatch(account)
    if matched is None:
        raise Invalid("INVALID_DID", f"{did[:100]!r} is not a CAIP-10 account")
    read = _NAMESPACES.get(matched["namespace"])
    if read is None:
        raise Unavailable("METHOD_NOT_SUPPORTED", f"did:pkh of {matched['namespace']}")
    methods = read(account, address)
    if methods is None:
        raise Invalid("INVALID_DID", f"{did[:100]!r} does not hold an address of its chain")
    return _accounts.document(did, methods)


def _eip155(account: str, address: str) -> _Methods | None:
    if _accounts.ETHEREUM_ADDRESS.fullmatch(address) is None:
        return None
    # didkit's older names for some chains go with another fragment; both mean the same account.
    return {
        "blockchainAccountId": {"type": _RECOVERY, "blockchainAccountId": account},
        "Recovery2020": {"type": _RECOVERY, "blockchainAccountId": account},
        "Eip712Method2021": {"type": "Eip712Method2021", "blockchainAccountId": account},
    }


def _bip122(account: str, address: str) -> _Methods | None:
    if len(_accounts.base58check(address) or b"") != _BITCOIN_OCTETS:
        return None
    return {"blockchainAccountId": {"type": _RECOVERY, "blockchainAccountId": account}}


def _solana(account: str, address: str) -> _Methods | None:
    """Return the methods of a Solana account, whose address is an Ed25519 key itself."""
    del account
    try:
        octets = multibase.decode_base58(address)
    except ValueError:
        return None
    if len(octets) != _ED25519_OCTETS:
        return None
    jwk = {"kty": "OKP", "crv": "Ed25519", "x": base64url.encode(octets)}
    return {
        "controller": {"type": "Ed25519VerificationKey2018", "publicKeyBase58": address},
        "SolanaMethod2021": {"type": "SolanaMethod2021", "publicKeyJwk": jwk},
    }


_NAMESPACES: Final[Mapping[str, Callable[[str, str], _Methods | None]]] = {
    "eip155": _eip155,
    "tezos": _accounts.tezos,
    "bip122": _bip122,
    "solana": _solana,
}
"""CAIP-2 namespace → its reader: (account id, address) to the methods by fragment, None where it is no address."""

PLUGIN: Final = DidMethod(name="pkh", resolve=resolve)
