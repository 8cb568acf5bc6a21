"""Records of 1EdTech before they were W3C credentials: told by their members, and put together from their parts.

Open Badges 1.0 to 2.1 and Comprehensive Learner Record 1.0. They are JSON-LD, but nothing in how they are
verified is RDF: their members are read by name, as every implementation does. What an assertion only
points to (its badge class, its issuer) is fetched and put in its place, so that the document that comes
out says what the issuer says.
"""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from gateway.formats import _checks, _hosted_documents
from gateway.formats._hosted_documents import in_scope, is_web_address
from gateway.formats._issuer_profile import fetch_profile, named
from gateway.formats._recognized import AROUND, belongs_elsewhere
from gateway.model import CheckName, Outcome
from gateway.structure import malformed, several
from gateway.validity import read_instant, rfc3339
from resolvers.problems import Invalid, Problem, Unavailable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gateway.formats._issuer_profile import IssuerProfile
    from gateway.formats._jose import Token
    from gateway.model import CheckResult, Secured
    from gateway.plugins import ProofTools

_OPEN_BADGES: Final = re.compile(
    r"https?://(?:w3id\.org/openbadges/|openbadgespec\.org/|purl\.imsglobal\.org/spec/ob/v2)"
)
_ASSERTION: Final = frozenset({"Assertion", "obi:Assertion", "https://w3id.org/openbadges#Assertion"})
_HOSTED: Final = frozenset({"HostedBadge", "hosted", "Hosted", "HostedVerification", "obi:HostedBadge"})
_SIGNED: Final = frozenset({"SignedBadge", "signed", "Signed", "SignedVerification", "obi:SignedBadge"})
_OTHERS: Final = frozenset({"credentialSubject", "proof", "signature", "payload", "vc", "vp"})
"""Members by which something is another kind of record."""
_TYPES_OF_OTHERS: Final = AROUND | {"VerifiableCredential"}
_RESERVED: Final = (
    *("credentialStatus", "status", "validFrom", "validUntil", "issuanceDate", "expirationDate", "vct"),
    *("credentialSchema", "refreshService"),
)
"""Members of the W3C data model that the gateway reads: in these records they mean nothing, and must not seem to."""
_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_NO_SECONDS: Final = re.compile(r"(\d{4}-\d{2}-\d{2}T\d{2}:\d{2})(Z|[+-]\d{2}:\d{2})?", re.ASCII)

_BADGE_CLASS: Final = frozenset({"BadgeClass", "obi:BadgeClass", "https://w3id.org/openbadges#BadgeClass"})


def is_assertion(content: Any) -> bool:
    """Whether this is an Assertion of Open Badges 0.5 to 2.1."""
    if not _is_candidate(content):
        return False
    contexts = [one for one in several(content.get("@context")) if isinstance(one, str)]
    typed = not _ASSERTION.isdisjoint(_strings(content.get("type")))
    if typed and any(_OPEN_BADGES.match(context) for context in contexts):
        return "achievement" not in content
    return "badge" in content and "recipient" in content


def is_clr(content: Any) -> bool:
    """Whether this is a Comprehensive Learner Record 1.0, or one assertion of it."""
    if not _is_candidate(content) or "badge" in content:
        return False
    types = _strings(content.get("type"))
    if "Clr" in types or ("learner" in content and "publisher" in content):
        return True
    return "achievement" in content and ("Assertion" in types or "recipient" in content)


def _is_candidate(content: Any) -> bool:
    return (
        isinstance(content, dict)
        and _OTHERS.isdisjoint(content)
        and _TYPES_OF_OTHERS.isdisjoint(_strings(content.get("type")))
        and not belongs_elsewhere(content)
    )


def _strings(value: Any) -> list[str]:
    return [one for one in several(value) if isinstance(one, str)]


