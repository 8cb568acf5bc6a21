"""A university over the fake internet: issues records, and spoils each in exactly one named way."""

from __future__ import annotations

import copy
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from gateway.config import load
from gateway.demo.issuer import CREDENTIALS_V2, OPEN_BADGES, Issuer, badge, compact
from gateway.model import Expected, Presented, RequestLimits, VerificationRequest, VerificationResult
from gateway.pipeline import verify
from gateway.verifier import Verifier
from tests.internet import FakeInternet

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping
    from pathlib import Path

CLR: Final = "https://purl.imsglobal.org/spec/clr/v2p0/context-2.0.1.json"
STATUS_LIST: Final = "https://university.example/status/1"
CREDENTIALS_V1: Final = "https://www.w3.org/2018/credentials/v1"
CHALLENGE: Final = "d436f0c8-fbd9-4e48-bbb2-55fc5d0920a8"
DOMAIN: Final = "employer.example"
EXPECTED: Final = Expected(challenge=CHALLENGE, domain=frozenset({DOMAIN}))
"""What an employer asks a holder's proof to be made for."""

FORMS: Final = ("data-integrity", "data-integrity-1.1", "data-integrity-jcs", "vp+jwt", "enveloped", "vp-jwt")
"""How a presentation can be secured."""

SPOILS: Final = {
    # name → the code that it has to produce
    "other-challenge": "INVALID_CHALLENGE_ERROR",
    "no-challenge": "INVALID_CHALLENGE_ERROR",
    "other-domain": "INVALID_DOMAIN_ERROR",
    "more-domains": "INVALID_DOMAIN_ERROR",
    "no-domain": "INVALID_DOMAIN_ERROR",
    "assertion": "PROOF_VERIFICATION_ERROR",
    "other-holder": "holder-mismatch",
    "altered": "PROOF_VERIFICATION_ERROR",
}
"""What can be wrong with a presentation's own proof. A token has no purpose that could be `assertion`, and says
of an altered one `CRYPTOGRAPHIC_SECURITY_ERROR`."""

LIMITS: Final = RequestLimits(max_children=100, fetches=40, deadline=10.0)


def entry(index: int, url: str = STATUS_LIST, purpose: str = "revocation") -> dict[str, str]:
    """Return a status entry that points at `index` of the list at `url`."""
    return {
        "id": f"{url}#{index}",
        "type": "BitstringStatusListEntry",
        "statusPurpose": purpose,
        "statusListIndex": str(index),
        "statusListCredential": url,
    }


@dataclass(slots=True)
class University:
    """An issuer with its own internet, and a verifier that sees nothing else. Time stands until it is moved."""

    verifier: Verifier
    internet: FakeInternet
    clock: list[datetime]
    issuer: Issuer = field(default_factory=lambda: Issuer.did_web("university.example"))

    @property
    def now(self) -> datetime:
        """The instant."""
        return self.clock[0]

    def pass_time(self, **step: float) -> None:
        """Let time pass (`timedelta`'s arguments)."""
        self.clock[0] += timedelta(**step)

    def publish(self) -> None:
        """Serve the DID document."""
        self.internet.serve(self.issuer.document_url, self.issuer.document)

    async def sign(self, credential: Mapping[str, Any], **options: Any) -> dict[str, Any]:
        """Secure a credential as this issuer."""
        return await self.issuer.secure(credential, self.verifier.canonicalizer, **options)

    async def badge(self, name: str = "Welding", **members: Any) -> dict[str, Any]:
        """Return a signed badge; `status=entry(…)` gives it a status."""
        return await self.sign(badge(self.issuer.did, name, **members))

    async def publish_list(self, revoked: tuple[int, ...] = (), *, url: str = STATUS_LIST, **members: Any) -> None:
        """Serve a signed status list; `members` overlay the list credential's."""
        credential = {**self.issuer.status_list(url, revoked), **members}
        self.internet.serve(url, await self.sign(credential))

    async def clr(self, *children: Any, **members: Any) -> dict[str, Any]:
        """Return a signed Comprehensive Learner Record of those embedded records."""
        record = badge(self.issuer.did, "Transcript")
        record["@context"] = [CREDENTIALS_V2, CLR, OPEN_BADGES]
        record["type"] = ["VerifiableCredential", "ClrCredential"]
        record["credentialSubject"] = {"type": ["ClrSubject"], "verifiableCredential": list(children)}
        return await self.sign({**record, **members})

    async def held(self, holder: Issuer, form: str = "data-integrity", name: str = "Welding", **members: Any) -> Any:
        """Return a credential about `holder`, issued as a presentation of that form holds it."""
        if form in _OLD:
            credential = credential_1_1(self.issuer.did, holder.did, **members)
        else:
            credential = badge(self.issuer.did, name, **members)
            credential["credentialSubject"] = {"id": holder.did, **credential["credentialSubject"]}
        if form.startswith("data-integrity"):
            return await self.sign(credential, suite="Ed25519Signature2020" if form in _OLD else "eddsa-rdfc-2022")
        token = self.issuer.jwt(credential)
        return token if form in _OLD else enveloped(token, "EnvelopedVerifiableCredential", "vc+jwt")

    async def present(
        self, by: Issuer, /, *credentials: Any, form: str = "data-integrity", spoil: str | None = None, **members: Any
    ) -> Any:
        """Return those credentials, presented `by` somebody for `EXPECTED`, in one of `FORMS`.

        `spoil` is one of `SPOILS`; `members` overlay the presentation's, and one that is None is left out.
        """
        document = presentation(by, *credentials, version="1.1" if form in _OLD else "2.0", **members)
        answers: dict[str, Any] = {"challenge": CHALLENGE, "domain": DOMAIN}
        if spoil == "other-holder":
            document["holder"] = Issuer.did_key().did
        elif spoil is not None:
            answers |= _ANSWERS.get(spoil, {})
        given = {name: value for name, value in answers.items() if value is not None}
        if form.startswith("data-integrity"):
            suite = "eddsa-jcs-2022" if form.endswith("jcs") else "Ed25519Signature2020" if form in _OLD else None
            options = {"proofPurpose": "assertionMethod" if spoil == "assertion" else "authentication", **given}
            signed = await by.secure(
                document, self.verifier.canonicalizer, suite=suite or "eddsa-rdfc-2022", options=options
            )
            return {**signed, "id": "urn:uuid:00000000-0000-4000-8000-000000000000"} if spoil == "altered" else signed
        claims = {{"challenge": "nonce", "domain": "aud"}[name]: value for name, value in given.items()}
        if form == "vp-jwt":
            claims |= {"iss": document.pop("holder", None), "vp": document}
        else:
            claims |= document
        header = {"kid": by.jose_method, "typ": "JWT" if form == "vp-jwt" else "vp+jwt"}
        token = compact(by.key, header, claims)
        if spoil == "altered":
            token = token[:-8] + ("AAAAAAA" if token[-8:-1] != "AAAAAAA" else "BBBBBBB") + token[-1]
        return enveloped(token) if form == "enveloped" else token

    async def verify(self, presented: Any, policy: str | None = None, **request: Any) -> VerificationResult:
        """Verify what is presented, by the policy of that name."""
        found = None if policy is None else self.verifier.policies.get(policy, self.now)
        asked = {"presented": Presented(content=presented), "limits": LIMITS, "policy": found, **request}
        return await verify(self.verifier, VerificationRequest(**asked))


