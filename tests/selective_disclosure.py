"""Issuer and holder of ecdsa-sd-2023 and bbs-2023: what makes the proofs that the gateway verifies.

Written from the specifications, as a second opinion on the verifier in the same tree; a third one is
JavaScript (tests/interop). What is mandatory and what is shown is given as a document: a part of the
whole, in which the blank nodes are found again by what is said of them.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass, replace
from itertools import permutations
from typing import TYPE_CHECKING, Any, Final

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec

from gateway.demo.issuer import Issuer, base58btc, base64url, multikey, new_key, sign
from resolvers import multibase
from tests import bbs

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gateway.plugins import Canonicalizer

HEADERS: Final = {"ecdsa-sd-2023": (b"\xd9\x5d\x00", b"\xd9\x5d\x01"), "bbs-2023": (b"\xd9\x5d\x02", b"\xd9\x5d\x03")}
"""By suite: of base proofs, and of derived ones."""
_NODE: Final = re.compile(r"(?m)(?:^|(?<=> ))_:c14n(\d+)(?= <| \.$)")
"""A blank node where one can stand in a statement of the default graph: as its subject, or as its object."""


@dataclass(frozen=True, kw_only=True)
class Derived:
    """The parts of a derived proof, each of which a test may spoil before it is put together."""

    document: dict[str, Any]
    """Without `proof`."""
    options: dict[str, Any]
    """The proof without `proofValue`."""
    labels: dict[int, Any]
    mandatory: list[int]
    signed: Sequence[Any]
    """What signs the rest: (base signature, public key, signatures), or (BBS proof, indexes, header)."""
    header: bytes

    @property
    def components(self) -> list[Any]:
        """The components in their order."""
        if self.options["cryptosuite"] == "ecdsa-sd-2023":
            return [*self.signed, self.labels, self.mandatory]
        proof, indexes, presentation_header = self.signed
        return [proof, self.labels, self.mandatory, indexes, presentation_header]

    def credential(self, *, payload: bytes | None = None) -> dict[str, Any]:
        """Return the credential; `payload` takes the place of the encoded components."""
        octets = self.header + (cbor2.dumps(self.components) if payload is None else payload)
        return {**self.document, "proof": {**self.options, "proofValue": "u" + base64url(octets)}}


@dataclass(frozen=True, kw_only=True)
class Signed:
    """A signed document in the holder's hands."""

    suite: str
    whole: dict[str, Any]
    options: dict[str, Any]
    statements: list[str]
    """All of them, relabelled and in order."""
    mandatory: dict[str, Any]
    base: tuple[Any, ...]
    """What the base proof holds beside the key of the labels and the mandatory pointers."""
    issuer: Issuer
    canonicalizer: Canonicalizer
    key: bytes
    """That of the labels."""
    seed: bytes | None

    async def derive(self, shown: dict[str, Any], *, presentation_header: bytes = b"") -> Derived:
        """Return a proof that shows `shown`, which has to hold what is mandatory."""
        revealed, labels = await _found(shown, self.statements, self.canonicalizer)
        required, _ = await _found(self.mandatory, self.statements, self.canonicalizer)
        mandatory = [index for index, statement in enumerate(revealed) if statement in required]
        rest = [statement for statement in self.statements if statement not in required]
        selective = [rest.index(statement) for statement in revealed if statement not in required]
        signed: Sequence[Any]
        if self.suite == "ecdsa-sd-2023":
            base_signature, public_key, signatures = self.base
            signed = (base_signature, public_key, [signatures[index] for index in selective])
            compressed: dict[int, Any] = {c14n: multibase.decode(label) for c14n, label in labels.items()}
        else:
            signature, header = self.base
            proof = bbs.proof_gen(
                self.issuer.key,
                signature,
                header,
                presentation_header,
                [statement.encode() for statement in rest],
                selective,
                seed=self.seed,
            )
            signed = (proof, selective, presentation_header)
            compressed = {c14n: int(label[1:]) for c14n, label in labels.items()}
        return Derived(
            document=shown,
            options=self.options,
            labels=compressed,
            mandatory=mandatory,
            signed=signed,
            header=HEADERS[self.suite][1],
        )

    def base_proof(self) -> dict[str, Any]:
        """Return the credential with its base proof, as the issuer hands it out."""
        components = [*self.base[:2], self.key, *self.base[2:], ["/issuer"]]
        value = "u" + base64url(HEADERS[self.suite][0] + cbor2.dumps(components))
        return {**self.whole, "proof": {**self.options, "proofValue": value}}


