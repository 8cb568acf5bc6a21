"""vc+cose: a VCDM 2.0 credential in a COSE_Sign1 (VC-JOSE-COSE, section 3.3.1), as base64 text or in an envelope."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from gateway.formats import _cose, _jose
from gateway.formats._envelope import CREDENTIAL
from gateway.formats._jose_key import signing_key
from gateway.formats._vcdm_cose import CREDENTIAL_TYPE, is_recognized, read
from gateway.model import Presented, Proven, Secured
from gateway.plugins import Format, KeySource, Securing
from gateway.structure import issuer_of, vcdm_version

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateway.plugins import ProofTools


def _recognize(presented: Presented) -> bool:
    return is_recognized(presented, CREDENTIAL_TYPE, CREDENTIAL)


def _parse(presented: Presented) -> Secured:
    message, document = read(presented, CREDENTIAL_TYPE, CREDENTIAL)
    # "iss value, if present, MUST match issuer" (section 4.1.2)
    if _cose.ISS in message.claims and message.claims[_cose.ISS] != issuer_of(document):
        raise _jose.mismatch("iss is not the credential's issuer", "/issuer")
    document = _with_status(document, message.claims.get(_cose.STATUS))
    return Secured(format=PLUGIN, vcdm=vcdm_version(document), document=document, token=message)


def _with_status(document: Mapping[str, Any], claim: Any) -> Mapping[str, Any]:
    """Return the credential with the status that the message has (draft-ietf-oauth-status-list, section 6.3).

    Raises:
        Invalid: `token-malformed`: it is no Token Status List; `token-claims-mismatch`: the credential names another.
    """
    if claim is None:
        return document
    listed = claim.get("status_list") if isinstance(claim, dict) and len(claim) == 1 else None
    if not isinstance(listed, dict) or type(listed.get("idx")) is not int or not isinstance(listed.get("uri"), str):
        raise _jose.malformed("the status claim names no Token Status List", "/status")
    status = {"status_list": {"idx": listed["idx"], "uri": listed["uri"]}}
    if document.get("status") not in (None, status):
        raise _jose.mismatch("the status claim is not the credential's status", "/status")
    return {**document, "status": status}


async def _verify(secured: Secured, tools: ProofTools) -> Proven:
    message: _cose.Sign1 = secured.token
    return await _cose.prove(
        secured,
        tools,
        message=message,
        overdue=_cose.overdue(message, tools),
        find=lambda: signing_key(message.hints, issuer_of(secured.document), tools),
    )


PLUGIN: Final = Format(
    name=CREDENTIAL_TYPE,
    media_types=(f"application/{CREDENTIAL_TYPE}",),
    recognize=_recognize,
    parse=_parse,
    verify=_verify,
    title="VCDM 2.0 as COSE",
    secured_by=Securing.COSE,
    keys=(KeySource.DID, KeySource.HTTPS),
    statuses=None,
)
