"""A share URL: the address under which a wallet or an issuer shows a record, as JSON, as a file or on a page.

It is fetched through the guard like any other. A page is not a record; of what it links to, the one
address that it calls a credential is fetched, and nothing after that.
"""

from __future__ import annotations

import asyncio
import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Final
from urllib.parse import urljoin

from gateway.model import Presented
from gateway.plugins import Container
from resolvers.model import Kind, Loaded
from resolvers.problems import Invalid, Unavailable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gateway.plugins import ContainerTools
    from resolvers.model import Fetched

_URL: Final = re.compile(r"https?://[^\s<>\"{}|\\^`]{1,4000}", re.IGNORECASE)
_PAGE: Final = "text/html"
_PAGES: Final = (_PAGE, "application/xhtml+xml")
_MAX_PAGE: Final = 256 * 1024
"""Octets of a page that are looked at for its link, which stands in its head. Of one endless tag the parser makes
0.1 s, without letting others in between."""
_RECORD_TYPES: Final = (
    frozenset({"application/vc", "application/vp", "application/vc+ld+json", "application/vc+jwt"}),
    frozenset({"application/dc+sd-jwt", "application/vc+sd-jwt", "application/jwt"}),
    frozenset({"application/ld+json"}),
    frozenset({"application/json"}),
)
"""Media types of `<link rel="alternate">`, those that say most first (HTML, section 4.6.7.1)."""


def _recognize(presented: Presented) -> bool:
    return isinstance(presented.content, str) and _URL.fullmatch(presented.content) is not None


async def _open(presented: Presented, tools: ContainerTools) -> tuple[Presented, ...]:
    url = presented.content
    if not isinstance(url, str) or tools.fetched:
        # Whoever answers at one address could otherwise send us to the next, and on.
        raise Unavailable("not-asked", "an address that stands behind another address is not followed")
    answer = await _fetch(url, tools)
    if answer.media_type in _PAGES:
        answer = await _fetch(await asyncio.to_thread(_linked, answer), tools)
        if answer.media_type in _PAGES:
            raise Invalid("not-a-credential", "the page leads to another page, and not to a record")
    return (Presented(content=answer.body, media_type=answer.media_type or None),)


async def _fetch(url: str, tools: ContainerTools) -> Fetched:
    return (await tools.lookup.get(url.partition("#")[0], Kind.RECORD, _whole)).value


async def _whole(fetched: Fetched) -> Loaded[Fetched]:
    return Loaded(value=fetched, size=len(fetched.body))


def _linked(page: Fetched) -> str:
    """Return the address of the one record that a page links to.

    Raises:
        Invalid: `not-a-credential`, it links to none; `container-malformed`, to several, or is no page.
    """
    links = _Links()
    try:
        links.feed(page.body[:_MAX_PAGE].decode(errors="replace"))
        named = [(kind, urljoin(page.url, address)) for kind, address in links.found]
    except (ValueError, AssertionError):  # so the parser refuses a declaration, and `urljoin` an address
        raise Invalid("container-malformed", "the page, or an address in it, cannot be read") from None
    for types in _RECORD_TYPES:
        found = {address for kind, address in named if kind in types}
        if len(found) > 1:
            raise Invalid("container-malformed", "the page links to several records, and nothing says which one counts")
        if found:
            return found.pop()
    raise Invalid("not-a-credential", "there is a page at the address, which links to no record")


class _Links(HTMLParser):
    """Collects (media type, address) of the page's alternate forms."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        """Look at one tag."""
        attributes = {name: value or "" for name, value in attrs}
        if tag == "link" and "alternate" in attributes.get("rel", "").lower().split() and attributes.get("href"):
            kind = attributes.get("type", "").partition(";")[0].strip().lower()
            self.found.append((kind, attributes["href"]))


PLUGIN: Final = Container(name="share-url", media_types=(), recognize=_recognize, open=_open, fetches=True)
