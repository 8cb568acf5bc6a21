"""Whose an SD-JWT is: that of SD-JWT VC, or that of the W3C data model.

Read loosely, since what is malformed is to be refused by whoever it belongs to; nothing else may use it.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any

from gateway.formats import _jose, _jws_json

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateway.model import Presented


class Kind(StrEnum):
    """What an SD-JWT holds, by its media type."""

    CREDENTIAL = "dc+sd-jwt"
    """An SD-JWT VC: the claims of a JWT."""
    VCDM_CREDENTIAL = "vc+sd-jwt"
    VCDM_PRESENTATION = "vp+sd-jwt"


def kind_of(presented: Presented) -> Kind | None:
    """Return what an SD-JWT seems to hold; None if it is none, or holds something else.

    `vc+sd-jwt` was the media type of SD-JWT VC until November 2024, and is W3C's since: what has a `vct`
    and no `@context` is the former. Without a `typ`, which VC-JOSE-COSE only recommends, content tells.
    """
    jwt, is_sd_jwt = _peek(presented.content)
    header = _jose.peek_header(jwt)
    if header is None:
        return None
    stated = _jose.media_type(header.get("typ"))
    if "typ" not in header and is_sd_jwt:
        stated = _jose.media_type(presented.media_type) or Kind.VCDM_CREDENTIAL
    if stated in (Kind.CREDENTIAL, Kind.VCDM_PRESENTATION):
        return Kind(stated)
    return _by_content(_jose.peek_payload(jwt), "typ" in header) if stated == Kind.VCDM_CREDENTIAL else None


def _by_content(payload: Any, typed: bool) -> Kind | None:  # noqa: FBT001 — one caller
    claims: Mapping[str, Any] = payload if isinstance(payload, dict) else {}
    if "@context" not in claims and "vct" in claims:
        return Kind.CREDENTIAL
    if typed or ("@context" in claims and "verifiableCredential" not in claims):
        return Kind.VCDM_CREDENTIAL
    return Kind.VCDM_PRESENTATION if "@context" in claims else None


def _peek(content: Any) -> tuple[str, bool]:
    """Return the issuer's JWT as it seems to be, and whether disclosures may follow it."""
    if isinstance(content, str):
        jwt, tilde, _ = content.partition("~")
        return jwt, bool(tilde)
    signatures = content.get("signatures", [content]) if _jws_json.is_token(content) else None
    signature = signatures[0] if isinstance(signatures, list) and signatures else None
    if not isinstance(signature, dict):
        return "", False
    header = signature.get("header")
    shown = "disclosures" in content or (isinstance(header, dict) and "disclosures" in header)
    return f"{signature.get('protected')}.{content.get('payload')}.", shown
