"""Reads what callers send: an envelope, a form with a file, or a record as it is.

A JSON object with `credential` or `presentation` and without `@context` is an envelope. Pydantic
sees the envelope's own fields only; the record goes raw, as the strict parser left it.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from gateway.api import bodies, uploads
from gateway.api.bodies import json_object as json_object
from gateway.api.endpoint import CALLER
from gateway.api.envelope import envelope
from gateway.api.envelope import instant as instant
from gateway.api.errors import Refused
from gateway.model import Presented

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from aiohttp import web

    from gateway.api.envelope import Options

_RECORDS: Final = frozenset({"credential", "presentation"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """A request for verification, read."""

    presented: Presented
    is_presentation: bool
    """Whether the caller says that it is one."""
    policy: str | None
    as_of: datetime | None
    reference: str | None
    projection: str | None
    options: Options


async def submission(request: web.Request) -> Submission:
    """Read a native request: an envelope, a form, or a raw record with its parameters in the query.

    Raises:
        Refused: the request is malformed, whatever the record.
    """
    media_type = bodies.media_type(request, bodies.MEDIA_TYPES)
    fields = _query(request)
    content: Any
    if media_type == bodies.FORM_TYPE:
        content = await uploads.form(request)
    else:
        content = await bodies.content(request, media_type)
    enveloped = isinstance(content, dict) and "@context" not in content and not _RECORDS.isdisjoint(content)
    is_presentation = enveloped and "presentation" in content
    if enveloped:
        if fields:
            raise Refused("malformed-request", "an envelope carries its parameters itself, not in the query")
        presented = replace(_presented(content), octets=request.content_length or 0)
        fields = {name: value for name, value in content.items() if name not in _RECORDS}
    elif media_type == bodies.FORM_TYPE:
        raise Refused("malformed-request", "the form has neither `credential` nor `presentation`")
    else:
        presented = Presented(content=content, media_type=media_type, octets=request.content_length or 0)
    stated = envelope(fields)
    return Submission(
        presented=presented,
        is_presentation=is_presentation,
        policy=stated.policy if "policy" in stated.model_fields_set else request[CALLER].default_policy,
        as_of=stated.as_of,
        reference=stated.reference,
        projection=stated.projection,
        options=stated.options,
    )


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


def _presented(envelope: Mapping[str, Any]) -> Presented:
    """Return the record in an envelope or a form: an object, a text of any kind, several, or a file."""
    if envelope.keys() >= _RECORDS:
        raise Refused("malformed-request", "send `credential` or `presentation`, not both", pointer="/presentation")
    (name,) = envelope.keys() & _RECORDS
    value = envelope[name]
    if isinstance(value, Presented):
        return value
    if not isinstance(value, (dict, list, str)):
        raise Refused("malformed-request", f"{name} is an object, an array or a text", pointer=f"/{name}")
    return Presented(content=value)


def _query(request: web.Request) -> dict[str, Any]:
    """Return the query's parameters. `?policy=` (empty) asks for no decision, as null does in an envelope."""
    names = ("policy", "asOf", "reference", "projection")
    query: dict[str, Any] = {}
    for name, value in request.query.items():
        if name not in names:
            close = difflib.get_close_matches(name, names, n=1)
            hint = f"; did you mean {close[0]!r}?" if close else ""
            raise Refused("malformed-request", f"the query takes policy, asOf, reference and projection only{hint}")
        if name in query:
            raise Refused("malformed-request", f"the query has {name} twice")
        query[name] = None if name == "policy" and not value else value
    return query
