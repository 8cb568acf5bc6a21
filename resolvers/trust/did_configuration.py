"""`did_configuration`: domain linkage by the Decentralized Identity Foundation ("Well Known DID Configuration").

A DID names its origins in `LinkedDomains` services, and a did:web lies on one anyway; each origin says
the same of the DID in `/.well-known/did-configuration.json`, with a credential that the DID's own key
signs. One origin that does is enough, and is told; what the DID calls itself is not.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

import resolvers.did
from resolvers import did_url, registry, strict_json, timestamps
from resolvers.did.web import url_of
from resolvers.model import DidMethod, Fetched, Kind, Loaded, Retrieved
from resolvers.problems import Invalid, Problem, Unavailable
from resolvers.resolution import Resolution
from resolvers.trust._jwt import CLOCK_SKEW, Token, decode, now_of, of_public_key
from resolvers.trust._registries import answer, defective, no, not_understood, unknown
from resolvers.trust_model import Authenticity, TrustEntity, TrustEvidence, TrustSource

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from resolvers.model import Lookup
    from resolvers.trust_model import TrustQuestion, TrustSourceConfig

_KIND: Final = "did_configuration"
_WELL_KNOWN: Final = "/.well-known/did-configuration.json"
_GONE: Final = 410
"""By which an origin says that it is linked to nothing; a 404 may be a server that is not set up."""
_MAX_ORIGINS: Final = 4
"""Origins of one DID that are asked: a stranger chooses them."""
_MAX_CREDENTIALS: Final = 16
"""Credentials about one DID in one resource that are looked at."""
_MEMBERS: Final = frozenset({"@context", "linked_dids"})
_HEADER: Final = frozenset({"alg", "kid"})
_CLAIMS: Final = frozenset({"iss", "sub", "nbf", "exp", "vc"})
_SIZE_FACTOR: Final = 6


async def ask(config: TrustSourceConfig, question: TrustQuestion, lookup: Lookup) -> TrustEvidence:
    """Say whether an origin and the issuer's DID are controlled by the same entity, and which origin."""
    if question.terms:
        return unknown(config, not_understood(question))
    if not question.entity.startswith("did:"):
        return answer(
            config, None, authenticity=Authenticity.AUTHENTICATED
        )  # an origin is linked to a DID or to nothing
    resolution = question.resolution or Resolution(_methods(), lookup)
    try:
        document = (await resolution.resolve(question.entity)).document
        origins = _origins(question.entity, document.content)
    except (Invalid, Unavailable) as unresolved:
        return unknown(config, unresolved.problem)
    asked = await asyncio.gather(*(_linked(origin, question, resolution, lookup) for origin in origins))
    found = next((each for each in asked if isinstance(each, Retrieved)), None)
    if found is not None:
        origin = found.value
        entity = TrustEntity(url=origin, identifiers=(("origin", origin),))
        return answer(config, entity, authenticity=Authenticity.AUTHENTICATED, source=found.source)
    unsure = next((each for each in asked if isinstance(each, Problem)), None)
    if unsure is not None:
        return unknown(config, unsure)
    return answer(config, None, authenticity=Authenticity.AUTHENTICATED)


async def _linked(
    origin: str, question: TrustQuestion, resolution: Resolution, lookup: Lookup
) -> Retrieved[str] | Problem | None:
    """Return the origin where it says the same; None where it does not, and the problem where it cannot be told."""
    try:
        retrieved = await lookup.get(
            f"{origin}{_WELL_KNOWN}",
            Kind.DID_DOCUMENT,
            partial(_load, origin),
            variant=_KIND,
            also=frozenset({_GONE}),
        )
    except (Invalid, Unavailable) as unreadable:
        return unreadable.problem
    doubt: Problem | None = None
    claim = _Claim(did=question.entity, origin=origin, at=max(question.at, now_of(retrieved.source)))
    about = [entry for entry in retrieved.value or () if _subject(entry) == question.entity]
    for entry in about[:_MAX_CREDENTIALS]:
        try:
            if isinstance(entry, Token):
                await _verify_token(entry, claim, resolution)
            else:
                await _verify_document(entry, claim, question)
        except Invalid:
            continue  # "independent from one another, thus one being valid or invalid does not affect […] the others"
        except Unavailable as unavailable:
            doubt = unavailable.problem
        else:
            return Retrieved(value=origin, source=retrieved.source)
    return doubt


@dataclass(frozen=True, slots=True, kw_only=True)
class _Claim:
    """What a credential has to say, and when."""

    did: str
    origin: str
    at: datetime

    def check(self, credential: Mapping[str, Any]) -> None:
        """Check a domain linkage credential whose proof has been verified ("Domain Linkage Credential").

        Raises:
            Invalid: it is something else, is over, or speaks of another DID or origin.
        """
        types, subject, issuer = credential.get("type"), credential.get("credentialSubject"), credential.get("issuer")
        issuer = issuer.get("id") if isinstance(issuer, dict) else issuer
        if not isinstance(types, list) or "DomainLinkageCredential" not in types or "id" in credential:
            raise _wrong("it is not a domain linkage credential")
        if not isinstance(subject, dict) or subject.get("id") != self.did or issuer != self.did:
            raise _wrong("its issuer and its subject are not the DID")
        if _origin(subject.get("origin")) != self.origin:
            raise _wrong(f"it is not for {self.origin}")
        begins, ends = _instant(credential, "issuanceDate"), _instant(credential, "expirationDate")
        if not begins - CLOCK_SKEW <= self.at < ends:
            raise _wrong("it is not valid at this time")


