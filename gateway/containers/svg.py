"""An SVG with a badge baked in (Open Badges 3.0 and 2.0, Baked Badges): one element of their namespace."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final
from xml.etree.ElementTree import ParseError

from gateway.containers._baked import only
from gateway.plugins import Container
from resolvers.problems import Invalid

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateway.model import Presented
    from gateway.plugins import ContainerTools

_ELEMENTS: Final = frozenset(
    {"{https://purl.imsglobal.org/ob/v3p0}credential", "{http://openbadges.org}assertion"},
)
"""Of Open Badges 3.0, and of 2.0."""
_HEAD: Final = 4096
"""Octets in which the root element has to begin."""
_MAX_ELEMENTS: Final = 100_000
_MAX_BYTES: Final = 8 * 1024 * 1024


def _recognize(presented: Presented) -> bool:
    content = presented.content
    if not isinstance(content, (bytes, str)):
        return False
    head = content[:_HEAD] if isinstance(content, bytes) else content[:_HEAD].encode(errors="replace")
    return head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<") and b"<svg" in head


async def _open(presented: Presented, tools: ContainerTools) -> tuple[Presented, ...]:
    del tools  # nothing in it is inflated
    content = presented.content
    if not isinstance(content, (bytes, str)):
        raise _malformed("not an SVG")
    if len(content) > _MAX_BYTES:
        raise Invalid("too-large", f"an SVG of {len(content)} octets, of at most {_MAX_BYTES}")
    return only(await asyncio.to_thread(_payloads, content))


def _payloads(content: bytes | str) -> list[bytes]:
    from defusedxml.common import DefusedXmlException  # noqa: PLC0415 — few records come in an SVG
    from defusedxml.ElementTree import XMLParser  # noqa: PLC0415 — as above

    found = _Payloads()
    try:
        parser = XMLParser(target=found)  # a document type may stand there, as drawing programs write it
        parser.feed(content)
        parser.close()
    except DefusedXmlException:
        raise _malformed("the SVG declares an entity, which is never read") from None
    except (ParseError, ValueError, LookupError) as error:
        raise _malformed(f"the SVG is not well-formed: {str(error)[:100]}") from None
    return found.payloads


class _Payloads:
    """Collects what is baked in while the parser goes over the drawing, of which nothing is kept."""

    def __init__(self) -> None:
        self.payloads: list[bytes] = []
        self._text: list[str] | None = None
        self._count = 0

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        self._count += 1
        if self._count > _MAX_ELEMENTS:
            raise Invalid("too-large", f"an SVG of more than {_MAX_ELEMENTS} elements")
        if tag in _ELEMENTS:
            if self._text is not None:
                raise _malformed("one record is baked into another")
            # The token, or in 2.0 also the address of a hosted badge; with JSON inside it only repeats that.
            self._verify = attributes.get("verify", "").strip()
            self._text = []

    def data(self, text: str) -> None:
        if self._text is not None:
            self._text.append(text)

    def end(self, tag: str) -> None:
        if self._text is None or tag not in _ELEMENTS:
            return
        text, self._text = "".join(self._text).strip(), None
        payload = text or self._verify
        if text and self._verify.count(".") > 1 and not self._verify.startswith("http"):
            raise _malformed("the SVG has a record and a token, and nothing says which one counts")
        if payload:
            self.payloads.append(payload.encode())

    def close(self) -> Any:
        """Nothing is left to do."""


def _malformed(detail: str) -> Invalid:
    return Invalid("container-malformed", detail)


PLUGIN: Final = Container(name="svg", media_types=("image/svg+xml",), recognize=_recognize, open=_open)
