"""Reads what callers send: an envelope, or a credential as it is.

A JSON object with `credential` or `presentation` and without `@context` is an envelope. Pydantic
sees the envelope's own fields only; the credential goes raw, as the strict parser left it.
"""

from __future__ import annotations

import asyncio
import difflib
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Final

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from gateway.api.endpoint import CALLER, CONFIG
from gateway.api.errors import Refused
from gateway.model import Presented
from resolvers import strict_json
from resolvers.problems import Invalid

if TYPE_CHECKING:
    from collections.abc import Mapping

JSON_TYPES: Final = ("application/json", "application/vc", "application/ld+json", "application/vc+ld+json")
TOKEN_TYPES: Final = ("application/vc+jwt", "application/jwt")
TEXT_TYPES: Final = ("text/plain",)
"""A token, or JSON: told apart by the first character."""

MEDIA_TYPES: Final = JSON_TYPES + TOKEN_TYPES + TEXT_TYPES

_LARGE = 128 * 1024
"""Bytes from which a body is parsed in a thread: some milliseconds, in which others want answers."""

# RFC 3339, section 5.6; the time zone is not optional.
_RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)", re.ASCII | re.IGNORECASE)

# Nothing was signed before, and clock skew and durations must be addable.
_EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
_LATEST = datetime(2200, 1, 1, tzinfo=UTC)


class Options(BaseModel):
    """No option exists yet; an unknown one is refused, so that none is silently without effect."""

    model_config: ClassVar[ConfigDict] = ConfigDict(frozen=True, extra="forbid")


class Envelope(BaseModel):
    """What may stand beside `credential`."""

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
    options: Options = Options()


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """A request for verification, read."""

    presented: Presented
    policy: str | None
    as_of: datetime | None
    reference: str | None


async def submission(request: web.Request) -> Submission:
    """Read a native request: an envelope, or a raw credential with its parameters in the query.

    Raises:
        Refused: the request is malformed, whatever the credential.
    """
    media_type = _media_type(request, MEDIA_TYPES)
    content = await _content(request, media_type)
    fields = _query(request)
    if (
        isinstance(content, dict)
        and "@context" not in content
        and ("credential" in content or "presentation" in content)
    ):
        if fields:
            raise Refused("malformed-request", "an envelope carries its parameters itself, not in the query")
        presented = Presented(content=_presented(content))
        fields = {name: value for name, value in content.items() if name != "credential"}
    else:
        presented = Presented(content=content, media_type=media_type)
    envelope = _envelope(fields)
    return Submission(
        presented=presented,
        policy=envelope.policy if "policy" in envelope.model_fields_set else request[CALLER].default_policy,
        as_of=envelope.as_of,
        reference=envelope.reference,
    )


async def json_object(request: web.Request) -> dict[str, Any]:
    """Read a body that is a JSON object.

    Raises:
        Refused: it is not.
    """
    _media_type(request, JSON_TYPES)
    return await _json_object(request, await _body(request))


def credential(value: Any, pointer: str) -> dict[str, Any] | str:
    """Return a member that has to be a credential: an object, or a compact token.

    Raises:
        Refused: it is neither.
    """
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, dict):
        return value
    raise Refused("malformed-request", "a credential is an object or a compact token", pointer=pointer)


def _presented(envelope: Mapping[str, Any]) -> dict[str, Any] | str:
    if "presentation" in envelope:
        detail = "presentations are not verified yet; send each of its credentials as `credential`"
        raise Refused("malformed-request", detail, pointer="/presentation")
    return credential(envelope["credential"], "/credential")


def _media_type(request: web.Request, known: tuple[str, ...]) -> str:
    """Return the body's media type, in lower case and without parameters."""
    # A compressed body would have to be bounded twice, and no caller needs one.
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise Refused("unsupported-media-type", "the body must not be compressed")
    media_type = request.content_type.lower()
    if media_type not in known:
        raise Refused("unsupported-media-type", f"send one of {', '.join(known)}")
    if (request.charset or "utf-8").lower() not in {"utf-8", "utf8", "us-ascii"}:
        raise Refused("unsupported-media-type", "the text must be UTF-8")
    return media_type


async def _content(request: web.Request, media_type: str) -> dict[str, Any] | str:
    """Return the body: a JSON object, or a token."""
    raw = await _body(request)
    if media_type in TOKEN_TYPES or (media_type in TEXT_TYPES and not raw.lstrip().startswith(b"{")):
        try:
            return raw.decode().strip()
        except UnicodeDecodeError:
            raise Refused("not-utf8", "the text is not UTF-8") from None
    return await _json_object(request, raw)


async def _json_object(request: web.Request, raw: bytes) -> dict[str, Any]:
    depth = request.app[CONFIG].server.max_json_depth
    try:
        if len(raw) < _LARGE:
            value = strict_json.loads(raw, max_depth=depth)
        else:
            value = await asyncio.to_thread(strict_json.loads, raw, max_depth=depth)
    except Invalid as invalid:
        raise Refused.of(invalid.problem) from None
    if not isinstance(value, dict):
        raise Refused("malformed-request", "the body is a JSON object, or a compact token as text")
    return value


async def _body(request: web.Request) -> bytes:
    """Return the body, within the caller's limit of bytes and the server's of seconds."""
    limit, seconds = request[CALLER].limits.body_bytes, request.app[CONFIG].server.body_seconds
    too_large = Refused("too-large", f"the body may have {limit} bytes")
    if (request.content_length or 0) > limit:
        raise too_large
    body = bytearray()
    try:
        async with asyncio.timeout(seconds):
            async for chunk in request.content.iter_any():
                body += chunk
                if len(body) > limit:
                    raise too_large
    except TimeoutError:
        raise Refused("deadline-exceeded", f"the body did not arrive within {seconds:g} seconds") from None
    except (web.RequestPayloadError, ConnectionError):
        raise Refused("malformed-request", "the body broke off") from None
    return bytes(body)


def _query(request: web.Request) -> dict[str, Any]:
    """Return the query's parameters. `?policy=` (empty) asks for no decision, as null does in an envelope."""
    names = ("policy", "asOf", "reference")
    query: dict[str, Any] = {}
    for name, value in request.query.items():
        if name not in names:
            close = difflib.get_close_matches(name, names, n=1)
            hint = f"; did you mean {close[0]!r}?" if close else ""
            raise Refused("malformed-request", f"the query takes policy, asOf and reference only{hint}")
        if name in query:
            raise Refused("malformed-request", f"the query has {name} twice")
        query[name] = None if name == "policy" and not value else value
    return query


def _envelope(fields: Mapping[str, Any]) -> Envelope:
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
