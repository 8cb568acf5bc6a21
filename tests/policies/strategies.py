"""Random facts and random requirements, over a vocabulary so small that they often meet."""

from __future__ import annotations

import os
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from hypothesis import settings
from hypothesis import strategies as st

from policies.model import ABSENT, Facts, State, StatusFact, TrustFact
from tests.policies.files import AS_OF

if TYPE_CHECKING:
    from collections.abc import Callable

EXAMPLES = int(os.environ.get("POLICY_EXAMPLES", "100"))
"""How many examples each property over policies is tried on. `POLICY_EXAMPLES=100000 pytest tests/policies
-k no_child_is_looser` takes half an hour of one core and a gigabyte, most of it Hypothesis's own."""

unhurried = settings(deadline=None, max_examples=EXAMPLES)
"""For properties over whole policies, on machines that do other things besides."""

SOURCES = ("ce-iir", "dcc-members", "al-providers", "nd-publishers")
ISSUERS = ("did:web:a.example", "did:web:b.example")
ORGANIZATIONS = tuple(f"ce-00000000-0000-0000-0000-00000000000{digit}" for digit in "12")
QUESTIONS = (
    *SOURCES,
    "ce-iir?about=attester",
    "al-providers?about=attester",
    "ce-iir?trust_mark=M",
    "dcc-members?trust_mark=M",
    "ce-iir?action=issue&resource=L",
    "domain-linkage?domain_linked=true",
    *(f"credential-registry?accredited_by={organization}" for organization in ORGANIZATIONS),
    *(f"credential-registry?approved_by={organization}" for organization in ORGANIZATIONS),
    "ce-iir?x5c_chain=true",
    "dcc-members?x5c_chain=true",
)
"""The keys of all that the requirements below may ask."""

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
    "unsigned_presentation": st.booleans(),
    "candidate": st.dictionaries(
        st.sampled_from(["email", "name"]), st.sampled_from(["match", "mismatch", "unknown"]), max_size=2
    ),
    "achievement_ids": st.lists(
        st.tuples(st.sampled_from(["ctid", "id"]), st.sampled_from(["x", "y"])), max_size=3
    ).map(tuple),
    "attesters": st.lists(st.sampled_from([None, *ISSUERS]), max_size=2).map(tuple),
    "learner_verification": st.sampled_from(["provider_verified", "platform_verified"]),
}

facts = st.builds(
    Facts,
    as_of=st.just(AS_OF),
    clock_skew=st.sampled_from([0.0, 60.0]),
    trust=st.dictionaries(st.sampled_from(QUESTIONS), trust_facts, max_size=8),
    **{name: st.none() | member for name, member in MEMBERS.items()},
)
"""Facts of any kind, each of which may be unknown."""


@st.composite
def less_known(draw: Callable[[st.SearchStrategy[Any]], Any]) -> tuple[Facts, Facts]:
    """Return facts, and the same with some of them unknown."""
    whole: Facts = draw(facts)
    lost = draw(st.sets(st.sampled_from([member.name for member in fields(Facts) if member.name in MEMBERS])))
    silent = draw(st.sets(st.sampled_from(QUESTIONS)))
    unknown: dict[str, Any] = dict.fromkeys(lost)
    part = replace(
        whole,
        **unknown,
        trust={source: fact for source, fact in whole.trust.items() if source not in silent},
    )
    if part.statuses and draw(st.booleans()):
        dim = [replace(each, state="unknown", age=None) if draw(st.booleans()) else each for each in part.statuses]
        part = replace(part, statuses=tuple(dim))
    if part.attesters is not None and draw(st.booleans()):
        part = replace(part, attesters=tuple(each if draw(st.booleans()) else None for each in part.attesters))
    if part.candidate and draw(st.booleans()):
        part = replace(part, candidate={name: "unknown" for name in part.candidate if draw(st.booleans())})
    return whole, part


def one_or_two(values: list[str]) -> st.SearchStrategy[str]:
    """Return flow lists of one or two of `values`."""
    chosen = st.lists(st.sampled_from(values), min_size=1, max_size=2, unique=True)
    return chosen.map(lambda texts: f"[{', '.join(texts)}]")


