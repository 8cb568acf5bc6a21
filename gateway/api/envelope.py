"""What stands beside the record in a request. Pydantic sees this alone, and never the record itself."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Final

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, ValidationError

import gateway.projections
from gateway.api.errors import Refused
from gateway.holder import FIELDS
from gateway.model import Expected
from gateway.plugins import Projection
from resolvers import registry

if TYPE_CHECKING:
    from collections.abc import Mapping

# RFC 3339, section 5.6; the time zone is not optional.
_RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)", re.ASCII | re.IGNORECASE)

# Nothing was signed before, and clock skew and durations must be addable.
_EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
_LATEST = datetime(2200, 1, 1, tzinfo=UTC)

PROJECTIONS: Final = registry.scan(gateway.projections, Projection, lambda projection: (projection.name,))
"""The standards in whose shape a result can be told, by name."""

Text = Annotated[str, StringConstraints(min_length=1, max_length=200)]


def _known(name: str) -> str:
    if name not in PROJECTIONS:
        message = f"one of {', '.join(PROJECTIONS)}"
        raise ValueError(message)
    return name


class Candidate(BaseModel):
    """Whom the caller expects the record to be about. Never logged, and never part of the result."""

    model_config: ClassVar[ConfigDict] = ConfigDict(
        frozen=True, extra="forbid", strict=True, hide_input_in_errors=True, use_attribute_docstrings=True
    )

    email: Text | None = None
    """Address of e-mail."""
    name: Text | None = None
    """Full name. It alone identifies nobody."""
    phone: Text | None = None
    """Telephone number, with its country code."""
    student_id: Text | None = Field(default=None, alias="studentId")
    """Number at the school."""
    user_name: Text | None = Field(default=None, alias="userName")
    """Name of the account there."""
    national_id: Text | None = Field(default=None, alias="nationalId")
    """Number that a state has given."""
    url: Text | None = None
    """Address of a page of theirs."""


class Options(BaseModel):
    """An unknown option is refused, so that none is silently without effect."""

    model_config: ClassVar[ConfigDict] = ConfigDict(
        frozen=True, extra="forbid", strict=True, hide_input_in_errors=True, use_attribute_docstrings=True
    )

    challenge: Text | None = None
    """What the holder's proof has to answer (`challenge`, `nonce`). One of `/challenges` is good for one use."""
    domain: Text | Annotated[tuple[Text, ...], Field(min_length=1, max_length=10, strict=False)] | None = None
    """For whom the holder's proof has to be made (`domain`, `aud`): exactly these."""
    candidate: Candidate = Candidate()
    """Compared with the identifiers in the record, hashed ones too."""
    refresh: bool = False
    """Whether to ask the record's refresh service for a newer version although it is still good. One that has
    expired or was revoked is always asked for."""

    @property
    def expected(self) -> Expected | None:
        """What a holder's proof has to be made for; None where nothing is expected."""
        domain = (self.domain,) if isinstance(self.domain, str) else self.domain or ()
        if self.challenge is None and not domain:
            return None
        return Expected(challenge=self.challenge, domain=frozenset(domain))

    @property
    def known(self) -> dict[str, str]:
        """What the caller knows of the candidate."""
        if not self.candidate.model_fields_set:
            return {}
        given = self.candidate.model_dump(by_alias=True, exclude_none=True)
        return {field: given[field] for field in FIELDS if field in given}


class Envelope(BaseModel):
    """What may stand beside `credential` or `presentation`."""

    model_config: ClassVar[ConfigDict] = ConfigDict(
        frozen=True, extra="forbid", strict=True, use_attribute_docstrings=True
    )

    policy: Annotated[str, StringConstraints(min_length=1, max_length=200)] | None = None
    """Id of a policy, with or without a version: `us-al/talent-triad`, `us-al/talent-triad@3`. Null asks
    for no decision; without this member the tenant's default policy decides."""
    reference: Annotated[str, StringConstraints(max_length=64)] | None = None
    """The caller's own name for this request; it comes back in the result."""
    as_of: datetime | None = Field(default=None, alias="asOf")
    """Instant (RFC 3339) at which validity and policy are judged; by default now."""
    projection: Annotated[str, AfterValidator(_known), Field(json_schema_extra={"enum": [*PROJECTIONS]})] | None = None
    """In the shape of which other standard the result is told; by default in its own."""
    options: Options = Options()


def envelope(fields: Mapping[str, Any]) -> Envelope:
    """Return what stands beside the record.

    Raises:
        Refused: `malformed-request`, `bad-as-of`.
    """
    as_of = fields.get("asOf")
    if as_of is not None:
        fields = {**fields, "asOf": instant(as_of)}
    try:
        return Envelope.model_validate(fields)
    except ValidationError as invalid:
        errors = invalid.errors(include_url=False, include_input=False)
        detail = "; ".join(f"{'.'.join(map(str, error['loc']))[:80]}: {error['msg']}" for error in errors[:5])
        raise Refused("malformed-request", detail, pointer="/" + "/".join(map(str, errors[0]["loc"]))) from None


def instant(text: Any) -> datetime:
    """Return the RFC 3339 instant `text`.

    Raises:
        Refused: `bad-as-of`.
    """
    if isinstance(text, str) and _RFC3339.fullmatch(text):
        try:
            found = datetime.fromisoformat(text.upper()).astimezone(UTC)
        except (ValueError, OverflowError):
            found = datetime.min.replace(tzinfo=UTC)
        if _EARLIEST <= found < _LATEST:
            return found
    detail = "asOf is an RFC 3339 instant with a time zone, from 1970 to 2199: 2026-07-01T00:00:00Z"
    raise Refused("bad-as-of", detail, pointer="/asOf")
