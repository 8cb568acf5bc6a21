"""did:web: the DID document is at an https URL that follows from the DID ("did:web Method Specification")."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from resolvers import did_url, documents
from resolvers.did import _web_location
from resolvers.model import DidMethod, Kind

if TYPE_CHECKING:
    from resolvers.documents import ControllerDocument
    from resolvers.model import Lookup, Provenance


async def resolve(did: str, lookup: Lookup) -> tuple[ControllerDocument, Provenance | None]:
    """Fetch the document of `did`.

    A host that answers 404 or 410 is unreachable, not an issuer without keys.

    Raises:
        Invalid: `INVALID_DID`, or as `resolvers.documents.parse`.
        Unavailable: as `Lookup.get`.
    """
    retrieved = await lookup.get(url_of(did), Kind.DID_DOCUMENT, documents.load)
    return retrieved.value, retrieved.source


@lru_cache(maxsize=2048)
def url_of(did: str) -> str:
    """Return the https URL of a did:web's document.

    Raises:
        Invalid: `INVALID_DID`: no DNS name, a bad port, or a path that could be read as another one.
    """
    return _web_location.folder(did, did_url.parse(did).identifier.split(":")) + "did.json"


PLUGIN: Final = DidMethod(name="web", resolve=resolve)
