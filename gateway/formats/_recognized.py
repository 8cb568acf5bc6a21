"""Records that are read and explained, but not verified here; and whose they are, for the formats that are.

Some formats rest on what only another system can look up, or carry no proof at all. Each says so with a
problem of its own, whose remedy is what the applicant can ask the issuer for. None of them ever passes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeGuard

from gateway.formats import _checks
from gateway.formats._jose import media_type, peek_header, peek_payload
from gateway.model import CheckName, Outcome, Proven
from resolvers.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from gateway.model import CheckResult, Secured
    from gateway.plugins import ProofTools

_VELOCITY_DID: Final = "did:velocity:"
_VELOCITY_SITE: Final = "velocitynetwork.foundation/"
"""Where the network's contexts and schemas are: members also have DIDs of other methods."""
_MERKLE_PROOFS: Final = frozenset({"MerkleProof2017", "MerkleProof2019", "merkle-proof-2019", "ChainpointSHA256v2"})
AROUND: Final = frozenset(
    {"VerifiablePresentation", "EnvelopedVerifiableCredential", "EnvelopedVerifiablePresentation"}
)
"""Types of what is around records: whatever else it carries, it is somebody else's to read."""
_LER_RS: Final = "hropenstandards.org/"
_LER_RS_NAMES: Final = frozenset({"LER-RS VC", "LER-RS", "LERRS", "LER-RSType"})


def explained(code: str, detail: str) -> Callable[[Secured, ProofTools], Awaitable[Proven]]:
    """Return the proof step of a format that is not verified here: it always says so, with `code`."""

    async def verify(_secured: Secured, _tools: ProofTools) -> Proven:
        problem = Problem(code=code, detail=detail)
        return Proven(
            data_loss=_checks.result(CheckName.DATA_LOSS, Outcome.NOT_APPLICABLE),
            proof=_checks.result(CheckName.PROOF, Outcome.INDETERMINATE, problem),
            issuer=_checks.result(CheckName.ISSUER, Outcome.INDETERMINATE, problem),
            document=None,
        )

    return verify


def readable(secured: Secured) -> CheckResult:
    """Report that the record could be read, which is all that is asked of its shape."""
    return _checks.result(CheckName.STRUCTURE, Outcome.PASS, vcdm=secured.vcdm)


def belongs_elsewhere(content: Any) -> bool:
    """Whether a format that only explains has this record, though it looks like a credential."""
    if not _is_record(content):
        return False
    return _is_anchored(content) or _is_networked(content) or (not content.get("proof") and is_ler_rs(content))


def is_blockcerts(content: Any) -> bool:
    """Whether all the proofs of a record are anchored in a blockchain: MerkleProof2017, 2019, or Blockcerts 1's.

    One that stands beside others is an unsupported proof of a set.
    """
    return _is_record(content) and _is_anchored(content)


def is_velocity(content: Any) -> bool:
    """Whether a record is of the Velocity Network: its issuer's DID, or its status method, is the network's."""
    if isinstance(content, str):
        header, payload = peek_header(content), None
        if header is not None:
            payload = peek_payload(content)
        if not isinstance(payload, dict):
            return False
        named = (payload.get("iss"), (header or {}).get("kid"))
        inside = payload.get("vc")
        typed = media_type((header or {}).get("typ")) in (None, "jwt")
        return typed and isinstance(inside, dict) and (any(_of_velocity(one) for one in named) or is_velocity(inside))
    return _is_record(content) and not _is_anchored(content) and _is_networked(content)


def is_unsigned_ler_rs(content: Any) -> bool:
    """Whether this is an HR Open LER-RS that nobody has signed: by itself, or around a credential's subject."""
    if not _is_record(content) or content.get("proof") or not is_ler_rs(content):
        return False
    return not _is_anchored(content) and not _is_networked(content)


def is_ler_rs(content: Mapping[str, Any]) -> bool:
    """Whether a record is an HR Open LER-RS by its type, its subject's, or its context."""
    names = [*_strings(content.get("type")), *_strings(content.get("@context"))]
    for subject in _nodes(content.get("credentialSubject")):
        names += _strings(subject.get("type"))
    return any(name in _LER_RS_NAMES or (_LER_RS in name and "LER-RS" in name) for name in names)


def _is_record(content: Any) -> TypeGuard[Mapping[str, Any]]:
    """Whether this is an object, and none around records, such as a presentation or a JWS."""
    return isinstance(content, dict) and "payload" not in content and AROUND.isdisjoint(_strings(content.get("type")))


def _is_anchored(record: Mapping[str, Any]) -> bool:
    proofs = [*_nodes(record.get("proof")), *_nodes(record.get("signature"))]
    for proof in proofs:
        if _MERKLE_PROOFS.isdisjoint(_strings(proof.get("type"))) and _MERKLE_PROOFS.isdisjoint(
            _strings(proof.get("cryptosuite"))
        ):
            return False
    return bool(proofs)


def _is_networked(record: Mapping[str, Any]) -> bool:
    issuer = record.get("issuer")
    if _of_velocity(issuer.get("id") if isinstance(issuer, dict) else issuer):
        return True
    statuses = [name for node in _nodes(record.get("credentialStatus")) for name in _strings(node.get("type"))]
    if any(name.startswith("VelocityRevocation") for name in statuses):
        return True
    sites = _strings(record.get("@context"))
    for schema in _nodes(record.get("credentialSchema")):
        sites += _strings(schema.get("id"))
    return any(_VELOCITY_SITE in name for name in sites)


def _of_velocity(value: Any) -> bool:
    return isinstance(value, str) and value.startswith(_VELOCITY_DID)


def _nodes(value: Any) -> list[Mapping[str, Any]]:
    return [one for one in (value if isinstance(value, list) else [value]) if isinstance(one, dict)]


def _strings(value: Any) -> list[str]:
    return [one for one in (value if isinstance(value, list) else [value]) if isinstance(one, str)]
