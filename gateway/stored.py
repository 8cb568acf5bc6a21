"""What the gateway has stored, looked at: how many members of it are about a person.

There should be none: records are verified in memory and forgotten. So this does not say what the
program means to do, but opens every file in the folders that it writes, and reads what is there.
"""

from __future__ import annotations

import base64
import binascii
import json
import sqlite3
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import platformdirs

from gateway.decision_records import DamagedRecord, read

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from gateway.config import Config

SECONDS: Final = 2.0
"""Seconds that a look takes at most; what is left then is said to be."""

PERSONAL: Final = frozenset(
    {
        # Open Badges 3.0: Profile of a person, IdentityObject
        "givenName", "familyName", "familyNamePrefix", "additionalName", "patronymicName", "dateOfBirth",
        "identityHash",
        # schema.org Person, HR Open, European Learning Model
        "birthDate", "birthName", "placeOfBirth", "nationalID", "nationalId", "studentId", "ssn",
        "citizenshipCountry",
    }
)  # fmt: skip
"""Members that only people have; in a record they are in its subject, all of whose members count."""

_ASIDE: Final = (".lock", ".new", "-wal", "-shm", "-journal")
"""Files beside others, which are read with those or hold nothing."""
_LISTS: Final = frozenset({"encodedList", "revokedIdentifiers"})
"""What the subject of a status list has: it is about no person."""
_DEPTH: Final = 64
_SEGMENTS: Final = 3


@dataclass(slots=True, kw_only=True)
class Stored:
    """What was found."""

    files: int = 0
    entries: int = 0
    """Answers in caches, rows and lines."""
    personal: int = 0
    """Members about a person."""
    unread: int = 0
    """Files that could not be read, or are none that this program writes."""
    complete: bool = True
    """Whether there was time to look at everything."""


def look(config: Config, *, clock: Callable[[], float] = time.monotonic, seconds: float = SECONDS) -> Stored:
    """Look at everything in the folders of the cache, of the decision log and of the state."""
    found = Stored()
    end = clock() + seconds
    for path in _files(_folders(config)):
        found.files += 1
        try:
            for personal in _entries(path):
                if clock() > end:
                    found.complete = False
                    return found
                found.entries += 1
                found.personal += personal
        except (OSError, sqlite3.Error, DamagedRecord, ValueError, RecursionError):
            found.unread += 1
    return found


def _folders(config: Config) -> Sequence[Path]:
    """Return the folders, of all workers where there are several: each of theirs lies in one that they share."""
    cache, log = config.cache.folder, config.decision_log.folder
    if config.server.workers > 1:
        cache, log = cache.parent, None if log is None else log.parent
    state = config.policies.state_folder or platformdirs.user_state_path("ler-gateway")
    return [folder for folder in (cache, state, log, config.challenges.folder) if folder is not None]


def _files(folders: Sequence[Path]) -> Iterator[Path]:
    seen = {path for folder in folders for path in folder.rglob("*") if path.is_file()}
    return (path for path in sorted(seen) if not path.name.endswith(_ASIDE) and path.name != "lock")


def _entries(path: Path) -> Iterator[int]:
    """Yield, for each entry of a file, how many members are about a person.

    Raises:
        ValueError: this is no file of ours.
    """
    if path.suffix == ".sqlite":
        yield from _rows(path)
    elif path.suffix == ".jsonl":
        with path.open("rb") as lines:
            for line in lines:
                read(line.rstrip(b"\n"))  # nothing but the members of a record may be in it
                yield 0
    elif path.suffix == ".json":
        yield _personal(json.loads(path.read_bytes()))
    else:
        raise ValueError(path.name)


def _rows(path: Path) -> Iterator[int]:
    connection = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)
    try:
        tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        for (table,) in tables:
            name = table.replace('"', '""')
            for row in connection.execute(f'SELECT * FROM "{name}"'):  # noqa: S608 — the name is the file's own, quoted
                yield sum(_in_text(value) for value in row)
    finally:
        connection.close()


def _in_text(value: Any) -> int:
    """Return the count in a text that is JSON or a token; whatever else it is says nothing of anybody."""
    text = value.decode("utf-8", "replace") if isinstance(value, bytes) else value
    if not isinstance(text, str):
        return 0
    segments = text.strip().split(".")
    if len(segments) == _SEGMENTS and text.startswith("eyJ"):
        text = _decoded(segments[1])
    if not text.lstrip().startswith(("{", "[")):
        return 0
    try:
        return _personal(json.loads(text))
    except ValueError:
        return 0


def _decoded(text: str) -> str:
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode("utf-8", "replace")
    except (ValueError, binascii.Error):
        return ""


def _personal(value: Any, depth: int = 0) -> int:
    """Return how many members are about a person, at any depth, in texts and tokens inside it too."""
    if depth > _DEPTH:
        return 0
    if isinstance(value, list):
        return sum(_personal(item, depth + 1) for item in value)
    if isinstance(value, str):
        return _in_text(value) if value.startswith(("eyJ", "{", "[")) else 0
    if not isinstance(value, dict):
        return 0
    count = 0
    for name, member in value.items():
        if name == "_content" and isinstance(member, str):  # of an answer in the HTTP cache
            count += _in_text(_decoded(member.replace("+", "-").replace("/", "_")))
        elif name == "credentialSubject":
            subjects = member if isinstance(member, list) else [member]
            count += sum(_of_subject(subject, depth + 1) for subject in subjects)
        else:
            count += 1 if name in PERSONAL and member else _personal(member, depth + 1)
    return count


def _of_subject(subject: Any, depth: int) -> int:
    if isinstance(subject, dict) and not _LISTS.isdisjoint(subject):
        return 0
    return len(subject) if isinstance(subject, dict) else _personal(subject, depth)
