"""All embedded proofs of one document (Data Integrity 1.0, Verify Proof Sets and Chains).

Every proof is verified, where Open Badges 3.0 lets a verifier pick one: a bad proof fails the whole,
and one whose suite is not supported leaves it indeterminate. Whose they are is for the format to say.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final

from gateway.formats import _checks
from gateway.formats._embedded_proof import Examined, examine, summarize
from gateway.formats._proof_chain import previous_proofs
from gateway.model import CheckName, Outcome, Proven, worst
from resolvers.problems import Invalid, Problem, Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from gateway.model import CheckResult
    from gateway.plugins import ProofTools

MAX_PROOFS: Final = 8
"""Proofs of one document: each costs a canonicalization and a look-up, and the field has at most 2."""


def proofs_of(document: Mapping[str, Any]) -> list[Any]:
    """Return the proofs of a document, of which there may be none."""
    value = document.get("proof")
    return value if isinstance(value, list) else [] if value is None else [value]


async def examine_all(document: Mapping[str, Any], tools: ProofTools) -> list[Examined]:
    """Verify every proof of `document`, each over the document with the proofs that it builds on.

    Raises:
        Invalid, Unavailable: none of them could be looked at.
    """
    proofs = proofs_of(document)
    several = isinstance(document.get("proof"), list)
    pointers = [f"/proof/{index}" for index in range(len(proofs))] if several else ["/proof"]
    if not proofs:
        raise Invalid("no-proof", "there is no proof", pointer="/proof")
    if len(proofs) > MAX_PROOFS:
        raise Unavailable("too-large", f"{len(proofs)} proofs, of at most {MAX_PROOFS}", pointer="/proof")
    previous = previous_proofs(proofs, pointers)
    unsecured = {name: member for name, member in document.items() if name != "proof"}
    examined: list[Examined] = []
    for proof, pointer, matching in zip(proofs, pointers, previous, strict=True):
        if examined:
            await asyncio.sleep(0)  # each may take milliseconds without a pause: let others be answered
        over = {**unsecured, "proof": matching} if matching else unsecured
        examined.append(await examine(proof, pointer, over, tools))
    return examined


def unexamined(document: Mapping[str, Any], stopped: Invalid | Unavailable) -> Proven:
    """Return what is known where no proof could be looked at."""
    unknown = Outcome.INDETERMINATE
    return Proven(
        data_loss=_checks.result(CheckName.DATA_LOSS, unknown, stopped.problem),
        proof=_checks.result(CheckName.PROOF, _checks.outcome_of(stopped), stopped.problem),
        issuer=_checks.result(CheckName.ISSUER, unknown, stopped.problem),
        document=None,
        proofs=tuple(map(summarize, proofs_of(document)[:MAX_PROOFS])),
    )


def proven(
    document: Mapping[str, Any],
    examined: Sequence[Examined],
    signer: str | None,
    foreign: Callable[[str | None, str], CheckResult],
    tools: ProofTools,
) -> Proven:
    """Return what the proofs show together.

    One at least has to be that of `signer`, the issuer or the holder; `foreign(signer, key)` says that
    none is.
    """
    own = [one for one in examined if one.secured is not None and signer is not None and one.document == signer]
    proof = _proof(examined)
    contexts: dict[str, str] = {}
    structure: CheckResult | None = None
    verified: Mapping[str, Any] | None = None
    if proof.outcome is Outcome.PASS:
        verified = _document(document, own or examined)
        for one in examined:
            contexts.update(one.secured.contexts if one.secured is not None else {})
        if not any(one.suite is not None and one.suite.rdf for one in examined):
            # What a proof says, its suite defines; the context in an EIP-712 proof is read by nobody here.
            read = {name: member for name, member in verified.items() if name != "proof"}
            known, structure = _checks.contexts_of(read, tools)
            contexts.update(known)
    return Proven(
        data_loss=_data_loss(examined),
        proof=proof,
        issuer=_signer(signer, own, examined, foreign),
        document=verified,
        proofs=tuple([one.summary for one in examined]),
        contexts=contexts,
        structure=structure,
        warnings=tuple([warning for one in examined for warning in one.warnings]),
    )


def _proof(examined: Sequence[Examined]) -> CheckResult:
    """Every proof counts: the check is as good as the worst of them."""
    problems = []
    for one in examined:
        if one.stopped is None:
            continue
        problem = one.stopped.problem
        if problem.code == "DATA_LOSS_DETECTION_ERROR":  # is dataLoss's to tell
            detail = "the document could not be transformed without loss"
            problem = Problem(code="PROOF_TRANSFORMATION_ERROR", detail=detail, pointer=problem.pointer)
        problems.append(problem)
    return _checks.result(CheckName.PROOF, worst([one.summary.outcome for one in examined]), *problems)


def _data_loss(examined: Sequence[Examined]) -> CheckResult:
    """A signature over JSON covers all of it; one over a graph covers what was found to be in the graph."""
    name = CheckName.DATA_LOSS
    stopped = [one.stopped.problem for one in examined if one.stopped is not None]
    lost = [problem for problem in stopped if problem.code == "DATA_LOSS_DETECTION_ERROR"]
    if lost:
        return _checks.result(name, Outcome.FAIL, *lost)
    graphs = [one for one in examined if one.suite is None or one.suite.rdf]
    if not graphs:
        return _checks.result(name, Outcome.NOT_APPLICABLE)
    if any(one.secured is not None for one in graphs):
        return _checks.result(name, Outcome.PASS)
    return _checks.result(name, Outcome.INDETERMINATE, *stopped)


def _signer(
    signer: str | None,
    own: Sequence[Examined],
    examined: Sequence[Examined],
    foreign: Callable[[str | None, str], CheckResult],
) -> CheckResult:
    """Check that a proof which verified is the signer's: its method stands in the signer's own document."""
    if own and own[0].method is not None:
        return _checks.bound("document", own[0].method)
    claimed = [one.stopped.problem for one in examined if one.stopped is not None and one.document == signer]
    if signer is not None and claimed:
        return _checks.result(CheckName.ISSUER, Outcome.INDETERMINATE, *claimed)
    return foreign(signer, examined[0].summary.verification_method or "the proof's key")


def _document(presented: Mapping[str, Any], examined: Sequence[Examined]) -> Mapping[str, Any]:
    """Return what the proofs secure, proofs included.

    They can differ in one thing alone: a JCS proof may cover fewer contexts than the document has.
    What counts is what the signer secured, and of several what all of them did.
    """
    secured = [one.secured.document.get("@context") for one in examined if one.secured is not None]
    context = min(secured, key=lambda contexts: len(contexts) if isinstance(contexts, list) else 1)
    return presented if context == presented.get("@context") else {**presented, "@context": context}
