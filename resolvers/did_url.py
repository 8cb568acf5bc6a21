"""DIDs and the URLs of verification methods: syntax only (DID Core 1.0, section 3; RFC 3986)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final
from urllib.parse import parse_qsl

from resolvers import timestamps
from resolvers.model import DidVersion
from resolvers.problems import Invalid

MAX_LENGTH: Final = 4096
"""Characters of the longest DID or URL that is looked at; the did:jwk of an 8192-bit RSA key takes 1,900."""

_ID_CHARACTER: Final = r"(?:[A-Za-z0-9._-]|%[0-9A-Fa-f]{2})"
_DID: Final = re.compile(rf"did:([a-z0-9]+):((?:{_ID_CHARACTER}*:)*{_ID_CHARACTER}+)", re.ASCII)
_FRAGMENT: Final = re.compile(r"(?:[A-Za-z0-9._~!$&'()*+,;=:@/?-]|%[0-9A-Fa-f]{2})+", re.ASCII)
_QUERY: Final = re.compile(r"(?:[A-Za-z0-9._~!$&'()*+,;=:@/?-]|%[0-9A-Fa-f]{2})+", re.ASCII)
_VERSION_NUMBER: Final = re.compile(r"[1-9][0-9]{0,8}", re.ASCII)
_HTTPS_URL: Final = re.compile(r"https://[!-~]+", re.ASCII)


_KEPT: Final = 2048
"""Identifiers whose parts are kept: the same issuers come again and again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Did:
    """A DID that conforms to the generic syntax; its method may ask for more."""

    text: str
    method: str
    identifier: str
    """The method-specific id, percent-encoding and all."""


@lru_cache(maxsize=_KEPT)
def parse(text: str) -> Did:
    """Return the parts of a DID.

    Raises:
        Invalid: `INVALID_DID`: not `did:method:identifier`, or a DID URL rather than a DID.
    """
    matched = _DID.fullmatch(text) if len(text) <= MAX_LENGTH else None
    if matched is None:
        raise Invalid("INVALID_DID", f"{text[:100]!r} is not a DID")
    return Did(text=text, method=matched[1], identifier=matched[2])


@lru_cache(maxsize=_KEPT)
def split_method_url(url: str) -> tuple[str, str]:
    """Return the document and the fragment of a verification method's URL.

    The document is a DID or an https URL (Controlled Identifiers 1.0, section 3.3, steps 1 to 3).

    Raises:
        Invalid: `INVALID_VERIFICATION_METHOD_URL`; for a DID URL `INVALID_DID_URL`.
    """
    document, _, fragment = url.partition("#")
    is_did = document.startswith("did:")
    if _FRAGMENT.fullmatch(fragment) is None or len(url) > MAX_LENGTH:
        code = "INVALID_DID_URL" if is_did else "INVALID_VERIFICATION_METHOD_URL"
        raise Invalid(code, f"{url[:100]!r} has no fragment that could name a verification method")
    if is_did and _DID.fullmatch(document) is None:
        # A path or query would name another resource than the DID document.
        raise Invalid("INVALID_DID_URL", f"{url[:100]!r} is not a DID with a fragment")
    if not is_did and not is_https_url(document):
        raise Invalid("INVALID_VERIFICATION_METHOD_URL", f"{url[:100]!r} is neither a DID URL nor an https URL")
    return document, fragment


def split_version(url: str) -> tuple[str, DidVersion | None]:
    """Return the DID of a DID URL to be resolved, and the version that its query asks for.

    The parameters are `versionId` and `versionTime` (DID Core 1.0, section 3.2.1), and did:webvh's
    `versionNumber`. A verification method has none of them: an old version would let an old key sign.

    Raises:
        Invalid: `INVALID_DID_URL`: another parameter, one twice, a value that is none, a path or a fragment.
    """
    did, mark, query = url.partition("?")
    if not mark:
        return did, None
    if _DID.fullmatch(did) is None or _QUERY.fullmatch(query) is None or len(url) > MAX_LENGTH:
        raise Invalid("INVALID_DID_URL", f"{url[:100]!r} is not a DID with a query")
    pairs = parse_qsl(query, keep_blank_values=True)
    given = dict(pairs)
    if len(given) != len(pairs) or not given.keys() <= {"versionId", "versionTime", "versionNumber"}:
        raise Invalid("INVALID_DID_URL", f"{url[:100]!r} has a parameter twice, or one that is not known")
    time, number = given.get("versionTime"), given.get("versionNumber")
    if number is not None and _VERSION_NUMBER.fullmatch(number) is None:
        raise Invalid("INVALID_DID_URL", "versionNumber is not a number from 1")
    try:
        instant = None if time is None else timestamps.parse(time)
    except ValueError as error:
        raise Invalid("INVALID_DID_URL", f"versionTime is {error}") from None
    return did, DidVersion(id=given.get("versionId"), time=instant, number=None if number is None else int(number))


def is_https_url(text: str) -> bool:
    """Whether `text` could be the URL of a document; `resolvers.fetch` checks its grammar in full."""
    return len(text) <= MAX_LENGTH and _HTTPS_URL.fullmatch(text) is not None and "#" not in text
