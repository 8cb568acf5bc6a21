"""did:webvh: did:web with a history that its identifier and its keys vouch for ("The did:webvh DID Method v1.0").

The library `did-webvh` (1.0.1) is not used. Given logs made for that purpose, it lets a deactivated DID
come back, counts a witness who is named twice as two, asks no witness about the entry that introduces
them, and takes proofs that have expired or are for another purpose, times in the future, and moves
that the document does not tell of. It also brings eight packages, among them a key store of 10 MB.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from resolvers import did_url
from resolvers.did import _web_location, _webvh_log, _webvh_parameters, _webvh_witness
from resolvers.model import DidMethod, Kind
from resolvers.problems import Invalid, Unavailable

if TYPE_CHECKING:
    from resolvers.did._webvh_log import Entry, Log
    from resolvers.documents import ControllerDocument
    from resolvers.model import DidVersion, Lookup, Provenance


async def resolve(did: str, lookup: Lookup) -> tuple[ControllerDocument, Provenance | None]:
    """Fetch and verify the log of `did`, and return its last version.

    Raises:
        Invalid: `INVALID_DID`, `did-deactivated`, `did-log-not-witnessed`, or as `_webvh_log.load`.
        Unavailable: as `Lookup.get`, or as `_webvh_log.load`.
    """
    log, source = await _log(did, lookup)
    return _document(log, log.entries[-1]), source


async def resolve_version(
    did: str, version: DidVersion, lookup: Lookup
) -> tuple[ControllerDocument, Provenance | None]:
    """Return an earlier version, of a log that is verified whole.

    Raises:
        Invalid: `NOT_FOUND`: there is no such version; or as `resolve`.
        Unavailable: as `resolve`.
    """
    log, source = await _log(did, lookup)
    # "the DID being resolved matches the top-level id in at least one version of the DIDDoc"
    if did not in {entry.state["id"] for entry in log.entries}:
        raise Invalid("INVALID_CONTROLLED_IDENTIFIER_DOCUMENT_ID", f"the log is of another DID than {did[:200]}")
    entries = [
        entry
        for entry in log.entries
        if version.id in (None, entry.version_id)
        and version.number in (None, entry.number)
        and (version.time is None or entry is _current_at(log, version))
    ]
    if not entries:
        raise Invalid("NOT_FOUND", f"{did[:200]} has no such version")
    return _document(log, entries[-1]), source


def _current_at(log: Log, version: DidVersion) -> Entry | None:
    return next((entry for entry in reversed(log.entries) if version.time and entry.time <= version.time), None)


def _document(log: Log, entry: Entry) -> ControllerDocument:
    if entry.parameters.deactivated:
        raise Invalid("did-deactivated", f"version {entry.version_id} says so")
    return log.document(entry)


async def _log(did: str, lookup: Lookup) -> tuple[Log, Provenance]:
    """Return the log of `did`, authentic and approved by its witnesses."""
    scid, folder = _location(did)
    retrieved = await lookup.get(f"{folder}did.jsonl", Kind.DID_LOG, _webvh_log.load)
    log, source = retrieved.value, retrieved.source
    if log.scid != scid:
        raise Invalid("did-log-forged", f"the log is of another DID than {did[:200]}")
    if any(entry.witness for entry in log.entries):
        await _check_witnesses(folder, log, source, lookup)
    return log, source


async def _check_witnesses(folder: str, log: Log, source: Provenance, lookup: Lookup) -> None:
    # The proofs are published before the entries that they are of: a copy no older than the log has them.
    retrieved = await lookup.get(
        f"{folder}did-witness.json", Kind.DID_LOG, _webvh_witness.load, max_age=max(source.age, 0.0)
    )
    if retrieved.source.sha256 in log.approved_by:
        return
    if await retrieved.value.approve(log):
        log.approved_by.add(retrieved.source.sha256)
        return
    if retrieved.source.stale or retrieved.source.age > source.age:
        raise Unavailable("unreachable", "only an outdated copy of the witnesses' proofs could be had")
    raise Invalid("did-log-not-witnessed", "an entry lacks the approval of enough of its witnesses")


@lru_cache(maxsize=2048)
def _location(did: str) -> tuple[str, str]:
    """Return the self-certifying identifier, and the https URL of the folder in which the log lies."""
    scid, *location = did_url.parse(did).identifier.split(":")
    if not location or not _webvh_parameters.is_hash(scid):
        raise Invalid("INVALID_DID", f"{did[:100]!r} has no self-certifying identifier before its host")
    return scid, _web_location.folder(did, location)


PLUGIN: Final = DidMethod(name="webvh", resolve=resolve, resolve_version=resolve_version)
