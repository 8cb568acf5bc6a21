"""Finding policies by name and day, and what is wrong between files."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given

from policies.policy_set import LIBRARY, MAX_GENERATIONS, NotInEffect, PolicyErrors, PolicySet, UnknownPolicy
from tests.policies.files import AS_OF, between, loaded, policy, requirement, rule, write
from tests.policies.strategies import alike

if TYPE_CHECKING:
    from pathlib import Path

    from policies.compile import Policy


def on(day: str) -> datetime:
    """Return the last second of a day."""
    return datetime.fromisoformat(f"{day}T23:59:59").replace(tzinfo=UTC)


def version(number: str, effective: str = "", extends: str = "", name: str = "us/x") -> str:
    """Return one version of a policy."""
    head = [f"effective: {{{effective}}}"] * bool(effective) + [f"extends: {extends}"] * bool(extends)
    return policy(name=name, version=number, head="\n".join(head))


X = (
    version("1.0.0", "until: 2026-06-30"),
    version("1.2.0", "from: 2026-07-01, until: 2026-12-31"),
    version("1.10.0", "from: 2027-01-01, until: 2027-12-31"),
    version("2.0.0", "from: 2026-09-01, until: 2027-06-30"),
    version("1.0.0", extends="us/x@1", name="us/child"),
)
VERSIONS = loaded(*X)


@pytest.mark.parametrize(
    ("reference", "day", "expected"),
    [
        ("us/x", "2026-06-30", "us/x@1.0.0"),
        ("us/x", "2026-07-01", "us/x@1.2.0"),
        ("us/x", "2026-10-01", "us/x@2.0.0"),
        ("us/x", "2027-12-31", "us/x@1.10.0"),
        ("us/x@1", "2026-12-31", "us/x@1.2.0"),
        ("us/x@1", "2027-01-01", "us/x@1.10.0"),
        ("us/x@2", "2026-09-01", "us/x@2.0.0"),
        ("us/x@1.2.0", "2026-12-31", "us/x@1.2.0"),
    ],
)
def test_the_newest_in_effect(reference: str, day: str, expected: str) -> None:
    """Without a whole version it is the newest one in effect that day; 1.10 is newer than 1.2."""
    assert VERSIONS.get(reference, on(day)).lineage[-1] == expected


@pytest.mark.parametrize(
    ("day", "parent"), [("2026-06-30", "1.0.0"), ("2026-10-01", "1.2.0"), ("2027-02-01", "1.10.0")]
)
def test_the_parent_of_the_day(day: str, parent: str) -> None:
    """A child has the newest parent of its major version in effect that day, and its digest says so."""
    found = VERSIONS.get("us/child", on(day))
    assert found.lineage == ("core/current@1.0.0", f"us/x@{parent}", "us/child@1.0.0")
    digests = {VERSIONS.get("us/child", on(each)).digest for each in ("2026-06-30", "2026-10-01", "2027-02-01")}
    assert len(digests) == 3


@pytest.mark.parametrize(
    "reference",
    [
        "us/y",
        "us/x@3",
        "us/x@1.2",
        "us/x@1.2.3",
        "us/x@",
        "us/x@01",
        "",
        "us",
        "US/X",
        "us/x@1.2.0 ",
        "../us/x",
        "us/x\n",
    ],
)
def test_unknown(reference: str) -> None:
    """What is no name, or names nothing, is unknown."""
    with pytest.raises(UnknownPolicy) as caught:
        VERSIONS.get(reference, AS_OF)
    assert caught.value.reference == reference
    assert str(caught.value) == f'there is no policy "{reference}"'


@pytest.mark.parametrize(
    ("reference", "day", "message", "successor"),
    [
        (
            "us/x@1.0.0",
            "2026-07-01",
            "us/x@1.0.0 was in effect until 2026-06-30; its successor is us/x@1.2.0",
            "us/x@1.2.0",
        ),
        (
            "us/x@1.0.0",
            "2026-10-01",
            "us/x@1.0.0 was in effect until 2026-06-30; its successor is us/x@2.0.0",
            "us/x@2.0.0",
        ),
        (
            "us/x@2",
            "2027-07-01",
            "us/x@2.0.0 was in effect until 2027-06-30; its successor is us/x@1.10.0",
            "us/x@1.10.0",
        ),
        ("us/x", "2028-01-01", "us/x@2.0.0 was in effect until 2027-06-30", None),
        ("us/x@2", "2026-08-31", "us/x@2.0.0 is in effect from 2026-09-01", None),
        ("us/child", "2028-01-01", "us/x@1.10.0 was in effect until 2027-12-31", None),
    ],
)
def test_not_in_effect(reference: str, day: str, message: str, successor: str | None) -> None:
    """A policy out of its time is refused, with its successor named; so is the child of such a parent."""
    with pytest.raises(NotInEffect) as caught:
        VERSIONS.get(reference, on(day))
    assert str(caught.value) == message
    assert caught.value.policy == message.split(maxsplit=1)[0]
    assert caught.value.successor == successor


def test_a_gap_names_what_comes_next() -> None:
    """Between two versions the successor is the one to come."""
    policies = loaded(version("1.0.0", "until: 2026-01-31"), version("1.1.0", "from: 2026-03-01"))
    with pytest.raises(
        NotInEffect, match=r"^us/x@1\.0\.0 was in effect until 2026-01-31; its successor is us/x@1\.1\.0$"
    ):
        policies.get("us/x", on("2026-02-10"))


def test_every_parent_is_checked() -> None:
    """At load a child is held against every version that it may get as a parent, in effect or not."""
    texts = [
        policy(rule("{issuer_is: [a, b]}"), name="us/x", version="1.0.0"),
        policy(rule("{issuer_is: [a]}"), name="us/x", version="1.1.0", head="effective: {from: 2040-01-01}"),
        policy(rule("{issuer_is: [b]}"), name="us/x", version="2.0.0"),
        policy(rule("{issuer_is: [a, b]}"), name="us/child", head="extends: us/x@1"),
    ]
    assert between(*texts) == [
        '3.yaml:5: rule "one" is looser than in us/x@1.1.0 (1.yaml:5): it can pass where that one does not'
    ]


def test_ids_and_policies() -> None:
    """Ids are sorted; every version is there, once for each choice of parents."""
    assert VERSIONS.ids() == ("core/current", "us/child", "us/x")
    names = [found.lineage[-1] for found in VERSIONS.policies()]
    versions = ["us/x@1.0.0", "us/x@1.10.0", "us/x@1.2.0", "us/x@2.0.0"]
    assert sorted(names) == ["core/current@1.0.0", *["us/child@1.0.0"] * 3, *versions]


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        ([version("1.0.0"), version("1.0.0")], ["1.yaml:1: us/x@1.0.0 is already in 0.yaml:1"]),
        ([version("1.0.0", extends="us/ler-baselin@1")], ['0.yaml:3: there is no policy "us/ler-baselin"']),
        (
            [version("1.0.0"), version("1.0.0", extends="us/xx@1", name="us/y")],
            ['1.yaml:3: there is no policy "us/xx"; did you mean "us/x"?'],
        ),
        (
            [version("1.0.0"), version("1.0.0", extends="us/x@2", name="us/y")],
            ["1.yaml:3: us/x has no version 2.x"],
        ),
        (
            [version("1.0.0", extends="us/x@1")],
            ["0.yaml:3: a policy cannot extend itself: us/x@1.0.0 → us/x@1.0.0"],
        ),
        (
            [
                version("1.0.0", extends="us/y@1"),
                version("1.0.0", extends="us/x@1", name="us/y"),
                version("1.0.0", extends="us/x@1", name="us/z"),
            ],
            [
                "0.yaml:3: a policy cannot extend itself: us/x@1.0.0 → us/y@1.0.0 → us/x@1.0.0",
                "1.yaml:3: a policy cannot extend itself: us/y@1.0.0 → us/x@1.0.0 → us/y@1.0.0",
            ],
        ),
    ],
)
def test_wrong_between_files(texts: list[str], expected: list[str]) -> None:
    """Doubles, missing parents and circles are errors, each at its line; who is below a circle is not blamed."""
    assert between(*texts) == expected


def test_generations() -> None:
    """A line of policies has a bounded length, the root of all counted."""
    line = [
        version("1.0.0", extends=f"us/g{n - 1}@1" if n else "", name=f"us/g{n}") for n in range(MAX_GENERATIONS + 1)
    ]
    assert between(*line[: MAX_GENERATIONS - 1]) == []
    message = f"there are more than {MAX_GENERATIONS} generations of policies down to this one"
    last = MAX_GENERATIONS - 1
    assert between(*line) == [f"{last}.yaml:3: {message}", f"{last + 1}.yaml:3: {message}"]


def test_load_finds_everything_at_once(tmp_path: Path) -> None:
    """All errors of all files come together, each with file and line; hidden files are no policies."""
    write(
        tmp_path,
        a=policy(rule("{nothing: true}"), name="us/a"),
        b=policy(rule("{registry: {in: [ce-iri, al-providers]}}"), name="us/b"),
        c=policy(name="us/c", head="extends: us/a@1"),
        d=policy(name="us/d", head="extends: us/missing@1"),
    )
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "e.yml").write_text("nothing", encoding="utf-8")
    (tmp_path / "notes.txt").write_text("nothing", encoding="utf-8")
    (tmp_path / "..data").mkdir()
    (tmp_path / "..data" / "f.yaml").write_text("nothing", encoding="utf-8")
    missing = tmp_path / "missing.yaml"
    with pytest.raises(PolicyErrors) as caught:
        PolicySet.load([tmp_path, missing], sources=["ce-iir", "al-providers"])
    assert str(caught.value).replace(f"{tmp_path}{os.sep}", "").split("\n") == [
        'a.yaml:4: there is no condition "nothing"',
        'b.yaml:4: rule "one" names the trust source "ce-iri", which is not configured; did you mean "ce-iir"?',
        'd.yaml:3: there is no policy "us/missing"',
        "deep/e.yml:1: a policy takes keys with values, not a single value",
        "missing.yaml:1: cannot be read: No such file or directory",
    ]
    assert len(caught.value.findings) == 5


def test_sources_of_the_library_need_not_be_configured(tmp_path: Path) -> None:
    """What a library policy names and nobody configured is unknown; an operator's child of it is no error."""
    write(tmp_path, own=policy(rule(), name="us/own", head="extends: us-al/talent-triad@3"))
    policies = PolicySet.load([tmp_path], sources=[])
    asked = {question.key for question in policies.get("us/own", AS_OF).trust_questions()}
    assert asked == {"al-providers", "al-providers?about=attester", "ce-iir", "dcc-members"}
    write(tmp_path, other=policy(rule("{registry: {in: al-providers}}"), name="us/other"))
    with pytest.raises(PolicyErrors, match='rule "one" names the trust source "al-providers", which is not configured'):
        PolicySet.load([tmp_path], sources=[])
    assert "us/other" in PolicySet.load([tmp_path]).ids()


