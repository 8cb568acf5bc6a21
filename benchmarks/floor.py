"""What no verifier can do without: one Ed25519 verification, two SHA-256, one JSON parse."""

from __future__ import annotations

import hashlib
import json
import statistics
import time
from typing import TYPE_CHECKING, Any

from pyld import jsonld

if TYPE_CHECKING:
    from collections.abc import Callable

    from benchmarks.records import Measured
    from gateway.model import Canonicalizer
    from resolvers.contexts import ContextStore

from benchmarks.records import floor_inputs


def median_ms(work: Callable[[], Any], seconds: float) -> float:
    """Return the median time of `work` in milliseconds, repeated for about so many seconds, at least 5 times."""
    times: list[float] = []
    end = time.perf_counter() + seconds
    while len(times) < 5 or time.perf_counter() < end:
        started = time.perf_counter()
        work()
        times.append(time.perf_counter() - started)
    return statistics.median(times) * 1000


async def floor_ms(one: Measured, canonicalizer: Canonicalizer, seconds: float) -> float:
    """Return the floor of a record in milliseconds."""
    config, document, signature, message = await floor_inputs(one, canonicalizer)
    public, body = one.issuer.key.public_key(), one.body
    is_token = isinstance(one.credential, str)
    signed = message if is_token else message[:64]

    def work() -> None:
        if not is_token:
            json.loads(body)
        hashlib.sha256(config).digest()
        hashlib.sha256(document).digest()
        public.verify(signature, signed)

    return median_ms(work, seconds)


def pyld_ms(one: Measured, store: ContextStore, seconds: float) -> float | None:
    """Return PyLD's time to canonicalize the document alone, contexts warm; None for what is no RDF."""
    if one.suite.endswith("-jcs-2022") or isinstance(one.credential, str):
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
    return median_ms(lambda: jsonld.normalize(document, options), seconds)
