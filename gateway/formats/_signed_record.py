"""Signed verification: a JWS whose payload is the record, by a key that the issuer's profile lists.

Open Badges 2.0, "SignedBadge Verification"; CLR 1.0 signs in the same way.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from gateway.formats import _checks, _jose
from gateway.formats._issuer_profile import named, signing_key
from gateway.formats._jose import peek_header, peek_payload
from gateway.formats._jwt_claims import overdue
from gateway.formats._linked_record import check_issuer, completed, is_hosted, is_signed, link, verification
from gateway.model import CheckName, Outcome, Presented, Secured
from resolvers.problems import Invalid, Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gateway.formats._jose import Token
    from gateway.formats._jose_key import SigningKey
    from gateway.formats._linked_record import Linked
    from gateway.model import Proven
    from gateway.plugins import Format, ProofTools

STATUS: Final = "OpenBadgesRevocationList"
"""The status method that looks it up in the issuer's list (`resolvers.status.open_badges_2_revocation_list`)."""


def is_token_of(presented: Presented, is_kind: Callable[[Any], bool]) -> bool:
    """Whether this is a JWS around such a record."""
    content = presented.content
    if not isinstance(content, str) or (header := peek_header(content)) is None:
        return False
    stated = _jose.media_type(header.get("typ", presented.media_type)) or ""
    # A token of a type of its own (`vc+jwt`, `kb+jwt`) was signed to be that (RFC 8725, section 3.11).
    return ("+" not in stated or stated.startswith("vnd.")) and is_kind(peek_payload(content))


def parse(presented: Presented, plugin: Format) -> Secured:
    """Read the token strictly, trusting nothing.

    Raises:
        Invalid: `token-malformed`, or what `strict_json.loads` raises.
    """
    if not isinstance(presented.content, str):
        raise Invalid("PARSING_ERROR", "not a compact token")
    token = _jose.parse(presented.content)
    if is_hosted(token.claims) and not is_signed(token.claims):
        raise _jose.malformed("the record says that it is verified where it is hosted", "/verification")
    return Secured(format=plugin, vcdm=None, document=completed(token.claims), token=token)


async def verify(secured: Secured, tools: ProofTools) -> Proven:
    """Verify the signature, by the keys of whoever the record names as its issuer."""
    token: Token = secured.token
    linked: list[Linked] = []

    async def find() -> SigningKey:
        found = await link(token.claims, tools, signed=True)
        linked.append(found)
        if found.profile is None:
            raise found.stopped or Unavailable("issuer-not-named", "the record names no issuer")
        bare = "verify" in token.claims
        key = await signing_key(token, _creator(token.claims), found.profile, tools, bare=bare)
        hosting = check_issuer(found, ())
        return key if hosting.outcome is Outcome.PASS else replace(key, issuer=hosting)

    # The record has dates of its own; a token that has expired by its claims is refused by every reader of JWTs.
    proven = await _jose.prove(secured, tools, overdue=overdue(token, tools), find=find)
    if proven.document is None or not linked:
        # Whether contexts are known is no question here: the members are read by their names.
        return replace(proven, contexts={}, structure=None)
    return replace(
        proven,
        document=completed(linked[0].document, status=_list_of(linked[0], token.claims)),
        contexts={},
        structure=None,
        issued_by=linked[0].issuer,
        proof=_checks.result(CheckName.PROOF, proven.proof.outcome, *proven.proof.problems, basis="signed"),
    )


def _creator(record: Mapping[str, Any]) -> str | None:
    """Return the key that a record names: `creator`, and until Open Badges 1.1 `verify.url`."""
    how = verification(record)
    return named(how.get("creator")) or (named(how.get("url")) if "verify" in record else None)


def _list_of(linked: Linked, record: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Return where to look whether the record was revoked: the list that the issuer's profile names, if any."""
    given = None if linked.profile is None else linked.profile.content.get("revocationList")
    if given is None:
        return None
    return {"id": named(given), "type": STATUS, "statusPurpose": "revocation", "uid": record.get("uid")}
