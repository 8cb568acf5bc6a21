"""The shape of a W3C credential: VC Data Model 1.1, section 4, and 2.0, section 4.

Only what the data model itself demands. The JSON Schemas of record formats are no part of it: they
are a matter for a policy.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from gateway.canonical.loss import inline_contexts
from gateway.model import CheckName, CheckResult, Outcome
from gateway.validity import read_instant
from resolvers.problems import Invalid, Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from gateway.model import Secured

CREDENTIALS_V1: Final = "https://www.w3.org/2018/credentials/v1"
CREDENTIALS_V2: Final = "https://www.w3.org/ns/credentials/v2"
UNDEFINED_TERMS_V2: Final = "https://www.w3.org/ns/credentials/undefined-terms/v2"

_URL: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:[^\s<>\"{}|\\^`\x00-\x20]+")
"""An absolute URL by its outline. Who follows one parses it fully; here it must only not be relative."""

_TYPED: Final = {
    # member: (needs `id` in 1.1, needs `id` in 2.0); each needs `type` in both
    "credentialStatus": (True, False),
    "credentialSchema": (True, True),
    "refreshService": (True, False),
    "termsOfUse": (False, False),
    "evidence": (False, False),
}


def vcdm_version(document: Mapping[str, Any]) -> str | None:
    """Return "1.1" or "2.0" by the first context, which the data model fixes; None by any other."""
    context = document.get("@context")
    first = context[0] if isinstance(context, list) and context else context
    return {CREDENTIALS_V1: "1.1", CREDENTIALS_V2: "2.0"}.get(first) if isinstance(first, str) else None


def type_names(document: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the names of a record's types: those in `type`, and the `vct` of a token's claims.

    What is called `type` among claims that are not JSON-LD may be any claim.
    """
    kinds = several(document.get("vct"))
    if "@context" in document or not kinds:
        kinds = kinds + several(document.get("type"))
    return tuple(name for name in kinds if isinstance(name, str))


def issuer_of(document: Mapping[str, Any]) -> str | None:
    """Return the id of the issuer, which is a URL or an object with one; None if it is neither."""
    issuer = document.get("issuer")
    if isinstance(issuer, dict):
        issuer = issuer.get("id")
    return issuer if isinstance(issuer, str) else None


def check_structure(secured: Secured) -> CheckResult:
    """Check the shape of a credential, and report each member that is wrong once.

    Facts: `vcdm`, and where the document has contexts of its own `inlineContexts`, their JSON Pointers.
    A format whose records are no W3C credentials knows their shape itself. A presentation is none
    either: `gateway.presentation` checks it, where one may stand.
    """
    if secured.presentation:
        wrong = malformed("a presentation stands where a credential has to", "/type").problem
        return CheckResult(name=CheckName.STRUCTURE, outcome=Outcome.FAIL, problems=(wrong,))
    if secured.format.structure is not None:
        return secured.format.structure(secured)
    problems = tuple(_problems(secured.document))
    facts: dict[str, Any] = {"vcdm": secured.vcdm}
    if _has_inline_context(secured.document):
        facts["inlineContexts"] = [pointer for pointer, _ in inline_contexts(secured.document)]
    outcome = Outcome.FAIL if problems else Outcome.PASS
    return CheckResult(name=CheckName.STRUCTURE, outcome=outcome, problems=problems, facts=facts)


def _has_inline_context(document: Mapping[str, Any]) -> bool:
    """Whether any node has a context object; nearly always not, so nothing keeps pointers here (3 µs a badge)."""
    waiting: list[Any] = [document]
    for node in waiting:  # which grows meanwhile
        values = node
        if type(node) is not list:
            values = node.values()
            context = node.get("@context")
            if type(context) is dict or (type(context) is list and any(type(one) is dict for one in context)):
                return True
        for value in values:
            if type(value) is not str and (type(value) is dict or type(value) is list):
                waiting.append(value)  # noqa: PERF401 — a comprehension is a call each time: 6 µs a badge
    return False


def _problems(document: Mapping[str, Any]) -> Iterator[Problem]:
    version = vcdm_version(document)
    for check in (check_context, _type, check_identifier, _issuer, _subject, _related, _text):
        try:
            check(document, version)
        except Invalid as wrong:
            yield wrong.problem
    for name, needs in _TYPED.items():
        if document.get(name) is None:
            continue
        try:
            _typed(document, name, needs_id=needs[version == "2.0"])
        except Invalid as wrong:
            yield wrong.problem
    yield from _dates(document, version)


