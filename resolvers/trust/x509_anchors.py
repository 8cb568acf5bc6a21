"""`x509_anchors`: X.509 authorities that the operator believes, for issuers who sign under a certificate (`x5c`).

What an authority vouches for is in the issuer's own certificate: its name, and for European issuers the
organization identifier of eIDAS. It vouches for nobody who comes without one. The path is validated at the
instant that is asked about (`resolvers.certificates`); revocation is not looked up.
"""

from __future__ import annotations

import asyncio
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from resolvers.problems import Invalid, Unavailable
from resolvers.trust._registries import answer, defective, not_understood, unknown
from resolvers.trust_model import Authenticity, TrustEntity, TrustEvidence, TrustSource

if TYPE_CHECKING:
    from pathlib import Path

    from resolvers.certificates import Certificate
    from resolvers.model import Lookup
    from resolvers.trust_model import TrustQuestion, TrustSourceConfig

_SUFFIXES: Final = frozenset({".pem", ".crt", ".cer"})


async def ask(config: TrustSourceConfig, question: TrustQuestion, lookup: Lookup) -> TrustEvidence:
    """Say whether the entity's certificate leads to one of the authorities."""
    del lookup
    if question.terms:
        return unknown(config, not_understood(question))
    try:
        listed = await asyncio.to_thread(_certified, config, question)
    except (Invalid, Unavailable) as unreadable:
        return unknown(config, unreadable.problem)
    return answer(config, listed, authenticity=Authenticity.AUTHENTICATED)


def anchors(config: TrustSourceConfig) -> tuple[Certificate, ...]:
    """Return the authorities, under which an issuer's own key is followed; none where they cannot be read."""
    try:
        return _anchors(_files(config))
    except (Invalid, Unavailable):
        return ()


def _certified(config: TrustSourceConfig, question: TrustQuestion) -> TrustEntity | None:
    """Return the entity as its certificate names it; None where the authorities vouch for nobody here.

    Raises:
        Unavailable, Invalid: the authorities cannot be read.
    """
    # Its import takes 14 ms of start-up, which only issuers with certificates need.
    from resolvers import certificates  # noqa: PLC0415 — as the module says

    authorities = _anchors(_files(config))
    if not question.certificates:
        return None
    try:
        leaf, *others = map(certificates.read, question.certificates)
        certificates.validate(leaf, others, authorities, at=question.as_of or question.at)
    except (Invalid, Unavailable):
        return None
    return TrustEntity(
        name=next(iter((*leaf.organizations, *leaf.common_names)), None),
        identifiers=tuple(("organizationIdentifier", value) for value in leaf.organization_identifiers),
    )


def _files(config: TrustSourceConfig) -> tuple[tuple[Path, int, int], ...]:
    """Return the files with the authorities, each with its time of change and its size.

    Raises:
        Unavailable: `registry-defective`: there are none.
    """
    if config.path is None:
        raise defective(f"no path is configured for {config.id}")
    try:
        listed = sorted(config.path.iterdir()) if config.path.is_dir() else [config.path]
        found = [(path, path.stat()) for path in listed if path == config.path or path.suffix in _SUFFIXES]
    except OSError as error:
        raise defective(f"{config.path}: {error.strerror}") from None
    if not found:
        raise defective(f"{config.path} holds no file of certificates")
    return tuple((path, about.st_mtime_ns, about.st_size) for path, about in found)


@lru_cache(maxsize=16)
def _anchors(files: tuple[tuple[Path, int, int], ...]) -> tuple[Certificate, ...]:
    """Read the authorities, and keep them until a file changes.

    Raises:
        Invalid: `certificate-malformed`.
        Unavailable: `registry-defective`.
    """
    from resolvers import certificates  # noqa: PLC0415 — as above

    try:
        return tuple(anchor for path, _, _ in files for anchor in certificates.from_pem(path.read_bytes()))
    except OSError as error:
        raise defective(f"{error.filename}: {error.strerror}") from None


PLUGIN: Final = TrustSource(kind="x509_anchors", ask=ask, needs=frozenset({"path"}), anchors=anchors)
