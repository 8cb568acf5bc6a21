"""JSON Web Keys at https URLs: a JWK Set, or one bare key (RFC 7517, section 5)."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from resolvers import keys, strict_json
from resolvers.model import Loaded, PublicKey
from resolvers.problems import Invalid, Unavailable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from resolvers.model import Fetched

_SIZE_FACTOR: Final = 4


async def load_set(fetched: Fetched) -> Loaded[Mapping[str, PublicKey]]:
    """Parse a JWK Set into its keys by `kid`, for `Lookup.get`.

    A key that is not understood here is left out ("Implementations SHOULD ignore JWKs within a JWK
    Set that use kty values that are not understood"), and so is every key of a `kid` that is there twice.

    Raises:
        Invalid: `INVALID_VERIFICATION_METHOD`: it is no JWK Set.
        Unavailable: `response-malformed`: not even JSON.
    """
    found = _set(_json(fetched), fetched.url)
    return Loaded(value=found, size=_SIZE_FACTOR * len(fetched.body))


async def load_key(fetched: Fetched) -> Loaded[PublicKey | Mapping[str, PublicKey]]:
    """Parse what a `kid` leads to: one key, or a JWK Set as `load_set`.

    Raises:
        Invalid: `INVALID_VERIFICATION_METHOD`: it is neither, or not a key that may sign.
        Unavailable: `unsupported-key-type`; `response-malformed`.
    """
    content = _json(fetched)
    size = _SIZE_FACTOR * len(fetched.body)
    if isinstance(content, dict) and "kty" in content:
        return Loaded(value=keys.from_jwk(content), size=size)
    return Loaded(value=_set(content, fetched.url), size=size)


def chosen(found: PublicKey | Mapping[str, PublicKey], url: str) -> PublicKey | None:
    """Return the key that the `kid` `url` means in what lies there; None where there is none.

    In a set that is the key of this `kid`, or of the URL's fragment; one key alone needs no choice,
    unless there is a fragment to choose by.
    """
    _, _, fragment = url.partition("#")
    if isinstance(found, PublicKey):
        return None if fragment else found
    named = found.get(url) or found.get(fragment)
    return next(iter(found.values())) if named is None and not fragment and len(found) == 1 else named


def _json(fetched: Fetched) -> Any:
    try:
        return strict_json.loads(fetched.body)
    except Invalid as refused:
        raise Unavailable("response-malformed", f"{fetched.url}: {refused.problem.code}") from None


def _set(content: Any, url: str) -> Mapping[str, PublicKey]:
    entries = content.get("keys") if isinstance(content, dict) else None
    if not isinstance(entries, list):
        raise Invalid("INVALID_VERIFICATION_METHOD", f"{url} is not a JWK Set")
    by_kid: dict[str, list[Any]] = {}
    for entry in entries:
        if isinstance(entry, dict) and isinstance(entry.get("kid"), str):
            by_kid.setdefault(entry["kid"], []).append(entry)
    found = {}
    for kid, same in by_kid.items():
        key = _usable(same[0]) if len(same) == 1 else None
        if key is not None:
            found[kid] = key
    return MappingProxyType(found)


def _usable(jwk: Any) -> PublicKey | None:
    try:
        return keys.from_jwk(jwk)
    except (Invalid, Unavailable):
        return None
