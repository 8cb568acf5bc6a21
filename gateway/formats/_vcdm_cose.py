"""VCDM 2.0 in COSE (VC-JOSE-COSE, section 3.3): the payload is the JSON document, the CWT claims are in the header."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from gateway.formats import _cose, _jose
from gateway.formats._envelope import check_context, enveloped
from gateway.presentation import PRESENTATION, types_of
from resolvers import strict_json
from resolvers.problems import Invalid

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateway.formats._cose import Sign1
    from gateway.model import Presented

CREDENTIAL_TYPE: Final = "vc+cose"
PRESENTATION_TYPE: Final = "vp+cose"

_TYPES: Final = frozenset({CREDENTIAL_TYPE, PRESENTATION_TYPE})
_MEDIA_TYPES: Final = _TYPES | {"cose"}
_TAGGED: Final = (b"\xd2\x84", "0oR")
"""How a COSE_Sign1 begins that has its tag: an array of four, whose first is octets; and the same in base64."""


def is_recognized(presented: Presented, kind: str, envelope: str) -> bool:
    """Whether this is a message of that kind: octets, their base64, or in an envelope of that type."""
    if enveloped(presented.content, envelope, f"application/{kind};base64") is not None:
        return True
    content, (octets, text) = presented.content, _TAGGED
    if not isinstance(content, str | bytes) or (isinstance(content, str) and "." in content):  # that is a JWS
        return False
    tagged = content.startswith(octets) if isinstance(content, bytes) else content.startswith(text)
    if not tagged and _jose.media_type(presented.media_type) not in _MEDIA_TYPES:
        return False
    return _kind_of(content, presented.media_type) == kind


def read(presented: Presented, kind: str, envelope: str) -> tuple[Sign1, Mapping[str, Any]]:
    """Read a message, and the JSON document that it signs.

    Raises:
        Invalid: `token-malformed`; `PARSING_ERROR`; what `strict_json.loads` raises.
    """
    content = presented.content
    text: str | bytes | None = enveloped(content, envelope, f"application/{kind};base64")
    if text is not None and isinstance(content, dict):
        check_context(content)
        if _kind_of(text, f"application/{kind}") != kind:  # what is inside must be what the envelope says
            raise _jose.malformed(f"the message is not a {kind}")
    elif isinstance(content, str | bytes):
        text = content
    if text is None:
        raise Invalid("PARSING_ERROR", "neither a message nor an envelope")
    message = _message(text)
    document = strict_json.loads(message.payload)
    if not isinstance(document, dict):
        raise _jose.malformed("the payload is not a JSON object")
    return message, document


def _message(content: str | bytes) -> Sign1:
    return _cose.parse(content if isinstance(content, bytes) else _cose.from_text(content))


def _kind_of(content: str | bytes, media_type: str | None) -> str:
    """Return the kind of a message: as it says, as it came, or by what it seems to hold."""
    stated = _jose.media_type(media_type)
    fallback = stated if stated in _TYPES else CREDENTIAL_TYPE
    try:
        message = _message(content)
        if message.typ is not None or stated in _TYPES:
            return message.typ or fallback
        payload = json.loads(message.payload)
    except (Invalid, ValueError, RecursionError):
        return fallback  # what is malformed is to be refused by whoever it belongs to
    return PRESENTATION_TYPE if isinstance(payload, dict) and PRESENTATION in types_of(payload) else CREDENTIAL_TYPE
