"""What no verifier can do without: one Ed25519 verification, two SHA-256, one JSON parse; and PyLD alone."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from pyld import jsonld

from benchmarks.effort import repeated
from benchmarks.records import floor_inputs

if TYPE_CHECKING:
    from benchmarks.effort import Turn
    from benchmarks.records import Measured
    from gateway.plugins import Canonicalizer
    from resolvers.contexts import ContextStore


async def floor(one: Measured, canonicalizer: Canonicalizer) -> Turn:
    """Return the turn of the floor."""
    config, document, signature, message = await floor_inputs(one, canonicalizer)
    public, body = one.issuer.key.public_key(), one.body
    is_token = one.is_token

    async def work() -> None:
        if not is_token:
            json.loads(body)
        hashlib.sha256(config).digest()
        hashlib.sha256(document).digest()
        public.verify(signature, message)

    return repeated(work)


def pyld(one: Measured, store: ContextStore) -> Turn | None:
    """Return the turn of PyLD, which canonicalizes the document alone, contexts warm; None for what is no RDF."""
    if one.suite.endswith("-jcs-2022") or one.is_token:
        return None
    document = {name: value for name, value in one.credential.items() if name != "proof"}

    def load(url: str, _options: Any) -> dict[str, Any]:
        return {
            "contentType": "application/ld+json",
            "contextUrl": None,
            "documentUrl": url,
            "document": store.load(url),
        }

    options = {"algorithm": "URDNA2015", "format": "application/n-quads", "documentLoader": load}

    async def work() -> None:
        jsonld.normalize(document, options)

    return repeated(work)
