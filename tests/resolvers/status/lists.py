"""Status lists for tests, and a `StatusAccess` that serves them as if they had been verified."""

from __future__ import annotations

import gzip
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar

from resolvers import base64url
from resolvers.model import Fetched, ListCredential, Loaded, Provenance, Retrieved, StatusQuestion
from resolvers.problems import Invalid, Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

T = TypeVar("T")

URL = "https://issuer.example/status/3"
ISSUER = "did:web:issuer.example"
ENTRIES = 131_072


def bits(set_at: Iterable[int] = (), *, entries: int = ENTRIES) -> bytes:
    """Return a bitstring with the bits at `set_at` set, counted from the left."""
    octets = bytearray((entries + 7) // 8)
    for index in set_at:
        octets[index // 8] |= 0x80 >> index % 8
    return bytes(octets)


def encoded(octets: bytes) -> str:
    """Return a bitstring as the `encodedList` of a Bitstring Status List."""
    return "u" + base64url.encode(gzip.compress(octets, mtime=0))


def credential(encoded_list: Any, **members: Any) -> dict[str, Any]:
    """Return a Bitstring Status List credential; `subject` replaces members of its subject."""
    subject = {
        "id": f"{URL}#list",
        "type": "BitstringStatusList",
        "statusPurpose": "revocation",
        "encodedList": encoded_list,
        **members.pop("subject", {}),
    }
    return {
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "id": URL,
        "type": ["VerifiableCredential", "BitstringStatusListCredential"],
        "issuer": ISSUER,
        "validFrom": "2026-01-01T00:00:00Z",
        "credentialSubject": subject,
        **members,
    }


def question(entry: Mapping[str, Any], **members: Any) -> StatusQuestion:
    """Return a question about an entry that stands alone in its credential."""
    asked: dict[str, Any] = {
        "entry": entry,
        "pointer": "/credentialStatus",
        "credential_id": "urn:uuid:7f0c6d1e-6f4c-4a55-8a4c-0d9f5ad1f2a1",
        "issuer": ISSUER,
        "minimum_entries": ENTRIES,
        "accepted_issuers": frozenset(),
        **members,
    }
    return StatusQuestion(**asked)


@dataclass(slots=True)
class FakeAccess:
    """Serves documents that are taken for verified, notes every request, and caches by URL alone."""

    lists: dict[str, Any] = field(default_factory=dict)
    """URL → a list credential, the bytes of an unsigned list, or what is raised instead."""
    requests: list[str] = field(default_factory=list)
    held: dict[str, Loaded[Any]] = field(default_factory=dict)

    async def retrieve(self, url: str, decode: Callable[[ListCredential], Loaded[T]]) -> Retrieved[T]:
        """Answer like `StatusAccess.retrieve`."""
        return self._answer(url, lambda found: decode(ListCredential(url=url, document=found, issuer=found["issuer"])))

    async def retrieve_token(
        self, url: str, decode: Callable[[ListCredential], Loaded[T]], question: StatusQuestion
    ) -> Retrieved[T]:
        """Answer like `StatusAccess.retrieve_token`."""
        uri = question.entry["uri"]
        return self._answer(
            url, lambda found: decode(ListCredential(url=uri, document=found, issuer=found.get("iss", question.issuer)))
        )

    async def fetch(self, url: str, decode: Callable[[Fetched], Loaded[T]]) -> Retrieved[T]:
        """Answer like `StatusAccess.fetch`."""
        now = datetime.now(UTC)
        return self._answer(
            url,
            lambda found: decode(
                Fetched(url=url, body=found, media_type="application/json", fetched_at=now, fresh_for=300.0)
            ),
        )

    def _answer(self, url: str, load: Callable[[Any], Loaded[Any]]) -> Retrieved[Any]:
        self.requests.append(url)
        found = self.lists.get(url, Unavailable("unreachable", f"nothing answers at {url}"))
        if isinstance(found, Invalid | Unavailable):
            raise found
        if url not in self.held:
            self.held[url] = load(found)
        source = Provenance(url=url, sha256="", fetched_at=datetime.now(UTC), age=0.0)
        return Retrieved(value=self.held[url].value, source=source)
