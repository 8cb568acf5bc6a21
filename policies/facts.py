"""Facts as JSON: fixtures of tests, stored facts, and the digest that a decision carries.

Strict: an unknown or repeated key, a value of another type or an instant without a time zone is an
error, since a misspelt fact would otherwise be an unknown one. What is unknown is left out (or null).
"""

from __future__ import annotations

import json
from dataclasses import fields
from datetime import datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from policies.canonical import sha256_of
from policies.conditions.attestation import LEARNER_VERIFICATION
from policies.conditions.credential import IDENTIFIERS
from policies.conditions.registry import AUTHENTICITY
from policies.fact_values import (
    FLAG,
    INSTANT,
    SECONDS,
    STATE,
    TEXT,
    Decoder,
    Fact,
    FactsError,
    among,
    by_name,
    or_absent,
    or_null,
    pair,
    record,
    several,
)
from policies.model import Facts, StatusFact, TrustFact

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["DECODERS", "FactsError", "digest", "facts_schema", "from_json", "loads", "to_json"]


def loads(content: str | bytes) -> Facts:
    """Parse facts from JSON text.

    Raises:
        FactsError: it is not JSON, or not facts.
    """
    try:
        value = json.loads(content, object_pairs_hook=_once, parse_constant=_no_constant, parse_int=float)
    except (json.JSONDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise FactsError(f"facts: this is not JSON: {error}") from error
    return from_json(value)


def from_json(value: Any) -> Facts:
    """Return the facts that a JSON object states.

    Raises:
        FactsError: it does not state facts.
    """
    facts: Facts = _FACTS.read(value, "facts")
    return facts


def facts_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of facts as JSON."""
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Facts that a policy sees"}
    return {**head, **_FACTS.schema}


def to_json(facts: Facts) -> dict[str, Any]:
    """Return facts as a JSON object, without what is unknown."""
    return {name: _encoded(value) for name, value in _members(facts)}


def digest(facts: Facts) -> str:
    """Return the SHA-256 (hex) of the facts, the same for the same facts in whatever order."""
    return sha256_of(to_json(facts))


def _encoded(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, tuple):
        return [_encoded(item) for item in value]
    if isinstance(value, (StatusFact, TrustFact)):
        return {name: _encoded(member) for name, member in _members(value)}
    if isinstance(value, (str, bool)) or value is None:
        return value
    if isinstance(value, float):
        return int(value) if value.is_integer() else value
    return {key: _encoded(item) for key, item in value.items()}


def _members(value: Facts | StatusFact | TrustFact) -> Iterator[tuple[str, Any]]:
    for name in _NAMES[type(value)]:
        member = getattr(value, name)
        if member is not None:
            yield name, member


_NAMES: Final = {kind: tuple(member.name for member in fields(kind)) for kind in (Facts, StatusFact, TrustFact)}


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise FactsError(f'facts: "{twice}" stands twice in one object')
    return members


def _no_constant(name: str) -> float:
    raise FactsError(f"facts: {name} is not JSON")


_STATUS: Final = record(
    StatusFact,
    {
        "purpose": Fact(TEXT, "What the entry is about, such as revocation."),
        "state": Fact(among("active", "revoked", "suspended", "refresh", "message", "unknown"), "What it says."),
        "age": Fact(SECONDS, "Seconds since the list was fetched."),
        "stale": Fact(FLAG, "Whether the list is past its freshness and could not be refreshed."),
        "issuer": Fact(TEXT, "Who issued the list."),
    },
)
_TRUST: Final = record(
    TrustFact,
    {
        "state": Fact(among("listed", "not_listed", "unknown"), "Yes, no, or no answer."),
        "authenticity": Fact(among(*AUTHENTICITY), "How well the answer is protected."),
        "freshness": Fact(among("fresh", "stale", "expired"), "How old the answer is by its own account."),
        "tier": Fact(TEXT, "The tier that the source is configured with."),
        "assurance": Fact(TEXT, "The level of assurance that the source is configured with."),
    },
)
_MEMBERS: Final[Mapping[str, Fact]] = MappingProxyType(
    {
        "as_of": Fact(INSTANT, "The instant at which is decided."),
        "clock_skew": Fact(SECONDS, "Seconds by which another clock may differ."),
        "structure": Fact(STATE, "The check of the structure."),
        "data_loss": Fact(STATE, "The check that nothing was lost on the way to what is signed."),
        "proof": Fact(STATE, "The check of the proofs."),
        "issuer_binding": Fact(STATE, "The check that the issuer made a proof."),
        "issuer": Fact(TEXT, "The issuer's identifier."),
        "did_method": Fact(or_absent(TEXT), "The method of the issuer's DID; absent where it is none."),
        "format": Fact(TEXT, "How the credential is secured, such as data-integrity."),
        "proof_suites": Fact(several(TEXT), "Cryptosuites or algorithms of the proofs that verified."),
        "types": Fact(several(TEXT), "The credential's types."),
        "achievement_types": Fact(several(TEXT), "The types of the achievements in it."),
        "achievement_ids": Fact(
            several(pair(among(*IDENTIFIERS), TEXT, "a kind of identifier and its value")),
            "Identifiers of the achievements in it.",
        ),
        "inline_context": Fact(FLAG, "Whether it defines terms of its own."),
        "unknown_contexts": Fact(FLAG, "Whether it uses a vocabulary that is not known here."),
        "valid_from": Fact(or_absent(INSTANT), "Since when it is valid, which is when it was issued."),
        "valid_until": Fact(or_absent(INSTANT), "Until when it is valid."),
        "earned": Fact(or_absent(INSTANT), "When it was awarded, or else the activity ended."),
        "schema": Fact(or_absent(STATE), "Whether it conforms to the schema that it names."),
        "statuses": Fact(several(_STATUS), "What its status entries say; an empty list where it declares none."),
        "trust": Fact(
            by_name(_TRUST), "What trust sources answer: by source, or by source and what was asked besides."
        ),
        "attesters": Fact(several(or_null(TEXT)), "Who confirmed the record; null for one not made sure of."),
        "learner_verification": Fact(among(*LEARNER_VERIFICATION), "Who, at least, has confirmed the learner."),
        "alignments": Fact(
            several(pair(or_null(TEXT), or_null(TEXT), "a framework and a target")), "What it is aligned to."
        ),
        "children_current": Fact(or_absent(FLAG), "Whether every record inside it is current."),
        "holder_bound": Fact(FLAG, "Whether whoever presented it has proven to be its holder."),
        "unsigned_presentation": Fact(FLAG, "Whether it came in a presentation that nobody has signed."),
        "candidate": Fact(
            by_name(among("match", "mismatch", "unknown")), "Fields of the candidate, compared with the record."
        ),
    }
)
_FACTS: Final = record(Facts, _MEMBERS)
DECODERS: Final[Mapping[str, Decoder]] = MappingProxyType({name: fact.value.read for name, fact in _MEMBERS.items()})
"""Every fact by its name → what reads its JSON value; its second argument is what an error calls the place."""