LEAVES: dict[str, st.SearchStrategy[str]] = {
    "registry": st.builds(
        lambda sources, more: f"{{in: {sources}{more}}}",
        one_or_two(list(SOURCES[:3])),
        st.sampled_from(
            ["", ", min_authenticity: authenticated", ", min_authenticity: integrity_verified", ", min_tier: member"]
        ),
    ),
    "trust_mark": st.sampled_from(["ce-iir", "dcc-members"]).map("{{type: M, anchor: {}}}".format),
    "trqp": st.just("{authority: ce-iir, action: issue, resource: L}"),
    "domain_linked": st.just("true"),
    "accredited_by": st.builds(
        "{{ctid: {}{}}}".format, one_or_two(list(ORGANIZATIONS)), st.sampled_from(["", ", also: approved"])
    ),
    "x5c_chain": one_or_two(["ce-iir", "dcc-members"]).map("{{anchors: {}}}".format),
    "assurance_at_least": st.sampled_from(["AL1", "AL2", "AL3"]),
    "issuer_is": one_or_two(list(ISSUERS)),
    "did_method_in": one_or_two(["web", "key"]),
    "attested_by": st.one_of(
        one_or_two(["ce-iir", "al-providers"]).map("{{registry: {}}}".format),
        one_or_two(list(ISSUERS)).map("{{issuer_is: {}}}".format),
    ),
    "learner_verification": st.sampled_from(["provider_verified", "platform_verified"]),
    "type_in": one_or_two(["OpenBadgeCredential", "ClrCredential"]),
    "format_in": one_or_two(["data-integrity", "vc-jwt"]),
    "proof_suite_in": one_or_two(["eddsa-rdfc-2022", "ES256"]),
    "achievement_type_in": one_or_two(["Certificate", "License"]),
    "credential_in": st.builds(
        lambda names, by: f"{{list: {names}{by}}}",
        one_or_two(["x", "y"]),
        st.sampled_from(["", ", by: ctid", ", by: id"]),
    ),
    "issued_after": st.sampled_from(["2020-01-01", "2025-01-01"]),
    "issued_within": st.sampled_from(["P1Y", "P5Y", "P365D", "P1830D"]),
    "earned_within": st.sampled_from(["P1Y", "P5Y"]),
    "not_expired": st.just("true"),
    "aligned_to": st.sampled_from(["1", "2"]).map("{{framework: F, at_least: {}}}".format),
    "schema_valid": st.just("true"),
    "no_inline_context": st.just("true"),
    "children": st.just("all_current"),
    "status_not": one_or_two(["revoked", "suspended"]),
    "max_age": st.sampled_from(["PT1H", "P1D"]),
    "status_required": st.just("true"),
    "status_issuer_in": one_or_two(list(ISSUERS)),
    "holder_bound": st.just("true"),
    "candidate_matches": one_or_two(["email", "name"]).map("{{fields: {}}}".format),
}
"""Every condition but the permissions, which stand alone in a rule: its key → values of it."""
PERMISSIONS: dict[str, st.SearchStrategy[str]] = {
    "allow_unknown_contexts": st.sampled_from(["true", "false"]),
    "allow_unsigned_presentation": st.sampled_from(["true", "false"]),
}


def stated(leaves: dict[str, st.SearchStrategy[str]]) -> st.SearchStrategy[str]:
    """Return conditions, as the content of a flow mapping."""
    return st.one_of(*(value.map(f"{key}: {{}}".format) for key, value in leaves.items()))


leaf_texts = stated(LEAVES)
alike = st.one_of(
    *(
        st.tuples(value, value).map(lambda pair, key=key: (f"{key}: {pair[0]}", f"{key}: {pair[1]}"))  # type: ignore[misc]  # mypy gives the default of a lambda no type
        for key, value in (LEAVES | PERMISSIONS).items()
    )
)
"""Two requirements of one condition."""

few_leaf_texts = st.sampled_from(
    [f"registry: {{in: [{names}]}}" for names in ("ce-iir", "dcc-members", "ce-iir, dcc-members")]
    + ["issued_within: P1Y", "issued_within: P5Y", "status_not: revoked", "status_not: [revoked, suspended]"]
    + ["max_age: PT1H", "max_age: P1D", "learner_verification: provider_verified"]
    + ["learner_verification: platform_verified", "candidate_matches: {fields: [email, name]}"]
    + ["candidate_matches: {fields: email}", "attested_by: {registry: [ce-iir, al-providers]}"]
    + ["attested_by: {registry: ce-iir}"]
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
