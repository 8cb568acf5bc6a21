"""The contexts of the specifications' worked examples, and the tools to verify them with."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from gateway.canonical.rdf import canonicalizer
from resolvers.contexts import ContextStore, Revision
from tests.gateway.proving import STORE, proof_tools
from tests.shared import SHARED

if TYPE_CHECKING:
    from gateway.canonical.rdf import RdfCanonicalizer
    from gateway.plugins import ProofTools
    from tests.internet import FakeInternet

_EXAMPLES = "w3c/credentials-examples-v2.jsonld"


def examples_canonicalizer() -> RdfCanonicalizer:
    """Return a canonicalizer that knows the examples' own context beside the bundled ones; close it."""
    raw = (SHARED / "contexts" / _EXAMPLES).read_bytes()
    digest = hashlib.sha256(raw).hexdigest()
    examples = Revision(
        url="https://www.w3.org/ns/credentials/examples/v2",
        sha256=digest,
        jcs_sha256=digest,
        document=json.loads(raw),
        source=_EXAMPLES,
    )
    bundled = [revision for url in STORE.urls for revision in STORE.revisions(url)]
    return canonicalizer(ContextStore([*bundled, examples]))


def examples_tools(made: RdfCanonicalizer, internet: FakeInternet | None = None, **changes: Any) -> ProofTools:
    """Return proof tools at a time when the examples are valid."""
    return proof_tools(made, internet, **{"as_of": datetime(2026, 6, 1, tzinfo=UTC), **changes})