def verification(record: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return how a record is to be verified; `verify` until Open Badges 1.1."""
    found = record.get("verification", record.get("verify"))
    return found if isinstance(found, dict) else {}


def is_signed(record: Mapping[str, Any]) -> bool:
    """Whether a record says that its proof is a signature."""
    return not _SIGNED.isdisjoint(_strings(verification(record).get("type")))


def is_hosted(record: Mapping[str, Any]) -> bool:
    """Whether a record says that its proof is where it is hosted."""
    return not _HOSTED.isdisjoint(_strings(verification(record).get("type")))


def address(record: Mapping[str, Any]) -> str:
    """Return where a hosted record is: its id, or `verify.url` of Open Badges 1.x.

    Raises:
        Unavailable: `hosted-address-missing`.
    """
    for found in (record.get("id"), verification(record).get("url")):
        if isinstance(found, str) and is_web_address(found):
            return found
    raise Unavailable("hosted-address-missing", "neither id nor verify.url is an address", pointer="/id")


def check_shape(secured: Secured) -> CheckResult:
    """Check what a signed record must have, or of a hosted one nothing, since it is looked up first.

    "The input data should only be trusted to identify the URI of the hosted verification file": what else
    is wrong with it is of no consequence.
    """
    token: Token | None = secured.token
    problems = () if token is None else tuple(_problems(token.claims))
    outcome = Outcome.FAIL if problems else Outcome.PASS
    return _checks.result(CheckName.STRUCTURE, outcome, *problems, vcdm=None)


def _problems(record: Mapping[str, Any]) -> Iterator[Problem]:
    """Yield what is wrong with the shape of a record."""
    for name in _RESERVED:
        if name in record:
            yield malformed(f"{name} is no member of such a record", f"/{name}").problem
    for name in ("issuedOn", "expires"):
        try:
            _instant(record.get(name), f"/{name}")
        except Invalid as wrong:
            yield wrong.problem
    for name in ("badge", "achievement", "publisher"):
        if name in record and not isinstance(record[name], str | dict):
            yield malformed(f"{name} is neither a URL nor an object", f"/{name}").problem
    if "publisher" in record and "achievement" in record:  # one would be verified, and the other shown
        yield malformed("a record has a publisher or an achievement, and one issuer", "/publisher").problem


def require_shape(record: Mapping[str, Any]) -> None:
    """Refuse a record that was fetched and has not its shape. Raises Invalid."""
    for problem in _problems(record):
        raise Invalid(problem.code, problem.detail, pointer=problem.pointer)


def completed(record: Mapping[str, Any], *, at: str | None = None, status: Mapping[str, Any] | None = None) -> Any:
    """Return a record with what the gateway reads under the names of the W3C data model.

    As the JWT encoding of VCDM 1.1 is decoded: `issuedOn` is also `validFrom`, `expires` is `validUntil`, and
    where to ask for the status stands in `credentialStatus`. Where it is hosted (`at`) is its id, and
    "Assertion" its type, where Open Badges 1.0 has none.
    """
    document = {name: value for name, value in record.items() if name not in _RESERVED}
    for name, member in (("issuedOn", "validFrom"), ("expires", "validUntil")):
        with suppress(Invalid):
            moment = _instant(record.get(name), f"/{name}")
            if moment is not None:
                document[member] = moment
    if "badge" in document and "type" not in document:
        document["type"] = "Assertion"
    if at is not None:
        document.setdefault("id", at)
    if status is not None:
        document["credentialStatus"] = status
    return document


@dataclass(frozen=True, slots=True, kw_only=True)
class Linked:
    """A record with its parts in their places, and who issued it."""

    document: Mapping[str, Any]
    issuer: str | None
    """Whom it names; nobody has confirmed that yet."""
    profile: IssuerProfile | None
    """None where it could not be had: see `stopped`."""
    stopped: Invalid | Unavailable | None = None
    places: tuple[str, ...] = ()
    """Where the parts of it that had to be fetched are hosted."""


async def link(record: Mapping[str, Any], tools: ProofTools, *, signed: bool) -> Linked:
    """Fetch what a record points to: badge class and issuer. A badge class that was signed stays as it was signed.

    Raises:
        Invalid, Unavailable: the badge class is none, or could not be had.
    """
    member, node = "publisher", record.get("publisher")
    places: tuple[str, ...] = ()
    if "badge" in record:
        member, (node, places) = "badge", await _badge_class(record["badge"], tools, signed=signed)
    elif "achievement" in record:
        member, node = "achievement", record["achievement"]
    reference = node if member == "publisher" else node.get("issuer") if isinstance(node, dict) else None
    profile: IssuerProfile | None = None
    stopped: Invalid | Unavailable | None = None
    try:
        profile = await fetch_profile(reference, tools)
    except (Invalid, Unavailable) as problem:
        stopped = problem
    # Nothing is shown of an issuer but what its own profile says, and by which name the record calls it.
    issuer: Any = {**profile.content, "id": profile.id} if profile is not None else named(reference)
    own = issuer if member == "publisher" else {**node, "issuer": issuer} if isinstance(node, dict) else node
    return Linked(
        document={**record, member: own}, issuer=named(reference), profile=profile, stopped=stopped, places=places
    )


async def _badge_class(badge: Any, tools: ProofTools, *, signed: bool) -> tuple[Mapping[str, Any], tuple[str, ...]]:
    """Return the badge class, and where it was fetched."""
    identifier = named(badge)
    if isinstance(badge, dict) and (signed or identifier is None or not is_web_address(identifier)):
        return badge, ()  # it has no address of its own, or is under the signature
    if identifier is None:
        raise malformed("badge is neither a URL nor an object", "/badge")
    hosted = await _hosted_documents.fetch(identifier, tools)
    types = _strings(hosted.content.get("type"))
    if types and _BADGE_CLASS.isdisjoint(types):
        raise Invalid("hosted-record-mismatch", f"{identifier[:200]} is of type {str(types)[:80]}", pointer="/badge")
    return {"id": identifier, **hosted.content}, hosted.places


def check_issuer(linked: Linked, places: tuple[str, ...]) -> CheckResult:
    """Check that the issuer hosts what is at `places`, and the badge class.

    Facts: `basis` hosted, `issuer`, `source` of its profile.
    """
    profile = linked.profile
    if profile is None:
        stopped = linked.stopped or Unavailable("issuer-not-named", "the record names no issuer")
        return _checks.result(CheckName.ISSUER, _checks.outcome_of(stopped), stopped.problem)
    facts = {"basis": "hosted", "issuer": profile.id, "source": _checks.provenance(profile.source)}
    for found, is_record in ((places, True), (linked.places, False)):
        if not in_scope(found, profile.content, profile.id, record=is_record):
            detail = f"{' and '.join(dict.fromkeys(found))[:300]} is not where {profile.id[:200]} hosts its records"
            return _checks.result(
                CheckName.ISSUER, Outcome.FAIL, Problem(code="hosting-not-allowed", detail=detail), **facts
            )
    return _checks.result(CheckName.ISSUER, Outcome.PASS, **facts)


def _instant(value: Any, pointer: str) -> str | None:
    """Return a date in full: ISO 8601, and until Open Badges 1.1 also a day, or seconds since 1970."""
    if value is None:
        return None
    if isinstance(value, int | float) and not isinstance(value, bool):
        try:
            return rfc3339(datetime.fromtimestamp(value, UTC))
        except (ValueError, OverflowError, OSError):
            raise malformed("no date of the years 1 to 9999", pointer) from None
    if isinstance(value, str):
        if _DATE.fullmatch(value):
            value = f"{value}T00:00:00"
        elif match := _NO_SECONDS.fullmatch(value):  # "optional seconds"
            value = f"{match[1]}:00{match[2] or ''}"
        elif value.isdecimal() and value.isascii():
            return _instant(int(value[:16]), pointer)
    read_instant(value, pointer)
    found: str = value
    return found
