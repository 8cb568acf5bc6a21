"""One embedded proof, from its options to its signature; how it stands to others is `_proof_chain`'s matter.

Data Integrity 1.0, Verify Proof; Controlled Identifiers 1.0, Retrieve Verification Method.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from gateway.formats import _checks
from gateway.model import Outcome, ProofSummary
from gateway.plugins import AUTHENTICATION
from gateway.validity import is_before, is_over, read_instant
from resolvers.problems import Invalid, Problem, Unavailable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateway.plugins import Cryptosuite, ProofTools, SuiteResult
    from resolvers.model import VerificationMethod

_EXPECTED: Final = {"challenge": "/proof/challenge", "domain": "/proof/domain"}

_MISSPELT: Final = {"eddsa-rdf-2022": "eddsa-rdfc-2022"}
"""Names in the field that no specification defines. What was signed says so, so they are not corrected."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """What one proof came to."""

    summary: ProofSummary
    suite: Cryptosuite | None
    """None where it is not supported, or not looked at."""
    method: VerificationMethod | None
    """None where it was not dereferenced."""
    secured: SuiteResult | None
    """What the proof secures; None unless it verified."""
    stopped: Invalid | Unavailable | None
    warnings: tuple[Problem, ...]

    @property
    def document(self) -> str | None:
        """The controlled identifier document that the verification method belongs to, or claims to."""
        if self.method is not None:
            return self.method.document
        url = self.summary.verification_method
        return None if url is None else url.partition("#")[0]


async def examine(proof: Any, pointer: str, document: Mapping[str, Any], tools: ProofTools) -> Examined:
    """Verify one proof over `document`: without `proof`, or in a chain with the matching previous ones.

    `pointer` is the proof's place in what was presented.
    """
    suite: Cryptosuite | None = None
    method: VerificationMethod | None = None
    secured: SuiteResult | None = None
    stopped: Invalid | Unavailable | None = None
    warnings: tuple[Problem, ...] = ()
    try:
        suite = _suite(proof, tools)
        warnings = _check_options(proof, pointer, tools)
        method = await _verification_method(proof, tools)
        secured = await suite.verify(document, proof, method.key, tools.canonicalizer)
        warnings += tuple(replace(warning, pointer=pointer) for warning in secured.warnings)
    except (Invalid, Unavailable) as problem:
        stopped = _placed(problem, pointer)
    outcome = Outcome.PASS if stopped is None else _checks.outcome_of(stopped)
    return Examined(
        summary=summarize(proof, outcome),
        suite=suite,
        method=method,
        secured=secured,
        stopped=stopped,
        warnings=warnings,
    )


def summarize(proof: Any, outcome: Outcome = Outcome.INDETERMINATE) -> ProofSummary:
    """Return how a proof is reported."""

    def text(name: str) -> str | None:
        value = proof.get(name) if isinstance(proof, dict) else None
        return value if isinstance(value, str) else None

    return ProofSummary(
        type=text("type") or "",
        cryptosuite=text("cryptosuite"),
        verification_method=text("verificationMethod"),
        created=text("created"),
        outcome=outcome,
    )


def _suite(proof: Any, tools: ProofTools) -> Cryptosuite:
    """Return the suite that the proof names: by `cryptosuite` in a DataIntegrityProof, else by its type."""
    if not isinstance(proof, dict):
        raise _wrong("a proof is an object")
    kind, name = proof.get("type"), proof.get("cryptosuite")
    if not isinstance(kind, str):
        raise _wrong("the proof has no type", "/proof/type")
    if kind != "DataIntegrityProof":
        name = kind
    elif not isinstance(name, str):
        raise _wrong("the proof names no cryptosuite", "/proof/cryptosuite")
    suite = tools.suites.get(name)
    if suite is None or suite.proof_type != kind:
        meant = f" (a misspelling of {_MISSPELT[name]})" if name in _MISSPELT else ""
        raise Unavailable("unsupported-cryptosuite", f"{kind} {name[:100]}{meant}", pointer="/proof")
    return suite


def _check_options(proof: Mapping[str, Any], pointer: str, tools: ProofTools) -> tuple[Problem, ...]:
    """Check what the proof says about its purpose and its times; nothing is looked up for it yet."""
    if proof.get("proofPurpose") != tools.purpose:
        raise _wrong(f"the proof's purpose is not {tools.purpose}", "/proof/proofPurpose")
    if tools.purpose == AUTHENTICATION:  # an issuer's proof answers nobody
        _checks.check_expected(proof.get("challenge"), proof.get("domain"), tools.expected, _EXPECTED)
    warnings: list[Problem] = []
    if "created" in proof:
        created, doubts = _instant(proof, "created", pointer)
        warnings.extend(doubts)
        # Whoever asks about a past instant may hold a proof that was made since: what cannot be is a
        # proof from the future.
        if is_before(max(tools.as_of, tools.now or tools.as_of), created, tools.clock_skew):
            raise Invalid("not-yet-valid", "the proof was created in the future", pointer="/proof/created")
    if "expires" in proof:
        expires, doubts = _instant(proof, "expires", pointer)
        warnings.extend(doubts)
        if is_over(tools.as_of, expires, tools.clock_skew):
            raise Invalid("proof-expired", "the proof has expired", pointer="/proof/expires")
    return tuple(warnings)


def _instant(proof: Mapping[str, Any], name: str, pointer: str) -> Any:
    try:
        return read_instant(proof[name], f"{pointer}/{name}")
    except Invalid:
        raise _wrong(f"{name} is not a date and time", f"/proof/{name}") from None


async def _verification_method(proof: Mapping[str, Any], tools: ProofTools) -> VerificationMethod:
    url = proof.get("verificationMethod")
    if not isinstance(url, str):
        # A whole method written into the proof would be a key that nobody vouches for.
        detail = "verificationMethod is not a URL"
        raise Invalid("INVALID_VERIFICATION_METHOD_URL", detail, pointer="/proof/verificationMethod")
    method = await tools.keys.dereference(url, purpose=tools.purpose)
    _checks.check_usable(method, tools)
    return method


def _placed(stopped: Invalid | Unavailable, pointer: str) -> Invalid | Unavailable:
    """Return the problem with its place in what was presented: `/proof` stands for this proof."""
    found = stopped.problem
    place = found.pointer
    if place is None:
        place = pointer
    elif place == "/proof" or place.startswith("/proof/"):
        place = pointer + place.removeprefix("/proof")
    return type(stopped)(found.code, found.detail, pointer=place)


def _wrong(detail: str, pointer: str = "/proof") -> Invalid:
    return Invalid("PROOF_VERIFICATION_ERROR", detail, pointer=pointer)
