"""What is refused: requests that are wrong in themselves, whatever credential they carry.

Anything about the credential is HTTP 200 and a result; this is the table of everything else.
"""

from __future__ import annotations

from http import HTTPStatus
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from resolvers.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Mapping

STATUS: Final[Mapping[str, HTTPStatus]] = MappingProxyType(
    {
        "not-json": HTTPStatus.BAD_REQUEST,
        "not-utf8": HTTPStatus.BAD_REQUEST,
        "duplicate-key": HTTPStatus.BAD_REQUEST,
        "number-out-of-range": HTTPStatus.BAD_REQUEST,
        "lone-surrogate": HTTPStatus.BAD_REQUEST,
        "too-deep": HTTPStatus.BAD_REQUEST,
        "malformed-request": HTTPStatus.BAD_REQUEST,
        "unauthorized": HTTPStatus.UNAUTHORIZED,
        "forbidden": HTTPStatus.FORBIDDEN,
        "not-found": HTTPStatus.NOT_FOUND,
        "method-not-allowed": HTTPStatus.METHOD_NOT_ALLOWED,
        "deadline-exceeded": HTTPStatus.REQUEST_TIMEOUT,
        "too-large": HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        "unsupported-media-type": HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
        "unknown-policy": HTTPStatus.UNPROCESSABLE_ENTITY,
        "policy-not-in-effect": HTTPStatus.UNPROCESSABLE_ENTITY,
        "bad-as-of": HTTPStatus.UNPROCESSABLE_ENTITY,
        "rate-limited": HTTPStatus.TOO_MANY_REQUESTS,
        "internal-error": HTTPStatus.INTERNAL_SERVER_ERROR,
        "overloaded": HTTPStatus.SERVICE_UNAVAILABLE,
    }
)
"""Every code that a request can be refused with → its HTTP status."""


class Refused(Exception):
    """A request is not answered, for the reason `problem`."""

    def __init__(
        self,
        code: str,
        detail: str,
        *,
        pointer: str | None = None,
        status: HTTPStatus | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """Refuse with one of the codes of `STATUS`; `pointer` points into the request's body."""
        super().__init__(code)
        self.problem = Problem(code=code, detail=detail, pointer=pointer)
        self.status = STATUS[code] if status is None else status
        self.headers = dict(headers or {})

    @classmethod
    def of(cls, problem: Problem) -> Refused:
        """Refuse for a problem that was found in the request's body."""
        return cls(problem.code, problem.detail, pointer=problem.pointer)
