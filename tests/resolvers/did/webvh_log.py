"""A did:webvh controller and its witnesses, to issue logs with and to spoil them."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import rfc8785
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from resolvers.multibase import encode_base58

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

PLACEHOLDER: Final = "{SCID}"
START: Final = datetime(2026, 1, 1, tzinfo=UTC)


def digest(value: object) -> str:
    """Return the SHA-256 multihash of a JSON value in canonical form, or of a Multikey's text."""
    octets = value.encode() if isinstance(value, str) else rfc8785.dumps(value)  # type: ignore[arg-type]  # JSON
    return encode_base58(b"\x12\x20" + hashlib.sha256(octets).digest())


@dataclass(frozen=True, slots=True)
class Signer:
    """An Ed25519 key that is the same in every run."""

    number: int

    @property
    def _key(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self.number.to_bytes(32, "big"))

    @property
    def multikey(self) -> str:
        """The public key as a Multikey."""
        return "z" + encode_base58(b"\xed\x01" + self._key.public_key().public_bytes_raw())

    @property
    def did(self) -> str:
        """The public key as a did:key."""
        return f"did:key:{self.multikey}"

    @property
    def hash(self) -> str:
        """What commits to this key under pre-rotation."""
        return digest(self.multikey)

    def prove(self, document: Mapping[str, Any], **options: Any) -> dict[str, Any]:
        """Return an eddsa-jcs-2022 proof over `document`; `options` replace those that are right."""
        proof = {
            "type": "DataIntegrityProof",
            "cryptosuite": "eddsa-jcs-2022",
            "verificationMethod": f"{self.did}#{self.multikey}",
            "created": "2026-01-01T00:00:00Z",
            "proofPurpose": "assertionMethod",
            **options,
        }
        hashed = hashlib.sha256(rfc8785.dumps(proof)).digest() + hashlib.sha256(rfc8785.dumps(dict(document))).digest()
        return {**proof, "proofValue": "z" + encode_base58(self._key.sign(hashed))}


OWNER: Final = Signer(1)
NEXT: Final = Signer(2)
THIEF: Final = Signer(3)
WITNESSES: Final = (Signer(11), Signer(12), Signer(13))


def witness(threshold: int, *signers: Signer) -> dict[str, Any]:
    """Return a `witness` parameter."""
    return {"threshold": threshold, "witnesses": [{"id": signer.did} for signer in signers]}


@dataclass(slots=True)
class WebvhLog:
    """A log that grows by `add`; what is added may be wrong in one named way, and is signed all the same."""

    location: str = "issuer.example"
    entries: list[dict[str, Any]] = field(default_factory=list)
    proofs: list[dict[str, Any]] = field(default_factory=list)
    """Of witnesses, as in `did-witness.json`."""

    @property
    def scid(self) -> str:
        """The self-certifying identifier."""
        scid: str = self.entries[0]["parameters"]["scid"]
        return scid

    @property
    def did(self) -> str:
        """The DID at its present place."""
        return f"did:webvh:{self.scid}:{self.location}"

    @property
    def url(self) -> str:
        """Where the log lies."""
        return f"https://{self.location}/.well-known/did.jsonl"

    @property
    def witness_url(self) -> str:
        """Where the proofs of the witnesses lie."""
        return f"https://{self.location}/.well-known/did-witness.json"

    @property
    def text(self) -> str:
        """The log as it is served."""
        return "".join(json.dumps(entry, separators=(",", ":")) + "\n" for entry in self.entries)

    def state(self, did: str, **members: Any) -> dict[str, Any]:
        """Return a document with the controller's key for assertions."""
        method = {
            "id": f"{did}#key-1",
            "type": "Multikey",
            "controller": did,
            "publicKeyMultibase": OWNER.multikey,
        }
        return {
            "@context": ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1"],
            "id": did,
            "verificationMethod": [method],
            "assertionMethod": ["#key-1"],
            **members,
        }

    def add(
        self,
        parameters: Mapping[str, Any] | None = None,
        *,
        by: Sequence[Signer] = (OWNER,),
        witnessed_by: Sequence[Signer] = (),
        state: Mapping[str, Any] | None = None,
        **spoiled: Any,
    ) -> WebvhLog:
        """Append an entry signed `by` these keys. `spoiled` replaces members of it before it is hashed and signed."""
        number = len(self.entries) + 1
        time = (START + timedelta(days=number)).strftime("%Y-%m-%dT%H:%M:%SZ")
        if number == 1:
            given = {
                "method": "did:webvh:1.0",
                "scid": PLACEHOLDER,
                "updateKeys": [OWNER.multikey],
                **(parameters or {}),
            }
            draft: dict[str, Any] = {
                "versionId": PLACEHOLDER,
                "versionTime": time,
                "parameters": {name: value for name, value in given.items() if value is not ...},
                "state": state or self.state(f"did:webvh:{PLACEHOLDER}:{self.location}"),
                **spoiled,
            }
            entry = json.loads(json.dumps(draft).replace(PLACEHOLDER, digest(draft)))
        else:
            entry = {
                "versionId": self.entries[-1]["versionId"],
                "versionTime": time,
                "parameters": dict(parameters or {}),
                "state": state or self.state(self.did),
                **spoiled,
            }
        entry["versionId"] = f"{number}-{digest(entry)}"
        entry["proof"] = [signer.prove(entry) for signer in by]
        self.entries.append(entry)
        self.approve(*witnessed_by)
        return self

    def approve(self, *witnesses: Signer, version_id: str | None = None) -> WebvhLog:
        """Let witnesses sign the last version, or another one."""
        approved = {"versionId": version_id or self.entries[-1]["versionId"]}
        if witnesses:
            self.proofs.append({**approved, "proof": [signer.prove(approved) for signer in witnesses]})
        return self

    def resign(self, index: int, *, by: Signer = OWNER, hashed: bool = True) -> WebvhLog:
        """Sign an entry anew after it was changed in place; `hashed`: with a fresh hash, too."""
        entry = {name: value for name, value in self.entries[index].items() if name != "proof"}
        if hashed:
            before = self.scid if index == 0 else self.entries[index - 1]["versionId"]
            entry["versionId"] = f"{index + 1}-{digest({**entry, 'versionId': before})}"
        self.entries[index] = {**entry, "proof": [by.prove(entry)]}
        return self
