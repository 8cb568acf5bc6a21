"""JSON Canonicalization Scheme (RFC 8785)."""

from __future__ import annotations

from typing import Any

import rfc8785

from resolvers.problems import Invalid


def canonicalize(value: Any) -> bytes:
    """Return a JSON value in canonical form, UTF-8.

    Raises:
        Invalid: `number-out-of-range` (beyond 2^53 - 1, or no number), `lone-surrogate`, `too-deep`,
            `PROOF_TRANSFORMATION_ERROR` where it is no JSON at all.
    """
    try:
        return rfc8785.dumps(value)
    except (rfc8785.IntegerDomainError, rfc8785.FloatDomainError):
        raise Invalid("number-out-of-range", "a number is not one that JSON implementations agree about") from None
    except UnicodeError:
        raise Invalid("lone-surrogate", "a string is not valid Unicode") from None
    except RecursionError:
        raise Invalid("too-deep", "the document is nested too deeply") from None
    except rfc8785.CanonicalizationError as error:
        if isinstance(error.__cause__, UnicodeError):
            raise Invalid("lone-surrogate", "a string is not valid Unicode") from None
        raise Invalid("PROOF_TRANSFORMATION_ERROR", "the document holds something that is no JSON") from None
