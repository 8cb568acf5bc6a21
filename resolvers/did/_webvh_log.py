"""A did:webvh log: read strictly, each entry verified against the one before it.

did:webvh 1.0, "Read (Resolve)". Any entry that fails invalidates the log from the first to the last,
as step 10 allows: a history that is wrong in one place vouches for nothing.
"""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

import rfc8785

from resolvers import documents, strict_json, timestamps
from resolvers.did import _web_location, _webvh_proof
from resolvers.did._webvh_parameters import apply, is_hash, malformed, multihash
from resolvers.model import Loaded
from resolvers.problems import Invalid, Unavailable

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from resolvers.did._webvh_parameters import Parameters, WitnessRule
    from resolvers.documents import ControllerDocument
    from resolvers.model import Fetched

MAX_ENTRIES: Final = 1024
"""Entries of the longest log that is verified. Each costs 0.3 ms; a change a week makes 1,024 in twenty years."""
MAX_PROOFS: Final = 8
"""Proofs of one entry. One is enough, and all that are there have to verify."""

_LARGE: Final = 16 * 1024
"""Bytes of an entry from which on it is verified in a thread: 20 ms. Real ones have 1 to 3 KiB."""
_FUTURE: Final = timedelta(minutes=1)
"""By so much a controller's clock may be ahead; `versionTime` "MUST be earlier than the current time"."""
_VERSION_ID: Final = re.compile(r"([1-9][0-9]{0,3})-([1-9A-HJ-NP-Za-km-z]+)", re.ASCII)
_MEMBERS: Final = frozenset({"versionId", "versionTime", "parameters", "state", "proof"})
_PLACEHOLDER: Final = "{SCID}"
_SIZE_FACTOR: Final = 8
"""A parsed log takes about so many times the bytes of its text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One verified version of a DID."""

    number: int
    version_id: str
    time: datetime
    parameters: Parameters
    state: Mapping[str, Any]
    """The DID document."""
    witness: WitnessRule | None
    """Who has to have approved this entry; None: nobody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Log:
    """A log whose every entry is authentic. Whether its witnesses approved it is not known yet."""

    scid: str
    entries: tuple[Entry, ...]
    approved_by: set[str] = field(default_factory=set, repr=False, compare=False)
    """SHA-256 of witness files that have been found to approve it."""
    _documents: dict[int, ControllerDocument] = field(default_factory=dict, repr=False, compare=False)

    def document(self, entry: Entry) -> ControllerDocument:
        """Return the document of an entry, parsed when first asked for.

        Raises:
            Invalid: as `resolvers.documents.parse`.
        """
        found = self._documents.get(entry.number)
        if found is None:
            found = self._documents[entry.number] = documents.parse(entry.state)
        return found


async def load(fetched: Fetched) -> Loaded[Log]:
    """Read and verify a log, for `Lookup.get`.

    Raises:
        Invalid: `did-log-malformed`, `did-log-forged`, `did-log-out-of-order`.
        Unavailable: `response-malformed`: no JSON at all, such as a host's error page;
            `response-too-large`: more entries than are verified here; `METHOD_NOT_SUPPORTED`.
    """
    lines = fetched.body.removesuffix(b"\n").split(b"\n")
    if len(lines) > MAX_ENTRIES:
        raise Unavailable("response-too-large", f"{len(lines)} entries, of at most {MAX_ENTRIES}")
    entries: list[Entry] = []
    for line in lines:
        before = entries[-1] if entries else None
        # Others are answered in between: the canonical form of an entry as large as a log may be takes two seconds.
        if len(line) > _LARGE:
            entries.append(await asyncio.to_thread(_entry, line, fetched, before))
        else:
            entries.append(_entry(line, fetched, before))
            await asyncio.sleep(0)
    last = entries[-1].parameters
    return Loaded(
        value=Log(scid=last.scid, entries=tuple(entries)),
        size=_SIZE_FACTOR * len(fetched.body),
        fresh_for=None if last.ttl is None else float(last.ttl),
    )


def _entry(line: bytes, fetched: Fetched, before: Entry | None) -> Entry:
    content = _object(line, fetched.url, first=before is None)
    return _verified(content, before, fetched.fetched_at)


def _object(line: bytes, url: str, *, first: bool) -> Mapping[str, Any]:
    try:
        content = strict_json.loads(line)
    except Invalid as refused:
        problem = refused.problem
        if first and problem.code in {"not-json", "not-utf8"}:
            raise Unavailable("response-malformed", f"{url} is no log") from None
        raise malformed(f"{problem.code}: {problem.detail}") from None
    if not isinstance(content, dict) or content.keys() != _MEMBERS or not isinstance(content["state"], dict):
        raise malformed("an entry is not an object of versionId, versionTime, parameters, state and proof")
    return content


def _verified(content: Mapping[str, Any], before: Entry | None, now: datetime) -> Entry:
    """Verify one entry; the numbers are those of "Read (Resolve)"."""
    # "If set to true, the DID is considered deactivated and no further updates to the DID are permitted."
    if before is not None and before.parameters.deactivated:
        raise _out_of_order("there is an entry after the one that deactivated the DID")
    # 1. Parameters, and 7. pre-rotation.
    past = None if before is None else before.parameters
    parameters = apply(content["parameters"], past)
    # 3. Version number and entry hash.
    number, entry_hash = _version_id(content["versionId"], before)
    unsigned = {name: value for name, value in content.items() if name != "proof"}
    chained = {**unsigned, "versionId": parameters.scid if before is None else before.version_id}
    if multihash(_webvh_proof.canonical_hash(chained)) != entry_hash:
        raise _forged(f"the hash of entry {number} is not that of its content")
    # 5. The identifier commits to the first entry.
    if before is None:
        _check_scid(unsigned, parameters.scid)
    # 2. Proof. Under pre-rotation the entry's own keys sign it: the one before has committed to them.
    authorized = parameters.update_keys if past is None or past.next_key_hashes else past.update_keys
    _check_proofs(content["proof"], unsigned, authorized, now)
    # 4. Time.
    time = _version_time(content["versionTime"])
    if time > now + _FUTURE or (before is not None and time <= before.time):
        raise _out_of_order(f"entry {number} is not of a time after the one before it and before now")
    # 6. The document, and where it lies.
    _check_identifier(content["state"], before, parameters.scid)
    return Entry(
        number=number,
        version_id=content["versionId"],
        time=time,
        parameters=parameters,
        state=content["state"],
        # A list of witnesses that replaces another takes effect after its entry; the first one at once.
        witness=parameters.witness if past is None or past.witness is None else past.witness,
    )


def _version_id(version_id: Any, before: Entry | None) -> tuple[int, str]:
    matched = _VERSION_ID.fullmatch(version_id) if isinstance(version_id, str) else None
    if matched is None or not is_hash(matched[2]):
        raise malformed("a versionId is not a number, a dash and a SHA-256 multihash")
    number, expected = int(matched[1]), 1 if before is None else before.number + 1
    if number != expected:
        raise _out_of_order(f"version {number} stands where version {expected} should")
    return number, matched[2]


def _check_scid(unsigned: Mapping[str, Any], scid: str) -> None:
    """Require that the identifier is the hash of the first entry with the placeholder in its place ("Verify SCID")."""
    text = rfc8785.dumps({**unsigned, "versionId": _PLACEHOLDER}).replace(scid.encode(), _PLACEHOLDER.encode())
    # Read again, since the replacement may have changed the order of members. Names that become one are refused.
    try:
        first = strict_json.loads(text)
    except Invalid:
        raise malformed("the first entry has two members of one name") from None
    if multihash(_webvh_proof.canonical_hash(first)) != scid:
        raise _forged("the identifier is not the hash of the log's first entry")


def _check_proofs(proofs: Any, unsigned: Mapping[str, Any], authorized: tuple[str, ...], now: datetime) -> None:
    """Require that all proofs verify, each by a key that may sign this entry, and that there is one."""
    found = proofs if isinstance(proofs, list) else [proofs]
    if not 0 < len(found) <= MAX_PROOFS:
        raise _forged(f"an entry has {len(found)} proofs, not 1 to {MAX_PROOFS}")
    digest = _webvh_proof.canonical_hash(unsigned)
    for proof in found:
        signer = _webvh_proof.verify(digest, proof, now=now)
        if signer.removeprefix("did:key:") not in authorized:
            raise _forged(f"{signer} is not one of the keys that may sign the entry")


def _version_time(text: Any) -> datetime:
    """Read a `versionTime`, which has to be in UTC and to say so."""
    try:
        time = timestamps.parse(text)
    except ValueError as error:
        raise malformed(f"a versionTime is {error}") from None
    if not text.endswith(("Z", "+00:00")):
        raise malformed("a versionTime is not in UTC")
    return time


def _check_identifier(state: Mapping[str, Any], before: Entry | None, scid: str) -> None:
    """Require that the document is of this DID; its place may change only as "DID Portability" says."""
    did = state.get("id")
    if not isinstance(did, str) or not did.startswith(f"did:webvh:{scid}:"):
        raise malformed("a document's id is not of the DID whose log this is")
    if before is None or did == before.state["id"]:
        return
    _web_location.folder(did, did.split(":")[3:])
    if not before.parameters.portable:
        raise _forged("the DID was moved, and is not portable")
    known_as = state.get("alsoKnownAs")
    if not isinstance(known_as, list) or before.state["id"] not in known_as:
        raise malformed("the DID was moved, and its document does not name the one before in alsoKnownAs")


def _forged(detail: str) -> Invalid:
    return Invalid("did-log-forged", detail)


def _out_of_order(detail: str) -> Invalid:
    return Invalid("did-log-out-of-order", detail)
