"""Trust marks of OpenID Federation 1.0, section 7: who has one, by whom, and whether it still holds."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

from resolvers.model import Kind
from resolvers.problems import Unavailable
from resolvers.trust import _entity_statements as statements
from resolvers.trust._jwt import Token, check_signature, decode, key_set
from resolvers.trust._registries import defective

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from resolvers.trust._trust_chain import Federation, Member

_MARK: Final = "trust-mark+jwt"
_DELEGATION: Final = "trust-mark-delegation+jwt"
_STATUS: Final = "trust-mark-status-response+jwt"
_NOT_FOUND: Final = 404
_OLDEST_STATUS: Final = timedelta(hours=1)
"""Age of a status: it is asked for now, so an old one is a replayed one."""
_MAX_MARKS: Final = 8
"""Marks of one type that are looked at: each may take a chain of its own."""


async def has(
    member: Member, mark_type: str, federation: Federation, *, now: datetime, any_issuer: bool = False
) -> bool:
    """Whether `member` has a valid trust mark of that type; `any_issuer` counts those that anyone may issue.

    Raises:
        Unavailable: no valid one was found, but one may be.
    """
    top = await federation.top()
    issuers = _issuers(top, mark_type)
    if issuers is None or (not issuers and not any_issuer):
        return False
    doubts: list[Unavailable] = []
    for token in _marks(member, mark_type):
        try:
            issuer = token.text_claim("iss")
            if issuers and issuer not in issuers:
                continue
            if await _is_valid(token, member, mark_type, federation, top, now):
                return True
        except Unavailable as doubt:
            doubts.append(doubt)
    if doubts:
        raise doubts[0]
    return False


async def _is_valid(
    mark: Token, member: Member, mark_type: str, federation: Federation, top: Token, now: datetime
) -> bool:
    """Validate one mark (section 7.3)."""
    if mark.text_claim("sub") != member.id or mark.text_claim("trust_mark_type") != mark_type:
        raise defective("the trust mark is of another entity, or of another type")
    if not _holds(mark, now, federation.at):
        return False
    # "The trust in the Trust Mark Issuer comes before the trust in the trust mark."
    issuer = await federation.member(mark.text_claim("iss"))
    if issuer is None:
        return False
    check_signature(mark, issuer.keys)
    if not _is_delegated(mark, issuer.id, top, now, federation.at):
        return False
    return await _is_active(mark, issuer, federation, now)


def _marks(member: Member, mark_type: str) -> Iterator[Token]:
    """Yield the marks of that type in an entity's configuration, unverified.

    Raises:
        Unavailable: `registry-defective`.
    """
    entries = member.configuration.claims.get("trust_marks", [])
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise defective(f"{member.id[:200]} has malformed trust marks")
    found = [entry.get("trust_mark") for entry in entries if entry.get("trust_mark_type") == mark_type]
    if len(found) > _MAX_MARKS:
        raise defective(f"{member.id[:200]} has more than {_MAX_MARKS} trust marks of one type")
    for text in found:
        if not isinstance(text, str):
            raise defective(f"{member.id[:200]} has a malformed trust mark")
        yield decode(text, typ=_MARK)


def _issuers(top: Token, mark_type: str) -> frozenset[str] | None:
    """Return who may issue marks of that type, by the anchor's word alone; empty: anyone, None: nobody.

    "The fact that a Trust Mark Issuer is accepted by the federation is expressed in the
    trust_mark_issuers Claim of the Trust Anchor's Entity Configuration." (section 7)
    """
    by_type = _object(top.claims.get("trust_mark_issuers", {}), "trust_mark_issuers")
    if mark_type not in by_type:
        return None
    issuers = by_type[mark_type]
    if not isinstance(issuers, list) or not all(isinstance(issuer, str) for issuer in issuers):
        raise defective("the anchor's trust_mark_issuers are malformed")
    return frozenset(issuers)


def _holds(token: Token, now: datetime, at: datetime) -> bool:
    """Whether a mark or a delegation has begun and not ended; without `exp` it has no end."""
    token.issued(now)
    ends = token.instant("exp")
    return ends is None or max(now, at) < ends


def _is_delegated(mark: Token, issuer: str, top: Token, now: datetime, at: datetime) -> bool:
    """Whether the issuer may issue what somebody else owns (section 7.2.2); true where nobody does.

    "If the trust_mark_type of the instance appears in the trust_mark_owners Claim in the Trust Anchor's
    Entity Configuration, then the instance MUST contain a delegation Claim."
    """
    mark_type = mark.text_claim("trust_mark_type")
    owners = _object(top.claims.get("trust_mark_owners", {}), "trust_mark_owners")
    if mark_type not in owners and "delegation" not in mark.claims:
        return True
    if mark_type not in owners or "delegation" not in mark.claims:
        return False
    owner = _object(owners[mark_type], "trust_mark_owners")
    delegation = decode(mark.text_claim("delegation"), typ=_DELEGATION)
    check_signature(delegation, key_set(owner.get("jwks")))
    said = tuple(delegation.text_claim(name) for name in ("iss", "sub", "trust_mark_type"))
    return said == (owner.get("sub"), issuer, mark_type) and _holds(delegation, now, at)


async def _is_active(mark: Token, issuer: Member, federation: Federation, now: datetime) -> bool:
    """Ask the issuer whether the mark still holds, where it says how (section 8.4).

    Raises:
        Unavailable: `trust-mark-status-unknown`: the mark has no end, and there is nobody to ask; or the
            issuer could not be asked.
    """
    status = statements.endpoint(issuer.metadata, "federation_trust_mark_status_endpoint")
    if status is None:
        if mark.instant("exp") is None:
            raise Unavailable("trust-mark-status-unknown", f"a mark of {issuer.id[:200]} has neither end nor status")
        return True
    answered = await federation.lookup.post(
        status,
        urlencode({"trust_mark": mark.text}).encode(),
        media_type="application/x-www-form-urlencoded",
        kind=Kind.JWKS,
        also=frozenset({_NOT_FOUND}),
    )
    # "If the Trust Mark Issuer receives a request about the status of an unknown Trust Mark, […] it MUST
    # respond with an HTTP status code 404"; but so does a server that is not set up, so it is only a doubt.
    if answered.status == _NOT_FOUND:
        raise Unavailable("trust-mark-status-unknown", f"{issuer.id[:200]} does not know its mark")
    said = decode(answered.body, typ=_STATUS)
    check_signature(said, issuer.keys)
    if (said.text_claim("iss"), said.text_claim("trust_mark")) != (issuer.id, mark.text):
        raise defective("the status is that of another trust mark, or of another issuer")
    if now - said.issued(now) > _OLDEST_STATUS:
        raise defective("the status of the trust mark is an old one")
    return said.text_claim("status") == "active"


def _object(value: Any, name: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise defective(f"the anchor's {name} are malformed")
    return value
