"""Random facts and random requirements, over a vocabulary so small that they often meet."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from hypothesis import settings
from hypothesis import strategies as st

from policies.model import ABSENT, Facts, State, StatusFact, TrustFact
from tests.policies.files import AS_OF

if TYPE_CHECKING:
    from collections.abc import Callable

unhurried = settings(deadline=None)
"""For properties over whole policies, on machines that do other things besides."""

SOURCES = ("ce-iir", "dcc-members", "al-providers", "nd-publishers")
ISSUERS = ("did:web:a.example", "did:web:b.example")

states = st.sampled_from(State)
instants = st.one_of(
    st.sampled_from([AS_OF, AS_OF - timedelta(days=365), AS_OF + timedelta(seconds=30)]),
    st.datetimes(datetime(1960, 1, 1), datetime(2050, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 — hypothesis wants them so
)
status_facts = st.builds(
    StatusFact,
    purpose=st.sampled_from(["revocation", "suspension", "refresh", "message"]),
    state=st.sampled_from(["active", "revoked", "suspended", "refresh", "message", "unknown"]),
    age=st.none() | st.sampled_from([0.0, 3600.0, 90_000.0]),
    stale=st.booleans(),
    issuer=st.none() | st.sampled_from(ISSUERS),
)
trust_facts = st.builds(
    TrustFact,
    state=st.sampled_from(["listed", "not_listed", "unknown"]),
    authenticity=st.sampled_from(["unverified", "integrity_verified", "authenticated"]),
    freshness=st.sampled_from([None, "fresh", "stale", "expired"]),
    tier=st.sampled_from([None, "sandbox", "community", "member"]),
    assurance=st.sampled_from([None, "AL1", "AL2", "AL3"]),
)


def some(values: list[str]) -> st.SearchStrategy[tuple[str, ...]]:
    """Return tuples of some of `values`."""
    return st.lists(st.sampled_from(values), max_size=3).map(tuple)


MEMBERS: dict[str, st.SearchStrategy[Any]] = {
    "structure": states,
    "data_loss": states,
    "proof": states,
    "issuer_binding": states,
    "issuer": st.sampled_from(ISSUERS),
    "did_method": st.sampled_from([ABSENT, "web", "key"]),
    "format": st.sampled_from(["data-integrity", "vc-jwt"]),
    "proof_suites": some(["eddsa-rdfc-2022", "ES256"]),
    "types": some(["VerifiableCredential", "OpenBadgeCredential"]),
    "achievement_types": some(["Certificate", "License"]),
    "inline_context": st.booleans(),
    "unknown_contexts": st.booleans(),
    "valid_from": instants | st.just(ABSENT),
    "valid_until": instants | st.just(ABSENT),
    "earned": instants | st.just(ABSENT),
    "schema": states | st.just(ABSENT),
    "statuses": st.lists(status_facts, max_size=3).map(tuple),
    "alignments": st.lists(
        st.tuples(st.sampled_from([None, "F", "G"]), st.sampled_from([None, "1", "2"])), max_size=3
    ).map(tuple),
    "children_current": st.booleans() | st.just(ABSENT),
    "holder_bound": st.booleans(),
}

facts = st.builds(
    Facts,
    as_of=st.just(AS_OF),
    clock_skew=st.sampled_from([0.0, 60.0]),
    trust=st.dictionaries(st.sampled_from(SOURCES), trust_facts),
    **{name: st.none() | member for name, member in MEMBERS.items()},
)
"""Facts of any kind, each of which may be unknown."""


@st.composite
def less_known(draw: Callable[[st.SearchStrategy[Any]], Any]) -> tuple[Facts, Facts]:
    """Return facts, and the same with some of them unknown."""
    whole: Facts = draw(facts)
    lost = draw(st.sets(st.sampled_from([member.name for member in fields(Facts) if member.name in MEMBERS])))
    silent = draw(st.sets(st.sampled_from(SOURCES)))
    unknown: dict[str, Any] = dict.fromkeys(lost)
    part = replace(
        whole,
        **unknown,
        trust={source: fact for source, fact in whole.trust.items() if source not in silent},
    )
    if part.statuses and draw(st.booleans()):
        dim = [replace(each, state="unknown", age=None) if draw(st.booleans()) else each for each in part.statuses]
        part = replace(part, statuses=tuple(dim))
    return whole, part


def one_or_two(values: list[str]) -> st.SearchStrategy[str]:
    """Return flow lists of one or two of `values`."""
    chosen = st.lists(st.sampled_from(values), min_size=1, max_size=2, unique=True)
    return chosen.map(lambda texts: f"[{', '.join(texts)}]")


leaf_texts = st.one_of(
    st.builds(
        lambda sources, more: f"registry: {{in: {sources}{more}}}",
        one_or_two(list(SOURCES[:3])),
        st.sampled_from(
            ["", ", min_authenticity: authenticated", ", min_authenticity: integrity_verified", ", min_tier: member"]
        ),
    ),
    one_or_two(list(ISSUERS)).map("issuer_is: {}".format),
    one_or_two(["web", "key"]).map("did_method_in: {}".format),
    one_or_two(["OpenBadgeCredential", "ClrCredential"]).map("type_in: {}".format),
    one_or_two(["data-integrity", "vc-jwt"]).map("format_in: {}".format),
    one_or_two(["eddsa-rdfc-2022", "ES256"]).map("proof_suite_in: {}".format),
    one_or_two(["Certificate", "License"]).map("achievement_type_in: {}".format),
    st.sampled_from(["2020-01-01", "2025-01-01"]).map("issued_after: {}".format),
    st.sampled_from(["P1Y", "P5Y", "P365D", "P1830D"]).map("issued_within: {}".format),
    st.sampled_from(["P1Y", "P5Y"]).map("earned_within: {}".format),
    st.just("not_expired: true"),
    st.sampled_from(["1", "2"]).map("aligned_to: {{framework: F, at_least: {}}}".format),
    st.just("schema_valid: true"),
    st.just("no_inline_context: true"),
    st.just("children: all_current"),
    one_or_two(["revoked", "suspended"]).map("status_not: {}".format),
    st.sampled_from(["PT1H", "P1D"]).map("max_age: {}".format),
    st.just("status_required: true"),
    one_or_two(list(ISSUERS)).map("status_issuer_in: {}".format),
    st.just("holder_bound: true"),
)

few_leaf_texts = st.sampled_from(
    [f"registry: {{in: [{names}]}}" for names in ("ce-iir", "dcc-members", "ce-iir, dcc-members")]
    + ["issued_within: P1Y", "issued_within: P5Y", "status_not: revoked", "status_not: [revoked, suspended]"]
    + ["max_age: PT1H", "max_age: P1D"]
)
"""So few that one requirement is often narrower than another."""


def trees(ends: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Return requirements made of `ends`, as the content of a flow mapping."""

    def combined(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
        listed = st.lists(inner, min_size=1, max_size=3)

        def at_least(of: list[str], needed: int) -> str:
            return f"at_least: {{n: {min(needed, len(of))}, of: [{join(of)}]}}"

        return st.one_of(
            listed.map(lambda of: f"all: [{join(of)}]"),
            listed.map(lambda of: f"any: [{join(of)}]"),
            st.builds(at_least, listed, st.integers(1, 3)),
        )

    return st.recursive(ends, combined, max_leaves=6)


def join(of: list[str]) -> str:
    """Return the conditions as the items of a flow list."""
    return ", ".join(f"{{{each}}}" for each in of)