def check_context(document: Mapping[str, Any], version: str | None) -> None:
    """Check that @context begins with the data model's own, and holds URLs and objects. Raises Invalid."""
    if version is None:
        raise malformed("the first @context is not that of VCDM 1.1 or 2.0", "/@context")
    contexts = several(document["@context"])
    for index, context in enumerate(contexts):
        if not (isinstance(context, dict) or is_url(context)):
            raise malformed("a context is a URL or an object", f"/@context/{index}")
    # It holds an @vocab, which would give a meaning of its own to any term that a later context lacks.
    if UNDEFINED_TERMS_V2 in contexts[:-1]:
        raise malformed("undefined-terms/v2 is not the last context", "/@context")


def _type(document: Mapping[str, Any], version: str | None) -> None:
    del version
    types = several(document.get("type"))
    if not all(isinstance(name, str) for name in types) or "VerifiableCredential" not in types:
        raise malformed("type does not name VerifiableCredential", "/type")


def check_identifier(document: Mapping[str, Any], version: str | None) -> None:
    """Check that `id`, if there is one, is a URL. Raises Invalid."""
    del version
    if document.get("id") is not None and not is_url(document["id"]):
        raise malformed("id is not a URL", "/id")


def _issuer(document: Mapping[str, Any], version: str | None) -> None:
    del version
    if not is_url(issuer_of(document)):
        raise malformed("issuer is neither a URL nor an object whose id is one", "/issuer")


def _subject(document: Mapping[str, Any], version: str | None) -> None:
    del version
    subjects = several(document.get("credentialSubject"))
    if not subjects:
        raise malformed("there is no credentialSubject", "/credentialSubject")
    for subject in subjects:
        # "a set of one or more objects", each with claims about one subject (VCDM 2.0, Credential Subject)
        if not isinstance(subject, dict) or not subject:
            raise malformed("a subject is an object with at least one member", "/credentialSubject")
        if subject.get("id") is not None and not is_url(subject["id"]):
            raise malformed("a subject's id is not a URL", "/credentialSubject")


def _typed(document: Mapping[str, Any], name: str, *, needs_id: bool) -> None:
    """Check one object or several, each with its type and, where it has to have one, its id."""
    for value in several(document.get(name)):
        if not isinstance(value, dict):
            raise malformed(f"{name} is not an object", f"/{name}")
        types = several(value.get("type"))
        if not types or not all(isinstance(kind, str) for kind in types):
            raise malformed(f"{name} has no type", f"/{name}")
        identifier = value.get("id")
        if identifier is None and needs_id:
            raise malformed(f"{name} has no id", f"/{name}")
        if identifier is not None and not is_url(identifier):
            raise malformed(f"the id of {name} is not a URL", f"/{name}")


def _related(document: Mapping[str, Any], version: str | None) -> None:
    """Check that each related resource has its own id and a digest (VCDM 2.0, Integrity of Related Resources)."""
    if version != "2.0":
        return
    seen = set()
    for resource in several(document.get("relatedResource")):
        if not isinstance(resource, dict) or not is_url(identifier := resource.get("id")) or identifier in seen:
            raise malformed("a related resource has no id, or the id of another", "/relatedResource")
        if not any(isinstance(resource.get(digest), str) for digest in ("digestSRI", "digestMultibase")):
            raise malformed("a related resource has no digest", "/relatedResource")
        seen.add(identifier)


def _text(document: Mapping[str, Any], version: str | None) -> None:
    """Check that name and description are strings or language value objects (VCDM 2.0, Names and Descriptions)."""
    if version != "2.0":
        return
    for name in ("name", "description"):
        for value in several(document.get(name)):
            if not (isinstance(value, str) or (isinstance(value, dict) and isinstance(value.get("@value"), str))):
                raise malformed(f"{name} is not a text", f"/{name}")


def _dates(document: Mapping[str, Any], version: str | None) -> Iterator[Problem]:
    """Check the validity period: each end is a date and time, and the first is not after the last."""
    found: dict[str, datetime] = {}
    for name in ("validFrom", "validUntil", "issuanceDate", "expirationDate"):
        if document.get(name) is None:
            continue
        try:
            found[name], _ = read_instant(document[name], f"/{name}")
        except Invalid as wrong:
            yield wrong.problem
    if version == "1.1" and document.get("issuanceDate") is None:
        yield malformed("issuanceDate is required", "/issuanceDate").problem
    for start, end in (("validFrom", "validUntil"), ("issuanceDate", "expirationDate")):
        if start in found and end in found and found[start] > found[end]:
            yield malformed(f"{start} is after {end}", f"/{end}").problem


def several(value: Any) -> list[Any]:
    """Return a value that may be single or an array as a list; null and [] mean absent."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def is_url(value: Any) -> bool:
    """Whether `value` is an absolute URL by its outline."""
    return isinstance(value, str) and _URL.fullmatch(value) is not None


def malformed(detail: str, pointer: str) -> Invalid:
    """Return the problem of a member that has not the shape it must have."""
    return Invalid("MALFORMED_VALUE_ERROR", detail, pointer=pointer)
