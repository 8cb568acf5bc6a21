"""Any other DID method, through a Universal Resolver that the operator names (DID Resolution, "HTTPS Binding").

What it answers cannot be checked: whoever runs it could name any key. So it is asked only for the
methods on the operator's list, never for one that is resolved here, and every result says so.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final, NoReturn
from urllib.parse import quote

from resolvers import documents, strict_json
from resolvers.model import DidMethod, Kind, Loaded
from resolvers.problems import Invalid, Unavailable

if TYPE_CHECKING:
    from resolvers.documents import ControllerDocument
    from resolvers.model import Fetched, Lookup, Provenance

_NO: Final = frozenset({400, 404, 406, 410, 501})
"""Statuses with which a resolver says why there is no document ("HTTPS Binding", table of errors)."""
_DEACTIVATED: Final = 410
_SIZE_FACTOR: Final = 8


def through(url: str) -> DidMethod:
    """Return the method that asks the Universal Resolver at `url`."""
    return DidMethod(name="*", resolve=partial(_resolve, url.rstrip("/")))


async def _resolve(endpoint: str, did: str, lookup: Lookup) -> tuple[ControllerDocument, Provenance | None]:
    """Ask for the document of `did`.

    Raises:
        Invalid: `INVALID_DID`, `did-deactivated`, or as `resolvers.documents.parse`.
        Unavailable: `METHOD_NOT_SUPPORTED`, `NOT_FOUND`: what a third party does not find may be there all
            the same; `response-malformed`, or as `Lookup.get`.
    """
    # A DID may hold percent-escapes, which are part of its name and must arrive as they are.
    url = f"{endpoint}/1.0/identifiers/{quote(did, safe=':')}"
    retrieved = await lookup.get(url, Kind.DID_DOCUMENT, _load, variant="universal", also=_NO)
    return retrieved.value, retrieved.source


async def _load(fetched: Fetched) -> Loaded[ControllerDocument]:
    try:
        content = strict_json.loads(fetched.body)
    except Invalid as refused:
        content = None
        if fetched.status not in _NO:
            raise Unavailable("response-malformed", f"{fetched.url}: {refused.problem.code}") from None
    result = content if isinstance(content, dict) else {}
    metadata = _object(result, "didDocumentMetadata")
    if fetched.status == _DEACTIVATED or metadata.get("deactivated") is True:
        raise Invalid("did-deactivated", f"{fetched.url} says so")
    error = _object(result, "didResolutionMetadata").get("error")
    if fetched.status in _NO or error is not None:
        _refuse(_error_name(error), fetched.status)
    # A resolver that does not know the media type of a result sends the document alone.
    document = result.get("didDocument") if "didDocument" in result else content
    return Loaded(value=documents.parse(document), size=_SIZE_FACTOR * len(fetched.body))


def _object(result: dict[str, Any], name: str) -> dict[str, Any]:
    value = result.get(name)
    return value if isinstance(value, dict) else {}


def _error_name(error: Any) -> str:
    """Return an error's name: it was a word such as `invalidDid`, and is a problem with a `type` that ends in it."""
    kind = error.get("type") if isinstance(error, dict) else error
    return kind.rpartition("#")[2].replace("_", "").lower() if isinstance(kind, str) else ""


def _refuse(error: str, status: int) -> NoReturn:
    if error == "invaliddid":
        raise Invalid("INVALID_DID", "the Universal Resolver says so")
    if error in {"methodnotsupported", "unsupporteddidmethod"}:
        raise Unavailable("METHOD_NOT_SUPPORTED", "the Universal Resolver says so")
    raise Unavailable("NOT_FOUND", f"the Universal Resolver has no document ({error[:40] or status})")


async def _nobody(did: str, lookup: Lookup) -> NoReturn:
    """Refuse: nobody has been named whom to ask."""
    del lookup
    raise Unavailable("METHOD_NOT_SUPPORTED", f"{did[:100]!r}")


PLUGIN: Final = DidMethod(name="*", resolve=_nobody, through=through)
