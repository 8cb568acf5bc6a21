"""bbs-2023: selective disclosure that cannot be linked (Data Integrity BBS Cryptosuites 1.0).

Derived proofs of the baseline feature are verified ("Verify Derived Proof"), by `_bbs`. With anonymous
holder binding or a pseudonym the holder proves more, in extensions of the scheme that are younger
drafts: such a proof is named, and not judged.
"""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from gateway.cryptosuites import _bbs
from gateway.cryptosuites._rdfc import first_reading, proof_configuration
from gateway.cryptosuites._selective_disclosure import (
    WITHHELD,
    are_indexes,
    base_proof,
    components,
    malformed,
    opened,
    parted,
    relabelled,
)
from gateway.plugins import Cryptosuite
from resolvers.model import KeyType
from resolvers.problems import Invalid, Unavailable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateway.plugins import Canonical, Canonicalizer, SuiteResult
    from resolvers.model import PublicKey

_PREFIX: Final = b"\xd9\x5d"
_BASE: Final = frozenset({2, 4, 6, 8})
_DERIVED: Final = 3
_EXTENDED: Final = {5: "anonymous holder binding", 7: "a pseudonym", 9: "holder binding and a pseudonym"}
"""The third octet of a header: base proofs, and derived ones by feature ("serializeDerivedProofValue")."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Disclosure:
    """The components of a derived proof ("parseDerivedProofValue")."""

    proof: bytes
    labels: Mapping[int, str]
    mandatory: list[int]
    selective: list[int]
    presentation_header: bytes


async def _verify(
    document: Mapping[str, Any], proof: Mapping[str, Any], key: PublicKey, canonicalizer: Canonicalizer
) -> SuiteResult:
    if key.type is not KeyType.BLS12381_G2:
        raise Invalid("PROOF_VERIFICATION_ERROR", f"a {key.type} key does not fit the suite", pointer="/proof")
    disclosure = _parse(proof)

    async def fits(options: Canonical, canonical: Canonical) -> bool:
        return await asyncio.to_thread(_is_signed, disclosure, key, options, canonical)

    readings = (proof_configuration(document, proof),)
    return await first_reading(document, readings, canonicalizer, hash_name="sha256", fits=fits, warnings=(WITHHELD,))


def _is_signed(disclosure: _Disclosure, key: PublicKey, options: Canonical, canonical: Canonical) -> bool:
    mandatory, others = parted(relabelled(canonical.nquads, disclosure.labels), disclosure.mandatory)
    if len(disclosure.selective) != len(others):
        raise malformed(f"{len(disclosure.selective)} indexes for {len(others)} statements")
    hashes = hashlib.sha256(options.nquads).digest(), hashlib.sha256("".join(mandatory).encode()).digest()
    try:
        return _bbs.proof_is_valid(
            public_key=key.key,
            proof=disclosure.proof,
            header=b"".join(hashes),
            presentation_header=disclosure.presentation_header,
            messages=[statement.encode() for statement in others],
            indexes=disclosure.selective,
        )
    except ImportError:
        detail = "bbs-2023 needs py-arkworks-bls12381, which is not installed here"
        raise Unavailable("unsupported-cryptosuite", detail, pointer="/proof") from None


def _parse(proof: Mapping[str, Any]) -> _Disclosure:
    header, payload = opened(proof)
    feature = header[2] if header.startswith(_PREFIX) and len(header) > len(_PREFIX) else 0
    if feature in _BASE:
        raise base_proof()
    if feature in _EXTENDED:
        detail = f"bbs-2023 with {_EXTENDED[feature]} is not verified here"
        raise Unavailable("unsupported-cryptosuite", detail, pointer="/proof")
    if feature != _DERIVED:
        raise malformed("it does not begin as a derived proof does")
    match components(payload):
        case [bytes(octets), dict(labels), list(mandatory), list(selective), bytes(presentation_header)] if (
            are_indexes([*labels.values()]) and are_indexes(mandatory) and are_indexes(selective)
        ):
            return _Disclosure(
                proof=octets,
                labels={number: f"b{label}" for number, label in labels.items()},
                mandatory=mandatory,
                selective=selective,
                presentation_header=presentation_header,
            )
        case _:
            raise malformed("its components are not those of a derived proof")


PLUGIN: Final = Cryptosuite(name="bbs-2023", proof_type="DataIntegrityProof", verify=_verify, rdf=True)
