"""The contexts that documents may name, and their revisions."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from resolvers.contexts.folder import ContextFolderError, Revision, read_folder
from resolvers.problems import Unavailable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_BUNDLED: Final = Path(__file__).resolve().parent / "bundled"

_FIXED: Final = {
    # VC Data Model 1.1 and 2.0, "Base Context"
    "https://www.w3.org/2018/credentials/v1": "ab4ddd9a531758807a79a5b450510d61ae8d147eab966cc9a200c07095b0cdcc",
    "https://www.w3.org/ns/credentials/v2": "59955ced6697d61e03f2b2556febe5308ab16842846f5b586d7f1f7adec92734",
    # Data Integrity 1.0, "Contexts and Vocabularies"
    "https://w3id.org/security/data-integrity/v2": "67f21e6e33a6c14e5ccfd2fc7865f7474fb71a04af7e94136cb399dfac8ae8f4",
    "https://w3id.org/security/multikey/v1": "ba2c182de2d92f7e47184bcca8fcf0beaee6d3986c527bf664c195bbc7c58597",
    "https://w3id.org/security/jwk/v1": "0f14b62f6071aafe00df265770ea0c7508e118247d79b7d861a406d2aa00bece",
}
"""Contexts whose text a specification fixes by its SHA-256: no folder can say otherwise."""

NOT_BUNDLED: Final[Mapping[str, str]] = MappingProxyType(
    {
        "https://w3id.org/security/jwk/v1": "JWK (Controlled Identifiers)",
        "https://w3id.org/security/suites/jws-2020/v1": "JsonWebSignature2020",
        "https://w3id.org/security/suites/secp256k1-2019/v1": "EcdsaSecp256k1Signature2019",
        "https://w3id.org/security/suites/x25519-2019/v1": "X25519KeyAgreementKey2019",
        "https://purl.imsglobal.org/spec/clr/v2p0/context.json": "Comprehensive Learner Record 2.0.0",
        "https://purl.imsglobal.org/spec/clr/v1p0/context/clr_v1p0.jsonld": "Comprehensive Learner Record 1.0",
        "https://w3id.org/openbadges/v1": "Open Badges 1.1",
        "https://w3id.org/openbadges/v2": "Open Badges 2.0",
        "https://w3id.org/blockcerts/v2": "Blockcerts 2.0 (needs Open Badges 2.0)",
        "https://w3id.org/blockcerts/v2.1": "Blockcerts 2.1 (needs Open Badges 2.0)",
        "https://ctx.learncard.com/boosts/1.0.0.json": "LearnCard boosts 1.0.0",
        "https://ctx.learncard.com/boosts/1.0.1.json": "LearnCard boosts 1.0.1",
        "https://ctx.learncard.com/boosts/1.0.2.json": "LearnCard boosts 1.0.2",
        "https://ctx.learncard.com/boosts/1.0.3.json": "LearnCard boosts 1.0.3",
        "https://ctx.learncard.com/boostIDs/1.0.0.json": "LearnCard boost IDs 1.0.0",
        "http://data.europa.eu/snb/model/context/edc-ap": "European Learning Model 3",
        "https://www.w3.org/ns/did/v1.1": "DID 1.1",
        "https://schema.org/": "schema.org",
        "https://www.w3.org/ns/credentials/undefined-terms/v2": "undefined terms: a catch-all, for tests only",
    }
)
"""URL → what it is: known contexts that no registry package carries, or that are not fit to be trusted
by default. The operator's context folder can add each of them."""


class ContextStore:
    """Every pinned context, read once at start-up and immutable from then on."""

    def __init__(self, revisions: Iterable[Revision]) -> None:
        """Order the revisions of each URL: the newest first, undated ones last, else as given.

        Raises:
            ContextFolderError: a text differs from the one that a specification fixes.
        """
        found: dict[str, list[Revision]] = {}
        for revision in revisions:
            fixed = _FIXED.get(revision.url, revision.sha256)
            if revision.sha256 != fixed:
                raise ContextFolderError(f"{revision.url} is fixed by its specification to SHA-256 {fixed}")
            known = found.setdefault(revision.url, [])
            if all(revision.jcs_sha256 != other.jcs_sha256 for other in known):
                known.append(revision)
        self._revisions: Final = {
            url: tuple(sorted(known, key=lambda revision: revision.published or date.min, reverse=True))
            for url, known in found.items()
        }

    @classmethod
    def bundled(cls, extra_folder: Path | None = None) -> ContextStore:
        """Return the bundled contexts, and those of the operator's folder (`resolvers.contexts.folder`).

        Raises:
            ContextFolderError: a folder is not in order.
        """
        own = read_folder(extra_folder) if extra_folder is not None else ()
        return cls((*read_folder(_BUNDLED), *own))

    @property
    def urls(self) -> tuple[str, ...]:
        """Every URL that is pinned."""
        return tuple(self._revisions)

    def known(self, url: str) -> bool:
        """Whether `url` is pinned."""
        return url in self._revisions

    def revisions(self, url: str) -> tuple[Revision, ...]:
        """Return every text that is pinned for `url`, the newest first.

        Raises:
            Unavailable: `unknown-context`.
        """
        try:
            return self._revisions[url]
        except KeyError:
            raise Unavailable(
                "unknown-context",
                f"the JSON-LD context {url} is not pinned here, and contexts are never fetched;"
                " the operator's context folder can add it",
            ) from None

    def load(self, url: str) -> Mapping[str, Any]:
        """Return the newest text of `url`, parsed: `{"@context": …}`.

        Raises:
            Unavailable: `unknown-context`.
        """
        return self.revisions(url)[0].document