async def _verify_token(token: Token, claim: _Claim, resolution: Resolution) -> None:
    """Verify the JSON Web Token form.

    Raises:
        Invalid: it is wrong.
        Unavailable: it could not be verified.
    """
    # "Additional members MUST NOT be present", neither in the header nor in the payload.
    if token.header.keys() != _HEADER or token.claims.keys() != _CLAIMS:
        raise _wrong("its header or its payload has other members than the specification's")
    if (token.claims.get("iss"), token.claims.get("sub")) != (claim.did, claim.did):
        raise _wrong("its iss and sub are not the DID")
    document, _ = did_url.split_method_url(token.key_id)
    if document != claim.did:
        raise _wrong("its key is not the DID's")
    method = await resolution.dereference(token.key_id, purpose="assertionMethod")
    if method.ends is not None and claim.at >= method.ends:
        raise _wrong("its key has expired or been revoked")
    key = of_public_key(method.key)
    try:
        key.check(token)
        begins, ends = token.instant("nbf"), token.instant("exp")
    except Unavailable as defect:
        raise _wrong(defect.problem.detail) from None
    credential = token.claims.get("vc")
    if not isinstance(credential, dict) or begins is None or ends is None:
        raise _wrong("it has no credential, no begin or no end")
    if not begins - CLOCK_SKEW <= claim.at < ends:
        raise _wrong("it is not valid at this time")
    claim.check(credential)


async def _verify_document(credential: Mapping[str, Any], claim: _Claim, question: TrustQuestion) -> None:
    """Verify the form with a proof of its own, as any credential is.

    Raises:
        Invalid: it is wrong.
        Unavailable: it could not be verified.
    """
    if question.verify is None:
        raise Unavailable("unsupported-format", "domain linkage with an embedded proof cannot be verified here")
    claim.check(await question.verify(credential))


def _origins(did: str, document: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the origins that a DID claims, its own host first."""
    found = dict.fromkeys(origin for text in _claimed(did, document) if (origin := _origin(text)) is not None)
    return tuple(found)[:_MAX_ORIGINS]


def _claimed(did: str, document: Mapping[str, Any]) -> Iterator[Any]:
    """Yield what may be origins: the host of a did:web, and `LinkedDomains` ("Linked Domain Service Endpoint")."""
    if did.startswith("did:web:"):
        parts = urlsplit(url_of(did))
        yield f"{parts.scheme}://{parts.netloc}"
    services = document.get("service")
    for service in services if isinstance(services, list) else []:
        if not isinstance(service, dict):
            continue
        types = service.get("type")
        if "LinkedDomains" not in (types if isinstance(types, list) else [types]):
            continue
        endpoint = service.get("serviceEndpoint")
        origins = endpoint.get("origins") if isinstance(endpoint, dict) else endpoint
        yield from origins if isinstance(origins, list) else [origins]


def _origin(text: Any) -> str | None:
    """Return the https origin that `text` is, in one way of writing; None where it is none, or a URL within one."""
    if not isinstance(text, str) or not did_url.is_https_url(text):
        return None
    try:
        parts = urlsplit(text)
        host, port = parts.hostname, parts.port
    except ValueError:
        return None
    if not host or parts.path not in ("", "/") or parts.query or "@" in parts.netloc:
        return None
    return f"https://{host}" if port in (None, 443) else f"https://{host}:{port}"


def _subject(entry: Token | Mapping[str, Any]) -> Any:
    """Return which DID a credential is about, by its own, unverified word."""
    if isinstance(entry, Token):
        return entry.claims.get("sub")
    subject = entry.get("credentialSubject")
    return subject.get("id") if isinstance(subject, dict) else None


async def _load(origin: str, fetched: Fetched) -> Loaded[tuple[Token | Mapping[str, Any], ...]] | Loaded[None]:
    """Read a DID configuration resource; entries that are neither form are left out.

    Raises:
        Unavailable: `registry-defective`: it is none, or another origin answered.
    """
    if fetched.status == _GONE:
        return no(fetched)
    if not fetched.url.startswith(f"{origin}/"):
        raise defective(f"{origin} lets another origin answer")
    try:
        content = strict_json.loads(fetched.body)
    except Invalid as refused:
        raise defective(f"{fetched.url} is not usable JSON: {refused.problem.code}") from None
    if not isinstance(content, dict) or content.keys() != _MEMBERS or not isinstance(content["linked_dids"], list):
        raise defective(f"{fetched.url} is not a DID configuration resource")
    entries: list[Token | Mapping[str, Any]] = []
    for entry in content["linked_dids"]:
        if isinstance(entry, dict):
            entries.append(entry)
        elif isinstance(entry, str):
            try:
                entries.append(decode(entry, typ=None))
            except Unavailable:
                continue
    return Loaded(value=tuple(entries), size=_SIZE_FACTOR * len(fetched.body))


def _instant(credential: Mapping[str, Any], member: str) -> datetime:
    try:
        return timestamps.parse(credential.get(member))
    except ValueError as error:
        raise _wrong(f"its {member} is {error}") from None


def _wrong(detail: str) -> Invalid:
    return Invalid("registry-defective", detail)


@lru_cache(maxsize=1)
def _methods() -> Mapping[str, DidMethod]:
    """Return the DID methods; those that need an option of the operator's answer that they cannot be resolved."""
    return registry.scan(resolvers.did, DidMethod, lambda plugin: (plugin.name,))


PLUGIN: Final = TrustSource(kind=_KIND, ask=ask, needs=frozenset(), ranked_by=None)
