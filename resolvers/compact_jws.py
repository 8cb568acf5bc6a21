"""Compact JSON Web Signatures that lists, statements and bundles come in: read strictly, checked under a known key.

The key is imported, and its algorithms are chosen, by whoever knows whom to believe: nothing that a
header says has a part in it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from joserfc import jws
from joserfc.errors import JoseError, UnsupportedAlgorithmError

from resolvers import base64url, strict_json
from resolvers.problems import Invalid

if TYPE_CHECKING:
    from collections.abc import Collection


class _Registry(jws.JWSRegistry):
    """joserfc's own, which refuses whatever is signed in more than 128,000 octets, or headed in more than 512.

    A list of a state's providers is larger; whoever fetches or unpacks a token has bounded it before.
    """

    max_header_length = max_payload_length = max_signature_length = 2**31

    def get_alg(self, name: str) -> Any:
        """Return an algorithm that is allowed, without a warning of its name.

        RFC 9864 deprecates "EdDSA" for "Ed25519", yet most libraries write only that; and warnings
        cannot be silenced for one thread alone.
        """
        if name not in (self.allowed or ()):
            raise UnsupportedAlgorithmError(name)
        return self.algorithms[name]


def split(token: str) -> tuple[dict[str, Any], bytes]:
    """Return the header and the payload of a compact JWS (RFC 7515, section 7.1); nothing of them is verified.

    Raises:
        ValueError: it is not one, or its header is no JSON object that is read alike by everybody.
    """
    encoded_header, encoded_payload, signature = token.split(".")
    base64url.decode(signature)
    try:
        header = strict_json.loads(base64url.decode(encoded_header))
    except Invalid:
        header = None
    if not isinstance(header, dict):
        message = "its header is not an object"
        raise ValueError(message)  # noqa: TRY004 — it is the token that is malformed
    return header, base64url.decode(encoded_payload)


def check_signature(token: str, key: Any, algorithms: Collection[str]) -> None:
    """Check that joserfc's `key` has signed `token`, by one of `algorithms`.

    Raises:
        ValueError: it has not.
    """
    try:
        jws.deserialize_compact(token, key, registry=_Registry(algorithms=algorithms))
    except (JoseError, ValueError):
        message = "the signature does not verify"
        raise ValueError(message) from None