def test_without_the_library(tmp_path: Path) -> None:
    """Without the library there are the operator's policies and the root of all."""
    write(tmp_path, own=policy(name="us/own"))
    assert PolicySet.load([tmp_path / "own.yaml"], library=False).ids() == ("core/current", "us/own")
    assert PolicySet.load(library=False).ids() == ("core/current",)


def test_an_operator_cannot_replace_what_comes_with_the_program(tmp_path: Path) -> None:
    """The same id and version twice is an error that names both files."""
    write(tmp_path, own=policy(name="us/ler-baseline"))
    with pytest.raises(
        PolicyErrors, match=r"own\.yaml:1: us/ler-baseline@1\.0\.0 is already in .*ler-baseline\.yaml:\d+$"
    ):
        PolicySet.load([tmp_path])


def described(text: str) -> Policy:
    """Return the policy in `text`."""
    return loaded(text).get("test/policy", AS_OF)


def test_digest_is_of_what_is_meant() -> None:
    """Order of keys and values, quotes, comments and the path are nothing; every term is something."""
    base = policy(rule("{type_in: [A, B]}"))
    head = '# a comment\nversion: "1.0.0"\npolicy: test/policy\nrules:\n'
    same = f'{head}  - {{require: {{type_in: [B, A]}}, id: one, say: "It must  be so."}}\n'
    assert described(base).digest == described(same).digest
    assert len(described(base).digest) == 64
    others = [
        policy(rule("{type_in: [A]}")),
        policy(rule("{any: [{type_in: [A, B]}]}")),
        policy(rule("{type_in: [A, B]}", more="severity: warn")),
        policy(rule("{type_in: [A, B]}", more="on_unknown: reject")),
        policy(rule("{type_in: [A, B]}", more="fix: Mend it.")),
        policy(rule("{type_in: [A, B]}", more="locked: false")),
        policy(rule("{type_in: [A, B]}", name="two")),
        policy(rule("{type_in: [A, B]}"), version="1.0.1"),
        policy(rule("{type_in: [A, B]}"), head="title: T"),
        policy(rule("{type_in: [A, B]}"), head="jurisdiction: US"),
    ]
    assert len({described(text).digest for text in [base, *others]}) == len(others) + 1


