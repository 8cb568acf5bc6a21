"""Answers that are JSON: from what `gateway.api.rendering` returns to what goes out."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from aiohttp import web

from gateway.api import rendering

if TYPE_CHECKING:
    from collections.abc import Mapping

# As `web.json_response` has it; given as a header it need not be put together anew for each answer.
_JSON: Final = {"Content-Type": "application/json; charset=utf-8"}


def json_answer(value: Mapping[str, Any], status: HTTPStatus = HTTPStatus.OK) -> web.Response:
    """Return `value` as an answer."""
    return encoded_answer(rendering.encoded(value), status)


def encoded_answer(body: bytes, status: HTTPStatus = HTTPStatus.OK) -> web.Response:
    """Return what is JSON already as an answer."""
    return web.Response(body=body, status=status, headers=_JSON)
