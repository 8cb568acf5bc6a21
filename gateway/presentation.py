"""The shape of a verifiable presentation: VC Data Model 1.1, section 4.10, and 2.0, section 4.13.

A presentation says who holds it, and carries credentials, each of which is verified by itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from gateway.model import CheckName, CheckResult, Outcome, Record
from gateway.structure import check_context, check_identifier, is_url, malformed, several
from resolvers.problems import Invalid, Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gateway.model import Secured

CREDENTIAL: Final = "VerifiableCredential"
PRESENTATION: Final = "VerifiablePresentation"
ENVELOPED: Final = frozenset({"EnvelopedVerifiableCredential", "EnvelopedVerifiablePresentation"})
"""Types of an envelope around a token, which says nothing itself."""

_CREDENTIALS: Final = frozenset({CREDENTIAL, "EnvelopedVerifiableCredential"})
_PRESENTATIONS: Final = frozenset({PRESENTATION, "EnvelopedVerifiablePresentation"})


def types_of(document: Mapping[str, Any]) -> frozenset[str]:
    """Return the names in the document's `type`."""
    return frozenset(name for name in several(document.get("type")) if isinstance(name, str))


def holder_of(document: Mapping[str, Any]) -> str | None:
    """Return the id of the holder, which is a URL or, in 2.0, an object with one; None if it is neither."""
    holder = document.get("holder")
    if isinstance(holder, dict):
        holder = holder.get("id")
    return holder if isinstance(holder, str) else None


def embedded_credentials(document: Mapping[str, Any]) -> tuple[tuple[str, Any], ...]:
    """Return (JSON Pointer, credential) of each one in the presentation."""
    value = document.get("verifiableCredential")
    if isinstance(value, list):
        return tuple([(f"/verifiableCredential/{index}", item) for index, item in enumerate(value)])
    return () if value is None else (("/verifiableCredential", value),)


def record_of(document: Mapping[str, Any]) -> Record:
    """Return what a presentation itself says. The credentials in it say the rest, each for itself."""
    identifier = document.get("id")
    return Record(
        id=identifier if isinstance(identifier, str) else None,
        types=tuple(name for name in several(document.get("type")) if isinstance(name, str)),
        children=embedded_credentials(document),
    )


def check_presentation(secured: Secured) -> CheckResult:
    """Check the shape of a presentation, and report each member that is wrong once. Facts: `vcdm`."""
    problems = tuple(_problems(secured.document, secured.vcdm))
    outcome = Outcome.FAIL if problems else Outcome.PASS
    return CheckResult(name=CheckName.STRUCTURE, outcome=outcome, problems=problems, facts={"vcdm": secured.vcdm})


def _problems(document: Mapping[str, Any], version: str | None) -> Iterator[Problem]:
    for check in (check_context, _type, check_identifier, _holder):
        try:
            check(document, version)
        except Invalid as wrong:
            yield wrong.problem
    for pointer, item in embedded_credentials(document):
        try:
            _credential(item, pointer, version)
        except Invalid as wrong:
            yield wrong.problem


def _type(document: Mapping[str, Any], version: str | None) -> None:
    """Check that it is a presentation, and nothing else that is verified in another way."""
    del version
    types = several(document.get("type"))
    if not all(isinstance(name, str) for name in types) or PRESENTATION not in types:
        raise malformed("type does not name VerifiablePresentation", "/type")
    if not _CREDENTIALS.isdisjoint(types):
        raise malformed("a presentation is not also a credential", "/type")


def _holder(document: Mapping[str, Any], version: str | None) -> None:
    holder = document.get("holder")
    if holder is None:
        return
    if isinstance(holder, dict) and version == "1.1":
        raise malformed("holder is not a URL", "/holder")
    if not is_url(holder_of(document)):
        raise malformed("holder is neither a URL nor an object whose id is one", "/holder")


def _credential(item: Any, pointer: str, version: str | None) -> None:
    """Check that a presentation holds credentials: no presentations, and tokens only in 1.1.

    "The verifiableCredential property MAY be present. The value MUST be one or more verifiable credential
    and/or enveloped verifiable credential objects (the values MUST NOT be non-object values such as
    numbers, strings, or URLs)." (VCDM 2.0, section 4.13)
    """
    if isinstance(item, str):
        if version != "1.1":
            raise malformed("a credential in a presentation of VCDM 2.0 is an object", pointer)
        return
    if not isinstance(item, dict):
        raise malformed("a credential is an object or a token", pointer)
    types = types_of(item)
    if types.isdisjoint(_CREDENTIALS) or not types.isdisjoint(_PRESENTATIONS):
        raise malformed("what a presentation holds is a credential", f"{pointer}/type")