def test_terms_of_every_condition_are_in_the_digest() -> None:
    """Two policies that differ in one parameter of one condition differ in their digest."""
    requirements = [
        "registry: {in: a}",
        "registry: {in: a, min_authenticity: authenticated}",
        "registry: {in: a, min_tier: member}",
        "all: [{registry: {in: a}}, {assurance_at_least: AL1}]",
        "all: [{registry: {in: a}}, {assurance_at_least: AL2}]",
        "at_least: {n: 1, of: [{registry: {in: a}}, {assurance_at_least: AL2}]}",
        "issued_after: 2020-01-01",
        "issued_within: P1Y",
        "earned_within: P1Y",
        "not_expired: true",
        "aligned_to: {framework: F}",
        "aligned_to: {framework: F, at_least: 2}",
        "allow_unknown_contexts: true",
        "allow_unknown_contexts: false",
    ]
    digests = {described(policy(rule(f"{{{each}}}"))).digest for each in requirements}
    assert len(digests) == len(requirements)
    assert described(policy(rule("{issued_within: P12M}"))).digest in digests


@given(alike)
def test_terms_tell_conditions_apart(both: tuple[str, str]) -> None:
    """Two conditions have the same terms where they are the same, whichever condition it is."""
    one, other = (requirement(text) for text in both)
    assert (one == other) == (one.terms() == other.terms())


