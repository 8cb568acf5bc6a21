"""The issuer's profile, and the keys that it lists: Open Badges 2.0 "Profile" and "CryptographicKey"; CLR 1.0 alike.

"There should be a two-way connection between this Profile and the CryptographicKey through the owner and
publicKey properties." Either alone could be written by anybody.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from gateway.formats import _checks, _hosted_documents
from gateway.formats._hosted_documents import is_web_address, origin
from gateway.formats._jose_key import SigningKey
from gateway.model import CheckName, Outcome
from gateway.signatures import is_valid
from gateway.structure import several
from resolvers import keys
from resolvers.model import Kind
from resolvers.problems import Invalid, Unavailable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gateway.formats._jose import Token
    from gateway.plugins import ProofTools
    from resolvers.model import Provenance, PublicKey

MAX_KEYS: Final = 8
"""Keys of one issuer that are tried; issuers list one, and another while they change it."""
_TYPES: Final = frozenset({"Issuer", "Profile", "IssuerOrg", "EndorsementProfile"})
_KEY_TYPES: Final = frozenset({"CryptographicKey", "Key"})


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuerProfile:
    """The profile as its own address has it."""

    id: str
    content: Mapping[str, Any]
    source: Provenance


def named(reference: Any) -> str | None:
    """Return whom a reference names: it is a URL, or an object with an id."""
    found = reference.get("id") if isinstance(reference, dict) else reference
    return found if isinstance(found, str) and found else None


async def fetch_profile(reference: Any, tools: ProofTools) -> IssuerProfile:
    """Fetch the profile that a record names: what stands in the record about its issuer is not believed.

    Raises:
        Invalid: `issuer-profile-invalid`.
        Unavailable: `issuer-not-named`, or it could not be had.
    """
    identifier = named(reference)
    if identifier is None or not is_web_address(identifier):
        raise Unavailable("issuer-not-named", f"{str(identifier)[:200]!r} is no address of a profile")
    try:
        hosted = await _hosted_documents.fetch(identifier, tools, kind=Kind.DID_DOCUMENT)
    except Invalid as wrong:
        raise Invalid("issuer-profile-invalid", wrong.problem.detail) from None
    types = several(hosted.content.get("type"))
    if types and _TYPES.isdisjoint(one for one in types if isinstance(one, str)):
        raise Invalid("issuer-profile-invalid", f"{identifier[:200]} is of type {str(types)[:80]}")
    if origin(hosted.found_at) != origin(identifier):
        raise Invalid("issuer-profile-invalid", f"{identifier[:200]} leads to another origin")
    return IssuerProfile(id=identifier, content=hosted.content, source=hosted.source)


async def signing_key(
    token: Token, creator: str | None, profile: IssuerProfile, tools: ProofTools, *, bare: bool
) -> SigningKey:
    """Return the key that signed: the one that the record names, or the one of the profile's that fits.

    "If a key is declared here, it must be authorized in the issuer Profile as well." One that is not is
    not fetched. Until 1.1 records named the key and profiles listed none: `bare` says that this is one.

    Raises:
        Invalid, Unavailable: there is none.
    """
    listed = _listed(profile)
    if creator is not None:
        if creator in listed:
            listed = {creator: listed[creator]}
        elif bare and not listed and origin(creator) == origin(profile.id) is not None:
            return await _key(creator, None, profile, tools, owned=False)
        else:
            return SigningKey(issuer=_checks.foreign(profile.id, creator[:200]), method=creator)
    if not listed:
        raise Unavailable("INVALID_VERIFICATION_METHOD_URL", f"{profile.id[:200]} lists no key")
    return await _fitting(token, listed, profile, tools)


async def _fitting(
    token: Token, listed: Mapping[str, Mapping[str, Any] | None], profile: IssuerProfile, tools: ProofTools
) -> SigningKey:
    """Return the first key under which the token verifies; where there is none, the first that could be had."""
    found: list[SigningKey] = []
    stopped: list[Invalid | Unavailable] = []
    for url, embedded in list(listed.items())[:MAX_KEYS]:
        try:
            key = await _key(url, embedded, profile, tools)
        except (Invalid, Unavailable) as problem:
            stopped.append(problem)
            continue
        if key.key is not None and is_valid(key.key, token.signature, token.signing_input):
            return key
        found.append(key)
    unknown = next((one for one in stopped if isinstance(one, Unavailable)), None)
    if unknown is not None:
        raise unknown  # it could have been the one
    if found:
        return found[0]
    raise stopped[0]


def _listed(profile: IssuerProfile) -> dict[str, Mapping[str, Any] | None]:
    """Return the keys of a profile by their ids: those that stand in it, and None for those elsewhere."""
    found: dict[str, Mapping[str, Any] | None] = {}
    for entry in several(profile.content.get("publicKey")):
        identifier = named(entry)
        if identifier is not None:
            found[identifier] = entry if isinstance(entry, dict) and "publicKeyPem" in entry else None
    return found


async def _key(
    url: str, embedded: Mapping[str, Any] | None, profile: IssuerProfile, tools: ProofTools, *, owned: bool = True
) -> SigningKey:
    source = profile.source
    document = embedded
    if document is None:
        hosted = await _hosted_documents.fetch(url, tools, kind=Kind.DID_DOCUMENT)
        document, source = hosted.content, hosted.source
        if not owned and origin(hosted.found_at) != origin(profile.id):
            raise Invalid("INVALID_VERIFICATION_METHOD", f"{url[:200]} leads to another origin")
    key = _read(document, url)
    if owned and document.get("owner") != profile.id:
        return SigningKey(key=key, method=url, issuer=_checks.foreign(profile.id, url[:200]))
    facts = {"basis": "profile", "verificationMethod": url, "source": _checks.provenance(source)}
    issuer = _checks.result(CheckName.ISSUER, Outcome.PASS, **facts)
    return SigningKey(key=key, method=url, issuer=issuer, issued_by=profile.id)


def _read(document: Mapping[str, Any], url: str) -> PublicKey:
    types: Sequence[Any] = several(document.get("type"))
    if types and _KEY_TYPES.isdisjoint(one for one in types if isinstance(one, str)):
        raise Invalid("INVALID_VERIFICATION_METHOD", f"{url[:200]} is of type {str(types)[:80]}")
    return keys.from_pem(document.get("publicKeyPem"))