_OLD: Final = ("data-integrity-1.1", "vp-jwt")

_ANSWERS: Final[dict[str, dict[str, Any]]] = {
    "other-challenge": {"challenge": "another"},
    "no-challenge": {"challenge": None},
    "other-domain": {"domain": "attacker.example"},
    "more-domains": {"domain": [DOMAIN, "attacker.example"]},
    "no-domain": {"domain": None},
}


def presentation(by: Issuer, /, *credentials: Any, version: str = "2.0", **members: Any) -> dict[str, Any]:
    """Return an unsecured presentation; one of `members` that is None is left out."""
    contexts = [CREDENTIALS_V1, "https://w3id.org/security/suites/ed25519-2020/v1"]
    document = {
        "@context": contexts if version == "1.1" else [CREDENTIALS_V2],
        "id": "urn:uuid:3978344f-8596-4c3a-a978-8fcaba3903c5",
        "type": ["VerifiablePresentation"],
        "holder": by.did,
        "verifiableCredential": list(credentials) or None,
        **members,
    }
    return {name: value for name, value in document.items() if value is not None}


def credential_1_1(issuer: str, subject: str, **members: Any) -> dict[str, Any]:
    """Return an unsecured credential of VCDM 1.1."""
    return {
        "@context": [CREDENTIALS_V1, "https://w3id.org/security/suites/ed25519-2020/v1"],
        "id": "urn:uuid:58172aac-d8ba-11ed-83dd-0b3aef56cc33",
        "type": ["VerifiableCredential"],
        "issuer": issuer,
        "issuanceDate": "2026-01-01T00:00:00Z",
        "credentialSubject": {"id": subject},
        **members,
    }


def enveloped(token: str, kind: str = "EnvelopedVerifiablePresentation", media_type: str = "vp+jwt") -> dict[str, Any]:
    """Return a token in an envelope of VCDM 2.0."""
    return {"@context": CREDENTIALS_V2, "id": f"data:application/{media_type},{token}", "type": kind}


def spoiled(credential: Mapping[str, Any], change: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
    """Return a copy with one change, which the proof does not know of."""
    copied: dict[str, Any] = copy.deepcopy(dict(credential))
    change(copied)
    return copied


@asynccontextmanager
async def university(folder: Path, policies: str = "", **flags: Any) -> AsyncIterator[University]:
    """Yield a university whose verifier knows `policies` (YAML documents) beside the library."""
    internet = FakeInternet()
    clock = [datetime(2026, 6, 1, 12, tzinfo=UTC)]
    internet.now = lambda: clock[0]
    own = folder / "policies"
    own.mkdir()
    for number, text in enumerate(policies.split("\n---\n")):
        if text.strip():
            (own / f"{number}.yaml").write_text(text, encoding="utf-8")
    config = load(flags={"cache.folder": folder, "policies.folders": [own], **flags})
    async with Verifier.open(config, fetcher=internet, clock=lambda: clock[0]) as verifier:
        made = University(verifier, internet, clock)
        made.publish()
        yield made