def test_what_acts_outside_the_rules_is_in_the_digest() -> None:
    """A rule in the same words decides otherwise under another parent, and so has another digest."""
    child = policy(rule("{assurance_at_least: AL1}", name="assured"), name="us/child", head="extends: us/parent@1")
    digests = {
        loaded(policy(*rules, name="us/parent"), child).get("us/child", AS_OF).digest
        for rules in (
            [rule("{registry: {in: a}}")],
            [rule("{registry: {in: b}}")],
            [rule("{registry: {in: a}}"), rule("{allow_unsigned_presentation: true}", name="p")],
            [rule("{registry: {in: a}}"), rule("{status_issuer_in: x}", name="p")],
        )
    }
    assert len(digests) == 4


def test_a_policy_is_remembered_only_until_the_next_turn() -> None:
    """Whatever was found before, each instant finds what it would have found first."""
    names = ["us/x", "us/x@1", "us/x@1.2.0", "us/x@2", "us/child"]
    days = ["2026-06-30", "2026-07-01", "2026-09-01", "2026-12-31", "2027-01-01", "2027-06-30", "2027-12-31"]
    instants = [on(day) + timedelta(seconds=seconds) for day in days for seconds in (-86_399, 0, 1)]

    def found(policies: PolicySet, name: str, instant: datetime) -> object:
        try:
            return policies.get(name, instant).lineage
        except NotInEffect as refused:
            return str(refused)

    warm = loaded(*X)
    for name in names:
        for instant in [*instants, *reversed(instants)]:
            assert found(warm, name, instant) == found(loaded(*X), name, instant)
    assert warm.get("us/x", on("2026-10-01")) is warm.get("us/x", on("2026-10-02"))


def test_the_last_day_of_the_calendar_is_no_turn() -> None:
    """A policy in effect until the end of time is past at none."""
    forever = loaded(version("1.0.0", "until: 9999-12-31"))
    assert forever.get("us/x", datetime.max.replace(tzinfo=UTC)).version == "1.0.0"


def test_the_issuers_domain_needs_no_configuration(tmp_path: Path) -> None:
    """It is no source that an operator could have forgotten; the default registry of accreditations is one."""
    write(tmp_path, own=policy(rule("{domain_linked: true}"), name="us/own"))
    assert PolicySet.load([tmp_path], sources=[]).get("us/own", AS_OF).trust_questions()
    organization = "ce-00000000-0000-0000-0000-000000000001"
    write(tmp_path, own=policy(rule(f"{{accredited_by: {{ctid: {organization}}}}}"), name="us/own"))
    with pytest.raises(PolicyErrors, match='names the trust source "credential-registry", which is not configured'):
        PolicySet.load([tmp_path], sources=[])


@pytest.mark.parametrize(
    "require",
    [
        "{trust_mark: {type: M, anchor: wrong}}",
        "{trqp: {authority: wrong, action: x, resource: y}}",
        "{x5c_chain: {anchors: wrong}}",
        "{attested_by: {registry: wrong}}",
        "{any: [{not_expired: true}, {registry: {in: wrong}}]}",
    ],
)
def test_every_source_that_is_named_has_to_be_configured(require: str, tmp_path: Path) -> None:
    """Whichever condition names it, and with a hint where it is nearly right."""
    write(tmp_path, own=policy(rule(require), name="us/own"))
    with pytest.raises(PolicyErrors, match=r'"wrong", which is not configured; did you mean "wrongs"\?'):
        PolicySet.load([tmp_path], sources=["wrongs"])


def test_title_and_jurisdiction() -> None:
    """A policy without a title is called by its id; the jurisdiction is the nearest parent's."""
    texts = (
        policy(name="us/a", head="jurisdiction: US-XX\ntitle: A"),
        policy(name="us/b", head="extends: us/a@1"),
    )
    policies = loaded(*texts)
    assert [(each.title, each.jurisdiction) for each in (policies.get("us/a", AS_OF), policies.get("us/b", AS_OF))] == [
        ("A", "US-XX"),
        ("us/b", "US-XX"),
    ]
    assert policies.get("core/current", AS_OF).jurisdiction is None


def test_the_library_lies_in_the_package() -> None:
    """So it is in the wheel, fixtures included."""
    assert (LIBRARY / "core" / "current.yaml").is_file()
    assert LIBRARY.parent.name == "policies"
