"""Documents that an issuer hosts, and the part of the web in which it may host them.

Open Badges 2.0, "HostedBadge Verification" and "VerificationObject"; CLR 1.0 has the same.
"""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from resolvers import strict_json
from resolvers.model import Kind, Loaded
from resolvers.problems import Invalid, Unavailable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from gateway.plugins import ProofTools
    from resolvers.model import Fetched, Provenance

_GONE: Final = 410
_LARGE: Final = 128 * 1024
"""Octets from which JSON is parsed in a thread, while others want answers."""
_SIZE_FACTOR: Final = 8
_ERRORS: Final = frozenset({"not-json", "not-utf8"})
"""What a host's error page is; anything else that is wrong with JSON is the issuer's."""
_PEM: Final = b"-----BEGIN "
_WEB: Final = re.compile(r"https?://[!-~]+", re.ASCII)
_SLASH: Final = r"/|%(?:25)*(?:2f|5c)"
_TRICKS: Final = re.compile(
    rf"[\\@]|(?:^|{_SLASH})(?:\.|%(?:25)*2e){{1,2}}(?=[?#]|{_SLASH}|$)", re.ASCII | re.IGNORECASE
)
"""A user name before the host, a backslash, and segments that mean another path than they spell, or than they do
to a server that decodes them before it looks, once or again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hosted:
    """One document, as its host has it."""

    url: str
    """By which it was asked for."""
    found_at: str
    """Where it was in the end, after redirects."""
    content: Mapping[str, Any]
    gone: bool
    """Whether the host says that it is no more (HTTP 410); the content may then be empty."""
    source: Provenance

    @property
    def places(self) -> tuple[str, str]:
        """Both addresses: each has to be one that the issuer hosts at."""
        return self.url, self.found_at


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answer:
    found_at: str
    content: Mapping[str, Any]
    gone: bool


async def fetch(url: str, tools: ProofTools, *, kind: Kind = Kind.RECORD, gone: bool = False) -> Hosted:
    """Fetch a JSON object that names itself by `url`, or by nothing (Open Badges 1.0).

    Args:
        url: where it is said to be.
        tools: with the request's look-ups.
        kind: `RECORD` of what may be about a person or be withdrawn at any time, and so is kept nowhere.
        gone: whether "410 Gone" is an answer.

    Raises:
        Invalid: `hosted-record-mismatch`, or what `strict_json.loads` raises.
        Unavailable: it could not be had.
    """
    if tools.lookup is None:
        raise Unavailable("not-asked", f"{url[:200]} is not looked up")
    if not is_web_address(url):
        raise Invalid("hosted-record-mismatch", f"{url[:200]} is no address of a document")
    also = frozenset({_GONE}) if gone else frozenset[int]()
    retrieved = await tools.lookup.get(url, kind, _load, variant=f"{__name__} {gone}", also=also)
    answer = retrieved.value
    named = answer.content.get("id")
    if named != url and not (named is None and ("id" not in answer.content)):
        raise Invalid("hosted-record-mismatch", f"{url[:200]} holds what is called {str(named)[:200]!r}")
    return Hosted(url=url, found_at=answer.found_at, content=answer.content, gone=answer.gone, source=retrieved.source)


async def _load(fetched: Fetched) -> Loaded[_Answer]:
    gone = fetched.status == _GONE
    content: Any = {}
    try:
        if fetched.body.lstrip().startswith(_PEM):  # the public key of Open Badges 1.x
            content = {"publicKeyPem": fetched.body.decode("ascii")}
        elif len(fetched.body) < _LARGE:
            content = strict_json.loads(fetched.body)
        else:
            content = await asyncio.to_thread(strict_json.loads, fetched.body)
    except (Invalid, UnicodeDecodeError) as refused:
        if not gone:
            if isinstance(refused, Invalid) and refused.problem.code not in _ERRORS:
                raise
            raise Unavailable("response-malformed", f"{fetched.url[:200]} is not JSON") from None
    if not isinstance(content, dict):
        if not gone:
            raise Invalid("hosted-record-mismatch", f"{fetched.url[:200]} holds no JSON object")
        content = {}
    answer = _Answer(found_at=fetched.url, content=content, gone=gone)
    return Loaded(value=answer, size=_SIZE_FACTOR * len(fetched.body))


def is_web_address(value: Any) -> bool:
    """Whether `value` is an http or https URL that everybody reads alike."""
    return origin(value) is not None


def origin(url: Any) -> tuple[str, str, int | None] | None:
    """Return scheme, host and port of a URL; None of what is none, or is spelled to be misread."""
    if not isinstance(url, str) or _WEB.fullmatch(url) is None:
        return None
    path = url.partition("://")[2].partition("?")[0].partition("#")[0]
    if _TRICKS.search(path):
        return None
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    if not parts.hostname:
        return None
    usual = {"http": 80, "https": 443}[parts.scheme]
    return parts.scheme, parts.hostname.rstrip("."), None if port == usual else port


def in_scope(places: Iterable[str], profile: Mapping[str, Any], profile_id: str, *, record: bool) -> bool:
    """Whether everything at `places` is hosted where the issuer's profile says that its records are.

    "This defaults to requiring the Assertion and BadgeClass to be hosted on the same origin as the issuer
    Profile id if there is no verification property declared in the issuer Profile." What it declares there
    is about its assertions (`record`), so a badge class may also keep to the default.
    """
    declared = profile.get("verification")
    starts = origins = None
    if isinstance(declared, dict):
        starts, origins = _strings(declared.get("startsWith")), _strings(declared.get("allowedOrigins"))
    own = origin(profile_id)

    def allowed(place: str) -> bool:
        at = origin(place)
        if at is None or own is None:
            return False
        if starts is None and origins is None:
            return at == own
        within = (starts is None or any(_begins(place, prefix) for prefix in starts)) and (
            origins is None or _is_host_among(at, origins)
        )
        return within or (at == own and not record)

    return all(allowed(place) for place in places)


def _begins(place: str, prefix: str) -> bool:
    """Whether a URL begins with another: of the same origin, since `https://a.example` begins `https://a.example.evil`."""
    at = origin(prefix)
    return at is not None and at == origin(place) and place.startswith(prefix)


def _is_host_among(at: tuple[str, str, int | None], hosts: Iterable[str]) -> bool:
    """Whether a host is one of the "registered name subcomponents of an allowed origin", with a port if it has one."""
    host = at[1] if at[2] is None else f"{at[1]}:{at[2]}"
    return host in {name.lower().rstrip(".") for name in hosts}


def _strings(value: Any) -> tuple[str, ...] | None:
    """Return one text or several; None where nothing is said. What is no text allows nothing."""
    if value is None:
        return None
    return tuple(one for one in (value if isinstance(value, list) else [value]) if isinstance(one, str))
