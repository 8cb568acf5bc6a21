"""did:tz: a Tezos address ("Tezos DID Method").

Its second layer (a contract on the chain) and its third (patches that its controller signs) are not
asked: the document is that of the first layer, the address alone. `chain` says so, and what follows
from it is `resolvers.resolution`'s matter.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from resolvers import did_url
from resolvers.did import _accounts
from resolvers.model import DidMethod
from resolvers.problems import Invalid, Unavailable

if TYPE_CHECKING:
    from resolvers.documents import ControllerDocument
    from resolvers.model import Lookup, Provenance

_MAINNET: Final = "NetXdQprcVkpaWU"
_CHAIN_ID: Final = re.compile(r"Net[1-9A-HJ-NP-Za-km-z]{12}", re.ASCII)


async def resolve(did: str, lookup: Lookup) -> tuple[ControllerDocument, Provenance | None]:
    """Return the document that follows from `did`; nothing is looked up.

    Raises:
        Invalid: `INVALID_DID`: no address of a key (tz1, tz2, tz3).
        Unavailable: `METHOD_NOT_SUPPORTED`: a network by a name that is not known here.
    """
    del lookup
    return _document(did), None


@lru_cache(maxsize=2048)
def _document(did: str) -> ControllerDocument:
    network, _, address = did_url.parse(did).identifier.rpartition(":")
    chain_id = _MAINNET if network in ("", "mainnet") else network
    if _CHAIN_ID.fullmatch(chain_id) is None:
        raise Unavailable("METHOD_NOT_SUPPORTED", f"did:tz of the network {network[:40]!r}")
    methods = _accounts.tezos(f"tezos:{chain_id}:{address}", address)
    if methods is None:
        raise Invalid("INVALID_DID", f"{did[:100]!r} does not hold the address of a key")
    return _accounts.document(did, methods)


PLUGIN: Final = DidMethod(name="tz", resolve=resolve, chain="Tezos (its contracts and signed patches)")
