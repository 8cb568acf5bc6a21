"""The gateway beside its peers, beside PyLD and beside the floor, record by record.

Both sides verify the same eight records of a kind in turn, by one `did:key` issuer, without status and without
schema, with everything in memory, warm. What each does for its time:

- Here, `verify()` of the bytes of a request: strict JSON, recognizing the format, the structure of the credential,
  issuer, proof, validity, status and schema (there are none, which is found out), the issuer's standing (no list
  answers), the decision of a policy of seven rules in three levels, and the normalized record.
- `@digitalbazaar/vc`, `verifyCredential` of the parsed object: the structure of the credential, validity with five
  minutes' grace, proof, its purpose, and that issuer and controller are the same. It parses no JSON, limits
  nothing, knows no status unless it is given a function for it, no schema, no registries, no decision and no
  normal form. Of an `eddsa-rdfc-2022` badge it processes JSON-LD in safe mode, as a general processor at each
  verification; here a table that was compiled from the same contexts does it, and PyLD where that declines.
- `did-jwt-vc`, `verifyCredential` of the token: the DID document, the signature (in JavaScript, by noble), `nbf`,
  `exp`, that there are the context, the type and a subject, and the credential in the form of the data model. It
  verifies the JWT of the VC Data Model 1.1 alone, of which `badge-jwt` therefore is; of 2.0's, which has no
  `iss`, it says `invalid_jwt`.
- `jose`, `jwtVerify` of the token: signature, `nbf` and `exp`, with a key that it is given. No credential, no DID.

What may be remembered is, on both sides: the DID document here, in `did-resolver` (its cache is on), and in
`jsonld-document-loader`, the loader of `@digitalbazaar/vc`'s own makers, whose static documents let jsonld keep the
contexts that it has processed. The peers have all cores and take what they want of them for their garbage
collection and their compiler; `verify()` has one thread.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from benchmarks import load, ours, peer, records
from benchmarks.effort import interleaved
from benchmarks.floor import floor, pyld
from benchmarks.processes import cores, served

if TYPE_CHECKING:
    from benchmarks.effort import Effort, Row

TITLE: Final = "Milliseconds for one verification, of the whole throughput"
COLUMNS: Final = {
    "name": "record",
    "ours_ms": "verify()",
    "http_ms": "HTTP, one core",
    "peer_ms": "peer",
    "peer": "which is",
    "signature_ms": "bare signature (jose)",
    "pyld_ms": "PyLD alone",
    "floor_ms": "floor",
    "ratio_peer": "peer / ours",
    "ratio_floor": "ours / floor",
}


async def rows(names: list[str], effort: Effort) -> list[Row]:
    """Measure each record on every side, side by side; the peers' figures are None without Node."""
    async with ours.opened() as verifier:
        made = await records.measured(verifier.canonicalizer, names)
        with peer.started(made, verifier.contexts) as others, served(core=cores()[-1]) as service:
            async with load.connections(service.port) as open_:
                found = []
                for one in made:
                    sides = {  # beside `verify()` are those that it is compared with
                        "signature_ms": others.verifying(one, peer.SIGNATURE) if others and one.is_token else None,
                        "peer_ms": others.verifying(one) if others else None,
                        "ours_ms": ours.verifying(verifier, one),
                        "floor_ms": await floor(one, verifier.canonicalizer),
                        "http_ms": load.saturating(open_, one),
                        "pyld_ms": pyld(one, verifier.contexts),
                    }
                    times = await interleaved({name: turn for name, turn in sides.items() if turn}, effort)
                    found.append(_row(one.name, peer.of(one), times))
    return found


def _row(name: str, of: str, times: dict[str, float]) -> Row:
    ours_ms, peer_ms, floor_ms = times["ours_ms"], times.get("peer_ms"), times["floor_ms"]
    return {
        "name": name,
        "ours_ms": ours_ms,
        "peer_ms": peer_ms,
        "peer": of,
        "signature_ms": times.get("signature_ms"),
        "floor_ms": floor_ms,
        "ratio_peer": None if peer_ms is None else peer_ms / ours_ms,
        "ratio_floor": ours_ms / floor_ms,
        "http_ms": times["http_ms"],
        "pyld_ms": times.get("pyld_ms"),
    }
