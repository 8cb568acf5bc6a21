"""What is stored is really looked at: what would be about a person is found wherever it lies."""

from __future__ import annotations

import base64
import json
import sqlite3
from typing import TYPE_CHECKING, Any

import pytest

from gateway.config import Config, load
from gateway.decision_records import of_opening, written
from gateway.stored import Stored, look
from resolvers._http_cache import Rows
from tests.gateway.results import NOW

if TYPE_CHECKING:
    from pathlib import Path

SUBJECT = {"type": ["AchievementSubject"], "id": "did:example:ada", "name": "Ada"}
BADGE = {"type": ["OpenBadgeCredential"], "credentialSubject": SUBJECT}
LIST = {"credentialSubject": {"type": "BitstringStatusList", "encodedList": "uH4sI", "statusPurpose": "revocation"}}
DOCUMENT = {"id": "did:web:a.example", "assertionMethod": [{"id": "#k", "publicKeyMultibase": "z6Mk"}]}


@pytest.fixture(name="config")
def _config(tmp_path: Path) -> Config:
    folders = {
        "cache.folder": tmp_path / "cache",
        "policies.state_folder": tmp_path / "state",
        "decision_log.folder": tmp_path / "log",
    }
    for folder in folders.values():
        folder.mkdir()
    return load(flags=folders)


def cached(config: Config, *documents: Any) -> None:
    """Put answers into the HTTP cache, as requests-cache writes them there."""
    path = config.cache.folder / "http.sqlite"
    Rows(path, max_bytes=10**6).close()
    with sqlite3.connect(path) as connection:
        for number, document in enumerate(documents):
            raw = document if isinstance(document, bytes) else json.dumps(document).encode()
            row = {"_content": base64.b64encode(raw).decode(), "url": "https://a.example", "status_code": 200}
            connection.execute("INSERT INTO rows VALUES (?, ?, ?)", (str(number), json.dumps(row), 0.0))
    connection.close()


def token(payload: Any) -> str:
    """Return something that looks like a token with that payload."""
    parts = ({"alg": "EdDSA"}, payload)
    encoded = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in parts]
    return ".".join([*encoded, "c2ln"])


def test_nothing_is_stored(config: Config) -> None:
    """Empty folders, and such as are not there, hold nothing."""
    assert look(config) == Stored()
    assert look(load(flags={"cache.folder": config.cache.folder / "none"})).files == 0


def test_what_the_gateway_keeps_is_about_nobody(config: Config) -> None:
    """Documents of issuers, lists, challenges, revisions and decisions: all read, and nobody in them."""
    cached(config, DOCUMENT, LIST, b"\x89PNG", b"[1, 2", token(LIST).encode(), {"publicKeys": [1.5, None, True]})
    (config.policies.state_folder or config.cache.folder).joinpath("policy-bundles.json").write_text("{}")
    line, _ = written(of_opening(NOW, "1", None), 1, "0" * 64)
    assert config.decision_log.folder is not None
    (config.decision_log.folder / "000001.jsonl").write_bytes(line)
    (config.decision_log.folder / "lock").write_bytes(b"")

    assert look(config) == Stored(files=3, entries=8)


@pytest.mark.parametrize(
    ("document", "personal"),
    [
        (BADGE, 3),
        ({**BADGE, "credentialSubject": [SUBJECT, SUBJECT]}, 6),
        ({"vp": {"verifiableCredential": [token(BADGE)]}}, 3),
        ({"nested": json.dumps(BADGE)}, 3),
        ({"subject": {"givenName": "Ada", "familyName": "Lovelace", "birthDate": ""}}, 2),
        ({"credentialSubject": token({"dateOfBirth": "1815-12-10"})}, 1),
    ],
)
def test_T58_what_is_about_a_person_is_found(config: Config, document: Any, personal: int) -> None:
    """At any depth, in tokens and in texts inside texts; and in whatever table it lies."""
    cached(config, DOCUMENT, document)
    assert look(config).personal == personal

    with sqlite3.connect(config.cache.folder / 'other"s.sqlite') as connection:
        connection.execute('CREATE TABLE "a ""table""" (x BLOB, y INTEGER, z TEXT)')
        connection.execute(
            'INSERT INTO "a ""table""" VALUES (?, 1, ?)', (json.dumps(document).encode(), token(document))
        )
    connection.close()
    assert look(config).personal == 3 * personal


def test_what_cannot_be_read_is_said(config: Config) -> None:
    """A file that none of us has written, a log with more in it, and a database that is none."""
    assert config.decision_log.folder is not None
    (config.decision_log.folder / "000001.jsonl").write_text('{"name": "Ada"}\n')
    (config.cache.folder / "notes.txt").write_text("Ada")
    (config.cache.folder / "odd.sqlite").write_text("no database" * 100)
    (config.cache.folder / "odd.json").write_text("[" * 100_000)

    found = look(config)

    assert (found.files, found.unread) == (4, 4)


def test_a_depth_that_no_document_has(config: Config) -> None:
    """It ends."""
    document: Any = "x"
    for _ in range(500):
        document = {"a": document}
    cached(config, document)

    assert look(config) == Stored(files=1, entries=1)


def test_there_is_an_end_to_looking(config: Config) -> None:
    """What was not looked at is not said to hold nothing."""
    cached(config, *[DOCUMENT] * 10)
    times = iter(range(100))

    found = look(config, clock=lambda: float(next(times)), seconds=3.0)

    assert (found.complete, found.entries) == (False, 3)


def test_the_folders_of_all_workers(tmp_path: Path) -> None:
    """Whichever worker is asked."""
    flags = {"cache.folder": tmp_path / "cache", "decision_log.folder": tmp_path / "log", "server.workers": 2}
    config = load(flags={**flags, "policies.state_folder": tmp_path / "state"})
    for index in range(2):
        worker = config.of_worker(index)
        worker.cache.folder.mkdir(parents=True)
        cached(worker, BADGE)

    assert {look(config.of_worker(index)).personal for index in range(2)} == {6}
