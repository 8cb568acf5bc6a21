"""Enveloped credentials and presentations: an object whose id is a data: URL of the token (VCDM 2.0, section 4.13)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from gateway.structure import CREDENTIALS_V2
from resolvers.problems import Invalid

if TYPE_CHECKING:
    from collections.abc import Mapping

CREDENTIAL: Final = "EnvelopedVerifiableCredential"
PRESENTATION: Final = "EnvelopedVerifiablePresentation"


def enveloped(content: Any, envelope: str, media_type: str) -> str | None:
    """Return the token that an object of type `envelope` holds as `media_type`; None if it is no such object.

    `media_type` is all that stands between `data:` and the comma, so `;base64` may be part of it. What
    else the object says is not looked at: it is not signed.
    """
    if not isinstance(content, dict):
        return None
    kind, identifier, prefix = content.get("type"), content.get("id"), f"data:{media_type},"
    types = kind if isinstance(kind, list) else [kind]
    if envelope not in types or not isinstance(identifier, str) or identifier[: len(prefix)].lower() != prefix:
        return None
    return identifier[len(prefix) :]


def check_context(envelope: Mapping[str, Any]) -> None:
    """Check that the envelope is a VCDM 2.0 object.

    Raises:
        Invalid: `MALFORMED_VALUE_ERROR`.
    """
    context = envelope.get("@context")
    if (context[0] if isinstance(context, list) and context else context) != CREDENTIALS_V2:
        raise Invalid("MALFORMED_VALUE_ERROR", "the envelope's first @context is not VCDM 2.0's", pointer="/@context")
