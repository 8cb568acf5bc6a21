"""What is measured: real records, freshly signed, with everything that verifying them needs."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from gateway.demo.issuer import CREDENTIALS_V2, OPEN_BADGES, Issuer, badge, sign

if TYPE_CHECKING:
    from gateway.plugins import Canonicalizer

CLR: Final = "https://purl.imsglobal.org/spec/clr/v2p0/context-2.0.1.json"

NAMES: Final = re.compile(r"badge(-jcs|-jwt)?|record-[1-9][0-9]{0,4}")
"""The records that can be measured beside the peers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One record and what it takes to verify it anywhere."""

    name: str
    suite: str
    issuer: Issuer
    credential: Any
    """An object, or a compact token."""

    @property
    def body(self) -> bytes:
        """The request body: the credential as it would be sent."""
        return self.credential.encode() if isinstance(self.credential, str) else json.dumps(self.credential).encode()

    @property
    def media_type(self) -> str:
        """What the body is."""
        return "application/jwt" if isinstance(self.credential, str) else "application/vc"


def record(issuer: str, achievements: int) -> dict[str, Any]:
    """Return an unsecured record of so many achievements, about 13 statements each."""
    one = badge(issuer, "Welding")["credentialSubject"]
    subjects = [
        {
            "type": ["AchievementSubject"],
            "achievement": {
                **one["achievement"],
                "id": f"https://university.example/achievements/{index}",
                "name": f"Welding {index}",
            },
        }
        for index in range(achievements)
    ]
    return {**badge(issuer, "Transcript"), "@context": [CREDENTIALS_V2, OPEN_BADGES], "credentialSubject": subjects}


async def measured(canonicalizer: Canonicalizer, names: list[str]) -> list[Measured]:
    """Return the records of those names (`NAMES`)."""
    made = []
    for name in names:
        issuer = Issuer.did_key()
        suite = "eddsa-jcs-2022" if name.endswith("-jcs") else "eddsa-rdfc-2022"
        unsecured = (
            record(issuer.did, int(name.removeprefix("record-")))
            if name.startswith("record-")
            else badge(issuer.did, "Welding")
        )
        credential: Any = (
            issuer.jwt(unsecured)
            if name.endswith("-jwt")
            else await issuer.secure(unsecured, canonicalizer, suite=suite)
        )
        made.append(Measured(name=name, suite=suite, issuer=issuer, credential=credential))
    return made


async def learner_record(canonicalizer: Canonicalizer, children: int) -> Measured:
    """Return a Comprehensive Learner Record of so many signed badges, each by an issuer of its own."""
    issuer = Issuer.did_key()
    embedded = []
    for index in range(children):
        school = Issuer.did_key()
        embedded.append(await school.secure(badge(school.did, f"Welding {index}"), canonicalizer))
    unsecured = {
        **badge(issuer.did, "Transcript"),
        "@context": [CREDENTIALS_V2, CLR, OPEN_BADGES],
        "type": ["VerifiableCredential", "ClrCredential"],
        "credentialSubject": {"type": ["ClrSubject"], "verifiableCredential": embedded},
    }
    return Measured(
        name=f"children-{children}",
        suite="eddsa-rdfc-2022",
        issuer=issuer,
        credential=await issuer.secure(unsecured, canonicalizer),
    )


async def floor_inputs(one: Measured, canonicalizer: Canonicalizer) -> tuple[bytes, bytes, bytes, bytes]:
    """Return (canonical proof configuration, canonical document, signature, message) of a record.

    For a token: (signing input, nothing, signature, signing input).
    """
    if isinstance(one.credential, str):
        signing_input, _, signature = one.credential.rpartition(".")
        raw = base64.urlsafe_b64decode(signature + "=" * (-len(signature) % 4))
        return signing_input.encode(), b"", raw, signing_input.encode()
    document = {name: value for name, value in one.credential.items() if name != "proof"}
    config = {name: value for name, value in one.credential["proof"].items() if name != "proofValue"}
    config = {**config, "@context": document["@context"]}
    parts = [(await canonicalizer.canonicalize(part)).nquads for part in (config, document)]
    message = b"".join(hashlib.sha256(part).digest() for part in parts)
    return parts[0], parts[1], sign(one.issuer.key, message), message