async def issue(
    issuer: Issuer,
    whole: dict[str, Any],
    mandatory: dict[str, Any],
    canonicalizer: Canonicalizer,
    *,
    suite: str,
    options: Mapping[str, Any] | None = None,
    own: Any = None,
    seed: bytes | None = None,
) -> Signed:
    """Sign `whole` for selective disclosure; the holder can leave out all but `mandatory`.

    `own` is the document's own key under ecdsa-sd-2023, a new one by default. With a `seed` the
    holder's randomness under bbs-2023 is none.
    """
    given = {
        "type": "DataIntegrityProof",
        "cryptosuite": suite,
        "created": "2026-01-01T00:00:00Z",
        "verificationMethod": issuer.method,
        "proofPurpose": "assertionMethod",
        **(options or {}),
    }
    key = hashlib.sha256(b"labels").digest()
    canonical = (await canonicalizer.canonicalize(whole)).nquads.decode()
    names = sorted({int(number) for number in _NODE.findall(canonical)})
    labels = {n: "u" + base64url(hmac.digest(key, f"c14n{n}".encode(), "sha256")) for n in names}
    if suite == "bbs-2023":  # shuffled: numbered in the order of what they would be otherwise
        order = sorted(labels.values())
        labels = {n: f"b{order.index(label)}" for n, label in labels.items()}
    statements = _relabel(canonical, labels)
    required, _ = await _found(mandatory, statements, canonicalizer)
    configuration = (await canonicalizer.canonicalize({**given, "@context": whole["@context"]})).nquads
    digests = hashlib.sha256(configuration).digest(), hashlib.sha256("".join(required).encode()).digest()
    rest = [statement for statement in statements if statement not in required]
    if suite == "ecdsa-sd-2023":
        own = own or ec.generate_private_key(ec.SECP256R1())
        public = multibase.decode(multikey(own))
        base: tuple[Any, ...] = (
            sign(issuer.key, digests[0] + public + digests[1]),
            public,
            [sign(own, statement.encode()) for statement in rest],
        )
    else:
        header = b"".join(digests)
        base = (bbs.sign(issuer.key, header, [statement.encode() for statement in rest]), header)
    return Signed(
        suite=suite,
        whole=whole,
        options=given,
        statements=statements,
        mandatory=mandatory,
        base=base,
        issuer=issuer,
        canonicalizer=canonicalizer,
        key=key,
        seed=seed,
    )


def issuer_for(suite: str, did: str | None = None) -> Issuer:
    """Return an issuer with a new key that fits the suite: a did:key, unless `did` is given."""
    key = new_key("P-256") if suite == "ecdsa-sd-2023" else bbs.new_key()
    fragment = public_multikey(suite, key) if did is None else "key-1"
    did = did or f"did:key:{fragment}"
    return Issuer(did, key, f"{did}#{fragment}")


def public_multikey(suite: str, key: Any) -> str:
    """Return the public half of an issuer's key as a Multikey."""
    return multikey(key) if suite == "ecdsa-sd-2023" else "z" + base58btc(b"\xeb\x01" + bbs.public_key(key))


def spoil(derived: Derived, **changes: Any) -> dict[str, Any]:
    """Return the credential of a derived proof with other parts."""
    return replace(derived, **changes).credential()


def _relabel(canonical: str, labels: Mapping[int, str]) -> list[str]:
    lines = canonical.split("\n")[:-1]
    return sorted(_NODE.sub(lambda node: f"_:{labels[int(node[1])]}", line) + "\n" for line in lines)


async def _found(
    part: dict[str, Any], statements: Sequence[str], canonicalizer: Canonicalizer
) -> tuple[list[str], dict[int, str]]:
    """Return the statements of a part of a document, and the label of each of its nodes: by trying them all."""
    canonical = (await canonicalizer.canonicalize(part)).nquads.decode()
    names = sorted({int(number) for number in _NODE.findall(canonical)})
    known = sorted({label for line in statements for label in re.findall(r"_:([\w-]+)", line)})
    for chosen in permutations(known, len(names)):
        labels = dict(zip(names, chosen, strict=True))
        found = _relabel(canonical, labels)
        if set(found) <= set(statements):
            return found, labels
    message = "the document is no part of what was signed"
    raise ValueError(message)
