"""What every SD-JWT VC says besides the claims of its type: registered claims of JSON Web Tokens.

draft-ietf-oauth-sd-jwt-vc, section 2.2.2; RFC 7519, section 4.1; of names OpenID Connect Core 1.0, section 5.1.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from gateway.model import Record
from gateway.normalizers._claims import Members, identifier, ignore, read_members, string, text
from gateway.normalizers._subject import full_name

if TYPE_CHECKING:
    from gateway.model import Unverified, Verified


def is_sd_jwt_vc(credential: Verified | Unverified) -> bool:
    """Whether the record is the claims of a token, and no document of the W3C data model."""
    return credential.vcdm is None and "vct" in credential.document


def read_sd_jwt_vc(credential: Verified | Unverified) -> Record:
    """Read a credential of unknown type; whatever only its type defines is `unmapped`."""
    unmapped: list[str] = []
    read = read_members(credential.document, "", unmapped, REGISTERED, {})
    return Record(
        id=read.get("jti"),
        types=(read["vct"],) if read.get("vct") else (),
        issuer={"id": read.get("iss"), "name": None, "url": None, "identifiers": []},
        subject={"id": read.get("sub"), "name": full_name(read.get("given"), read.get("family")), "identifiers": []},
        dates={
            "awarded": None,
            # Where it does not say from when it is valid, it is since it was issued.
            "validFrom": read.get("nbf") or read.get("iat"),
            "validUntil": read.get("exp"),
            "activityStart": None,
            "activityEnd": None,
            "issued": read.get("iat"),
        },
        unmapped=tuple(unmapped),
    )


def _numeric_date(value: Any, at: str, unmapped: list[str]) -> str | None:
    """Read a NumericDate, seconds since 1970 (RFC 7519, section 2), as RFC 3339 in UTC."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        try:
            return datetime.fromtimestamp(value, UTC).isoformat().replace("+00:00", "Z")
        except (ValueError, OverflowError, OSError):
            pass
    unmapped.append(at)
    return None


REGISTERED: Final[Members] = {
    "vct": ("vct", string),
    "vct#integrity": (None, ignore),
    "iss": ("iss", identifier),
    "sub": ("sub", identifier),
    "jti": ("jti", identifier),
    "iat": ("iat", _numeric_date),
    "nbf": ("nbf", _numeric_date),
    "exp": ("exp", _numeric_date),
    "cnf": (None, ignore),
    "status": (None, ignore),
    "given_name": ("given", text),
    "family_name": ("family", text),
}
"""The holder's key and the status are shown by the checks that are about them."""
