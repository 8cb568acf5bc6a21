"""Entity statements of OpenID Federation 1.0: fetched and read, for the standard and for its dialect."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

from resolvers import did_url, strict_json
from resolvers.model import Fetched, Kind, Loaded, Retrieved
from resolvers.problems import Invalid, Unavailable
from resolvers.trust._jwt import Ended, Token, decode
from resolvers.trust._registries import defective, no

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from resolvers.model import Lookup

WELL_KNOWN: Final = "/.well-known/openid-federation"
FEDERATION_ENTITY: Final = "federation_entity"
_TYPE: Final = "entity-statement+jwt"
_LABEL: Final = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_IDENTIFIER: Final = re.compile(rf"https://(?:{_LABEL}\.)*{_LABEL}(?::[0-9]{{1,5}})?(?:/[!-~]*)?", re.ASCII)
_NOT_IN_PATH: Final = frozenset("?#@\\")
_MAX_IDENTIFIER: Final = 2048
_NO: Final = frozenset({400, 404})
_SIZE_FACTOR: Final = 6


def is_entity_identifier(text: str) -> bool:
    """Whether `text` is an https URL of a DNS name, with a port and a path at most (section 1.2)."""
    plain = len(text) <= _MAX_IDENTIFIER and _NOT_IN_PATH.isdisjoint(text)
    return plain and _IDENTIFIER.fullmatch(text) is not None


async def configuration(entity: str, lookup: Lookup) -> Retrieved[Token]:
    """Return what an entity says about itself; nothing of it is verified.

    "If the Entity Identifier contains a trailing slash, it MUST be removed before appending" (section 9).

    Raises:
        Unavailable: `registry-defective`, or it could not be had.
    """
    return await lookup.get(f"{entity.removesuffix('/')}{WELL_KNOWN}", Kind.JWKS, _load, variant=_TYPE)


async def subordinate(endpoint: str, subject: str, lookup: Lookup) -> Retrieved[Token | None]:
    """Return what a superior says about `subject`, unverified; None where it says that it knows none.

    Only an error answer in the specification's own form says so (section 8.1.2: "returning the
    not_found error code is RECOMMENDED"): a web server's own 404 page is an outage.

    Raises:
        Unavailable: `registry-defective`, or it could not be had.
    """
    url = f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode({'sub': subject})}"
    return await lookup.get(url, Kind.JWKS, _load_answer, variant=f"{_TYPE} or not", also=_NO)


def fetch_endpoint(token: Token) -> str:
    """Return the `federation_fetch_endpoint` of an entity configuration.

    Raises:
        Unavailable: `registry-defective`: it has none.
    """
    found = endpoint(metadata(token), "federation_fetch_endpoint")
    if found is None:
        raise defective(f"{token.text_claim('sub')[:200]} names no fetch endpoint")
    return found


def endpoint(of_types: Mapping[str, Mapping[str, Any]], name: str) -> str | None:
    """Return an endpoint of `federation_entity` metadata; None where there is none, or no https URL (section 5.1.1)."""
    found = text(of_types, FEDERATION_ENTITY, name)
    return found if found is not None and did_url.is_https_url(found) else None


def metadata(token: Token) -> Mapping[str, Mapping[str, Any]]:
    """Return a statement's metadata by entity type, {} where there is none.

    Raises:
        Unavailable: `registry-defective`: not objects in an object, or a parameter that is null (section 5).
    """
    found = token.claims.get("metadata", {})
    if not isinstance(found, dict) or not all(
        isinstance(of_type, dict) and None not in of_type.values() for of_type in found.values()
    ):
        raise defective("the statement's metadata are malformed")
    return found


def text(of_types: Mapping[str, Mapping[str, Any]], of_type: str, *names: str) -> str | None:
    """Return the first of the parameters that is a string, None where none is."""
    about = of_types.get(of_type, {})
    return next((value for name in names if isinstance(value := about.get(name), str) and value), None)


def check_period(token: Token, *, now: datetime, at: datetime) -> datetime:
    """Check that a statement has begun and not ended, and return when it was issued.

    Raises:
        Unavailable: `registry-defective`; `Ended` is one of these.
    """
    issued = token.issued(now)
    ends = token.instant("exp")
    if ends is None:
        raise defective("the statement has no end")
    if max(now, at) >= ends:
        raise Ended(ends)
    return issued


async def _load(fetched: Fetched) -> Loaded[Token]:
    token = decode(fetched.body, typ=_TYPE)
    ends = token.instant("exp")
    if ends is not None and ends <= fetched.fetched_at:
        raise Ended(ends)
    return Loaded(value=token, size=_SIZE_FACTOR * len(fetched.body), not_after=ends)


async def _load_answer(fetched: Fetched) -> Loaded[Token | None]:
    if fetched.status not in _NO:
        loaded = await _load(fetched)
        return Loaded(value=loaded.value, size=loaded.size, not_after=loaded.not_after)
    try:
        content = strict_json.loads(fetched.body)
    except Invalid:
        content = None
    if not isinstance(content, dict) or content.get("error") != "not_found":
        raise Unavailable("unreachable", f"HTTP status {fetched.status}")
    return no(fetched)
