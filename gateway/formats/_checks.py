"""What every securing mechanism reports in the same way."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from gateway.model import CheckName, CheckResult, Outcome
from gateway.validity import rfc3339
from resolvers.problems import Invalid, Problem, Unavailable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateway.model import Expected
    from gateway.plugins import ProofTools
    from resolvers.model import Provenance, VerificationMethod


def result(name: CheckName, outcome: Outcome, *problems: Problem, **facts: Any) -> CheckResult:
    """Return a check's result."""
    return CheckResult(name=name, outcome=outcome, problems=problems, facts=facts)


def outcome_of(stopped: Invalid | Unavailable) -> Outcome:
    """Return what a check comes to that was stopped: wrong, or not known."""
    return Outcome.FAIL if isinstance(stopped, Invalid) else Outcome.INDETERMINATE


def check_usable(method: VerificationMethod, tools: ProofTools) -> None:
    """Refuse a key "at or after" the time of its `expires` or `revoked` (Controlled Identifiers 1.0, section 2.2).

    Raises:
        Invalid: `key-expired`.
    """
    if method.ends is not None and tools.as_of >= method.ends:
        raise Invalid("key-expired", f"{method.id} was expired or revoked")


def bound(basis: str, method: VerificationMethod) -> CheckResult:
    """Return that the issuer controls the key, and on what ground."""
    facts = {"basis": basis, "verificationMethod": method.id, "source": source_of(method)}
    return result(CheckName.ISSUER, Outcome.PASS, *method.warnings, **facts)


def foreign(issuer: str | None, key: str) -> CheckResult:
    """Return that `key` is somebody else's than the issuer's."""
    detail = f"{key} is not a key of {issuer}" if issuer else f"{key}, and the credential names no issuer"
    return result(CheckName.ISSUER, Outcome.FAIL, Problem(code="issuer-mismatch", detail=detail, pointer="/issuer"))


def not_the_holders(holder: str | None, key: str) -> CheckResult:
    """Return that `key`, which signed a presentation, is somebody else's than the holder's."""
    detail = f"{key} is not a key of {holder}" if holder else f"{key}, and the presentation names no holder"
    return result(CheckName.ISSUER, Outcome.FAIL, Problem(code="holder-mismatch", detail=detail, pointer="/holder"))


def check_expected(challenge: Any, domain: Any, expected: Expected | None, place: Mapping[str, str]) -> None:
    """Check that a holder's proof was made for this request (Data Integrity 1.0, Verify Proof, steps 5 and 6).

    What is expected and absent is wrong: a proof that names no challenge could be one of any day (T38).
    `place` is where `challenge` and `domain` stand, for the problem.

    Raises:
        Invalid: `INVALID_CHALLENGE_ERROR`, `INVALID_DOMAIN_ERROR`.
    """
    if expected is None:
        return
    if expected.challenge is not None and challenge != expected.challenge:
        detail = "the proof answers no challenge" if challenge is None else "the proof answers another challenge"
        raise Invalid("INVALID_CHALLENGE_ERROR", detail, pointer=place["challenge"])
    # "does not contain the same strings as proof.domain (treating a single string as a set containing
    # just that string)"
    domains = domain if isinstance(domain, list) else [] if domain is None else [domain]
    if expected.domain and (not all(isinstance(one, str) for one in domains) or frozenset(domains) != expected.domain):
        detail = "the proof is for another domain" if domains else "the proof names no domain"
        raise Invalid("INVALID_DOMAIN_ERROR", detail, pointer=place["domain"])


def source_of(method: VerificationMethod) -> Mapping[str, Any] | None:
    """Return where the key's document came from and how old it is, JSON-ready; None if it was derived."""
    return None if method.source is None else provenance(method.source)


def provenance(source: Provenance) -> Mapping[str, Any]:
    """Return where something came from and how old it is, JSON-ready."""
    return {
        "url": source.url,
        "sha256": source.sha256,
        "fetchedAt": rfc3339(source.fetched_at),
        "age": source.age,
        "stale": source.stale,
    }


def contexts_of(document: Mapping[str, Any], tools: ProofTools) -> tuple[Mapping[str, str], CheckResult | None]:
    """Return the contexts of a document that was signed as JSON, and what an unknown one does to `structure`.

    The signature covers the document whatever its contexts say; but what its members mean is known
    only where every context is, or where the record's own normalizer reads them by name.
    """
    try:
        return tools.canonicalizer.check_contexts(document), None
    except Invalid as wrong:
        return {}, result(CheckName.STRUCTURE, Outcome.FAIL, wrong.problem)
    except Unavailable as unknown:
        by_name = tools.named_contexts(document)
        if by_name:
            with suppress(Invalid, Unavailable):
                known = tools.canonicalizer.check_contexts(_without(document, by_name))
                return known, result(CheckName.STRUCTURE, Outcome.PASS, readByName=sorted(by_name))
        outcome = Outcome.PASS if tools.allow_unknown_contexts else Outcome.INDETERMINATE
        return {}, result(
            CheckName.STRUCTURE, outcome, unknown.problem, allowUnknownContexts=tools.allow_unknown_contexts
        )


def _without(value: Any, contexts: frozenset[str]) -> Any:
    """Return `value` as if no `@context` in it named `contexts`: a JCS proof repeats its document's."""
    if isinstance(value, list):
        return [_without(item, contexts) for item in value]
    if not isinstance(value, dict):
        return value
    found = {name: _without(member, contexts) for name, member in value.items()}
    if "@context" in found:
        named = found["@context"] if isinstance(found["@context"], list) else [found["@context"]]
        found["@context"] = [one for one in named if not (isinstance(one, str) and one in contexts)]
    return found
