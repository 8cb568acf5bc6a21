"""Policy files written in tests, and facts to decide about."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from policies.conditions import Requirement
from policies.document import read
from policies.model import ABSENT, Facts, State, StatusFact, TrustFact, TrustQuestion
from policies.policy_set import LIBRARY, Family, PolicySet
from policies.reading import Reader
from policies.source import parse

if TYPE_CHECKING:
    from pathlib import Path

    from policies.conditions.combinators import Tree

CORE = read("core.yaml", (LIBRARY / "core" / "current.yaml").read_bytes(), library=True)
AS_OF = datetime(2026, 11, 23, 12, tzinfo=UTC)


def facts(**changes: Any) -> Facts:
    """Return the facts of a good badge, with these changes."""
    good: dict[str, Any] = {
        "as_of": AS_OF,
        "structure": State.PASS,
        "data_loss": State.PASS,
        "proof": State.PASS,
        "issuer_binding": State.PASS,
        "issuer": "did:web:university.example",
        "did_method": "web",
        "format": "data-integrity",
        "proof_suites": ("eddsa-rdfc-2022",),
        "types": ("VerifiableCredential", "OpenBadgeCredential"),
        "achievement_types": ("Certificate",),
        "inline_context": False,
        "unknown_contexts": False,
        "valid_from": datetime(2025, 5, 20, tzinfo=UTC),
        "valid_until": ABSENT,
        "earned": datetime(2025, 5, 16, tzinfo=UTC),
        "schema": ABSENT,
        "statuses": (status(),),
        "trust": {"a": TrustFact(state="listed", authenticity="authenticated", freshness="fresh")},
        "alignments": (),
        "children_current": ABSENT,
        "holder_bound": None,
    }
    return Facts(**{**good, **changes})


def status(state: str = "active", **changes: Any) -> StatusFact:
    """Return a status entry, by default of a list that the issuer published two minutes ago."""
    usual = {"purpose": "revocation", "age": 120.0, "issuer": "did:web:university.example"}
    return StatusFact(state=state, **{**usual, **changes})


def listing(*sources: str) -> frozenset[TrustQuestion]:
    """Return the questions whether these sources list the issuer."""
    return frozenset(TrustQuestion(source=source) for source in sources)


def requirement(yaml: str) -> Tree:
    """Return the condition that `yaml` states, which has nothing wrong in it."""
    node, findings = parse("test.yaml", yaml.encode())
    reader = Reader("test.yaml", findings)
    assert node is not None
    tree = Requirement().read(node, reader, "require")
    assert not reader.findings
    assert tree is not None
    return tree


def found(yaml: str, about: Facts) -> tuple[State, str]:
    """Return what the condition that `yaml` states finds in `about`."""
    return requirement(yaml).compile()(about)


def policy(*rules: str, name: str = "test/policy", version: str = "1.0.0", head: str = "") -> str:
    """Return a policy file with these rules (flow mappings), each on a line of its own after `rules:`."""
    lines = [f"policy: {name}", f"version: {version}", *([head] if head else []), "rules:"]
    return "\n".join([*lines, *(f"  - {rule}" for rule in rules or (rule(),)), ""])


def rule(require: str = "{not_expired: true}", name: str = "one", more: str = "") -> str:
    """Return a rule as a flow mapping."""
    return f"{{id: {name}, say: It must be so., require: {require}{', ' + more if more else ''}}}"


def problems(text: str | bytes) -> list[str]:
    """Return what is wrong in one file, as `line: message`."""
    content = text.encode() if isinstance(text, str) else text
    return [f"{finding.line}: {finding.message}" for finding in read("test.yaml", content).findings]


def family(*texts: str) -> Family:
    """Return the family of policy files (0.yaml, 1.yaml, …), the root of all beside them."""
    readings = [CORE, *(read(f"{place}.yaml", text.encode()) for place, text in enumerate(texts))]
    assert all(not reading.findings for reading in readings)
    return Family(reading.document for reading in readings if reading.document is not None)


def loaded(*texts: str) -> PolicySet:
    """Return the set of policy files that have nothing wrong in them."""
    return PolicySet(family(*texts))


def between(*texts: str) -> list[str]:
    """Return what is wrong between policy files, as `file:line: message`."""
    return [str(finding) for finding in sorted(set(family(*texts).findings))]


def write(folder: Path, **texts: str) -> Path:
    """Write policy files into `folder`, and return it."""
    for name, text in texts.items():
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    return folder
