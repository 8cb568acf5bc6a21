"""What is measured: real records, freshly signed, with everything that verifying them needs."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from gateway.demo.issuer import CREDENTIALS_V2, OPEN_BADGES, Issuer, badge, compact, sign

if TYPE_CHECKING:
    from gateway.plugins import Canonicalizer

CREDENTIALS_V1: Final = "https://www.w3.org/2018/credentials/v1"
CLR: Final = "https://purl.imsglobal.org/spec/clr/v2p0/context-2.0.1.json"

NAMES: Final = re.compile(r"badge(-jcs|-jwt)?|record-[1-9][0-9]{0,4}")
"""The records that can be measured beside the peers."""

ALIKE: Final = 8
"""So many records of a kind are verified in turn, each of other content: nobody gains by remembering the last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """Records of one kind, by one issuer, and what it takes to verify them anywhere."""

    name: str
    suite: str
    issuer: Issuer
    credentials: tuple[Any, ...]
    """Objects, or compact tokens; at least one."""

    @property
    def credential(self) -> Any:
        """The first of them."""
        return self.credentials[0]

    @property
    def is_token(self) -> bool:
        """Whether they are tokens."""
        return isinstance(self.credential, str)

    @property
    def bodies(self) -> list[bytes]:
        """The request bodies: each credential as it would be sent."""
        return [(one if isinstance(one, str) else json.dumps(one)).encode() for one in self.credentials]

    @property
    def body(self) -> bytes:
        """The first of them."""
        return self.bodies[0]

    @property
    def media_type(self) -> str:
        """What a body is."""
        return "application/jwt" if self.is_token else "application/vc"


def record(issuer: str, name: str, achievements: int) -> dict[str, Any]:
    """Return an unsecured record of so many achievements, about 13 statements each."""
    unsecured = badge(issuer, name)
    one = unsecured["credentialSubject"]["achievement"]
    several = [
        {**one, "id": f"https://university.example/achievements/{index}", "name": f"Welding {index}"}
        for index in range(achievements)
    ]
    subject = {**unsecured["credentialSubject"], "achievement": several}
    return {**unsecured, "@context": [CREDENTIALS_V2, OPEN_BADGES], "credentialSubject": subject}


def token(issuer: Issuer, name: str) -> str:
    """Return a badge as a JWT of the VC Data Model 1.1 (section 6.3.1), the only one that did-jwt-vc verifies."""
    members = badge(issuer.did, name)
    issued = members.pop("validFrom")
    credential = {**members, "@context": [CREDENTIALS_V1, OPEN_BADGES], "issuanceDate": issued}
    issued_at = int(datetime.fromisoformat(issued).timestamp())
    claims = {"iss": issuer.did, "nbf": issued_at, "jti": members["id"], "vc": credential}
    return compact(issuer.key, {"kid": issuer.jose_method, "typ": "JWT"}, claims)


async def measured(canonicalizer: Canonicalizer, names: list[str]) -> list[Measured]:
    """Return the records of those names (`NAMES`)."""
    made = []
    for name in names:
        issuer = Issuer.did_key()
        suite = "eddsa-jcs-2022" if name.endswith("-jcs") else "eddsa-rdfc-2022"
        credentials: list[Any] = []
        for number in range(1, ALIKE + 1):
            if name.endswith("-jwt"):
                credentials.append(token(issuer, f"Welding {number}"))
                continue
            unsecured = (
                record(issuer.did, f"Transcript {number}", int(name.removeprefix("record-")))
                if name.startswith("record-")
                else badge(issuer.did, f"Welding {number}")
            )
            credentials.append(await issuer.secure(unsecured, canonicalizer, suite=suite))
        made.append(Measured(name=name, suite=suite, issuer=issuer, credentials=tuple(credentials)))
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
        credentials=(await issuer.secure(unsecured, canonicalizer),),
    )


async def floor_inputs(one: Measured, canonicalizer: Canonicalizer) -> tuple[bytes, bytes, bytes, bytes]:
    """Return (canonical proof configuration, canonical document, signature, message) of the first record.

    For a token: (signing input, nothing, signature, signing input).
    """
    if one.is_token:
        signing_input, _, signature = one.credential.rpartition(".")
        raw = base64.urlsafe_b64decode(signature + "=" * (-len(signature) % 4))
        return signing_input.encode(), b"", raw, signing_input.encode()
    document = {name: value for name, value in one.credential.items() if name != "proof"}
    config = {name: value for name, value in one.credential["proof"].items() if name != "proofValue"}
    config = {**config, "@context": document["@context"]}
    parts = [(await canonicalizer.canonicalize(part)).nquads for part in (config, document)]
    message = b"".join(hashlib.sha256(part).digest() for part in parts)
    return parts[0], parts[1], sign(one.issuer.key, message), message
