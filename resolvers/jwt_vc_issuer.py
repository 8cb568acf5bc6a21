"""The keys that an https issuer publishes for its tokens: JWT VC Issuer Metadata (SD-JWT VC, section 5)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from resolvers import did_url, keys, strict_json
from resolvers.model import Fetched, Kind, Loaded
from resolvers.problems import Invalid, Unavailable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from resolvers.model import Lookup, Provenance, PublicKey

_WELL_KNOWN: Final = "/.well-known/jwt-vc-issuer"
_REFRESH_AFTER: Final = 60.0
"""Seconds. A key set older than this is fetched again before a key counts as missing from it."""
_SIZE_FACTOR: Final = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class KeySet:
    """A JWK Set: each key with its `kid`, None where it cannot be used here."""

    keys: tuple[tuple[str | None, PublicKey | None], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Metadata:
    """What an issuer publishes: its keys, or where they are."""

    issuer: str
    jwks: KeySet | None
    jwks_uri: str | None


async def find_key(issuer: str, kid: str | None, lookup: Lookup) -> tuple[PublicKey, Provenance]:
    """Return the key of `issuer` that `kid` names, or its only one, and where it came from.

    Raises:
        Invalid: `INVALID_VERIFICATION_METHOD_URL`: `issuer` can have no metadata;
            `INVALID_CONTROLLED_IDENTIFIER_DOCUMENT`, `INVALID_CONTROLLED_IDENTIFIER_DOCUMENT_ID`;
            `NOT_FOUND`: it has no such key.
        Unavailable: what `Lookup.get` raises; `response-malformed`; `unsupported-key-type`;
            `INVALID_VERIFICATION_METHOD_URL`: without `kid`, it could be one of several.
    """
    found, source = await _key_set(issuer, lookup, None)
    if _absent(found, kid) and (source.stale or source.age > _REFRESH_AFTER):
        found, source = await _key_set(issuer, lookup, _REFRESH_AFTER)
        if _absent(found, kid) and source.stale:
            raise Unavailable("unreachable", f"only an outdated copy of the keys of {issuer[:200]} could be had")
    return _select(found, kid, issuer), source


def metadata_url(issuer: str) -> str:
    """Return where the metadata of `issuer` is.

    "inserting the well-known string /.well-known/jwt-vc-issuer between the host component and the path
    component (if any)", from which "any terminating / MUST be removed".

    Raises:
        Invalid: `INVALID_VERIFICATION_METHOD_URL`: not an https URL without query and fragment.
    """
    try:
        parts = urlsplit(issuer) if did_url.is_https_url(issuer) and "?" not in issuer else None
    except ValueError:  # what begins like an IPv6 address, and is none
        parts = None
    if parts is None:
        detail = f"{issuer[:100]!r} is not an https URL without query and fragment"
        raise Invalid("INVALID_VERIFICATION_METHOD_URL", detail)
    return f"https://{parts.netloc}{_WELL_KNOWN}{parts.path.removesuffix('/')}"


async def _key_set(issuer: str, lookup: Lookup, max_age: float | None) -> tuple[KeySet, Provenance]:
    retrieved = await lookup.get(
        metadata_url(issuer), Kind.JWKS, _load_metadata, max_age=max_age, variant="jwt-vc-issuer"
    )
    metadata = retrieved.value
    # "If these values are not identical, the data contained in the response MUST NOT be used." Two
    # issuers, with and without the terminating slash, share one address.
    if metadata.issuer != issuer:
        detail = f"the metadata of {issuer[:200]} is that of {metadata.issuer[:200]}"
        raise Invalid("INVALID_CONTROLLED_IDENTIFIER_DOCUMENT_ID", detail)
    if metadata.jwks is not None:
        return metadata.jwks, retrieved.source
    assert metadata.jwks_uri is not None  # noqa: S101 — one of the two, as `_load_metadata` made sure
    jwks = await lookup.get(metadata.jwks_uri, Kind.JWKS, _load_key_set, max_age=max_age, variant="jwt-vc-issuer-keys")
    return jwks.value, jwks.source


def _absent(found: KeySet, kid: str | None) -> bool:
    return all(kid not in (None, name) for name, _ in found.keys)


def _select(found: KeySet, kid: str | None, issuer: str) -> PublicKey:
    named = [key for name, key in found.keys if kid is None or name == kid]
    if not named:
        raise Invalid("NOT_FOUND", f"{issuer[:200]} publishes no key {str(kid)[:100]!r}")
    if len(named) > 1:
        detail = f"{issuer[:200]} publishes several keys, and the header does not say which"
        raise Unavailable("INVALID_VERIFICATION_METHOD_URL", detail)
    if named[0] is None:
        raise Unavailable("unsupported-key-type", f"key {str(kid)[:100]!r} of {issuer[:200]}")
    return named[0]


async def _load_metadata(fetched: Fetched) -> Loaded[Metadata]:
    content = _content(fetched)
    issuer, uri = (content.get(name) if isinstance(content, dict) else None for name in ("issuer", "jwks_uri"))
    # "MUST include either jwks_uri or jwks in their JWT VC Issuer Metadata, but not both."
    if not isinstance(issuer, str) or ("jwks" in content) == ("jwks_uri" in content):
        raise _malformed(fetched, "it has no issuer, or not one of jwks and jwks_uri")
    if "jwks_uri" in content and not isinstance(uri, str):
        raise _malformed(fetched, "its jwks_uri is not a URL")
    jwks = _read_key_set(content["jwks"], fetched) if "jwks" in content else None
    return Loaded(value=Metadata(issuer=issuer, jwks=jwks, jwks_uri=uri), size=_SIZE_FACTOR * len(fetched.body))


async def _load_key_set(fetched: Fetched) -> Loaded[KeySet]:
    return Loaded(value=_read_key_set(_content(fetched), fetched), size=_SIZE_FACTOR * len(fetched.body))


def _read_key_set(content: Any, fetched: Fetched) -> KeySet:
    entries = content.get("keys") if isinstance(content, dict) else None
    if not isinstance(entries, list):
        raise _malformed(fetched, "it holds no JWK Set")
    return KeySet(keys=tuple(_read_keys(entries)))


def _read_keys(entries: list[Any]) -> Iterator[tuple[str | None, PublicKey | None]]:
    """Yield the keys of a set, those too that cannot be used (RFC 7517, section 5)."""
    for entry in entries:
        kid = entry.get("kid") if isinstance(entry, dict) else None
        try:
            key = keys.from_jwk(entry)
        except (Invalid, Unavailable):
            key = None
        yield kid if isinstance(kid, str) else None, key


def _content(fetched: Fetched) -> Any:
    try:
        return strict_json.loads(fetched.body)
    except Invalid as refused:
        raise Unavailable("response-malformed", f"{fetched.url[:200]}: {refused.problem.code}") from None


def _malformed(fetched: Fetched, detail: str) -> Invalid:
    return Invalid("INVALID_CONTROLLED_IDENTIFIER_DOCUMENT", f"{fetched.url[:200]}: {detail}")
