"""Policy files under work, with the parents that they need."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policies.drafts import Drafts
from policies.policy_set import LIBRARY, PolicySet
from tests.policies.files import policy, rule, write

if TYPE_CHECKING:
    from pathlib import Path

PARENT = policy(rule("{issued_within: P5Y}"), name="state/own")
CHILD = policy(rule("{issued_within: P1Y}"), name="employer/own", head="extends: state/own@1")
KNOWN = tuple(PolicySet.load().documents())


def lineages(drafts: Drafts) -> list[str]:
    """Return the last two of each policy's lineage."""
    return [" ← ".join(reversed(each.lineage[-2:])) for each in drafts.policies]


def test_the_library_is_in_order() -> None:
    """Every policy that is installed is read as a draft, too."""
    drafts = Drafts.at([LIBRARY])

    assert drafts.findings == ()
    assert {each.id for each in drafts.policies} >= {"core/current", "us/ler-baseline", "us-al/talent-triad"}


def test_a_parent_beside_the_file(tmp_path: Path) -> None:
    """It is found there, and is itself not among the drafts."""
    folder = write(tmp_path, parent=PARENT, child=CHILD)

    drafts = Drafts.at([folder / "child.yaml"])

    assert (drafts.findings, lineages(drafts)) == ((), ["employer/own@1.0.0 ← state/own@1.0.0"])


def test_a_parent_in_the_library(tmp_path: Path) -> None:
    """Where there is none beside it."""
    text = policy(rule("{issued_within: P1Y}", name="recent"), name="employer/own", head="extends: us/ler-baseline@1")

    drafts = Drafts.at([write(tmp_path, child=text)])

    assert (drafts.findings, lineages(drafts)) == ((), ["employer/own@1.0.0 ← us/ler-baseline@1.0.0"])


def test_what_is_wrong_beside_a_file_is_not_reported(tmp_path: Path) -> None:
    """Only of the files that were asked for."""
    folder = write(tmp_path, child=CHILD, parent=PARENT, odd="policy: [", more=policy(rule("{odd: 1}")))

    drafts = Drafts.at([folder / "child.yaml"])

    assert (drafts.findings, len(drafts.policies)) == ((), 1)


def test_a_parent_in_which_something_is_wrong(tmp_path: Path) -> None:
    """Its child cannot be read, and that is told."""
    folder = write(tmp_path, child=CHILD, parent=PARENT.replace("issued_within", "issued_wthin"))

    drafts = Drafts.at([folder / "child.yaml"])

    assert drafts.policies == ()
    (finding,) = drafts.findings
    assert (finding.line, finding.message) == (3, "the policy cannot be read, since no parent of it can")


def test_everything_that_is_wrong() -> None:
    """In the files, between them, and between them and their parents."""
    drafts = Drafts.of(
        {
            "child.yaml": CHILD.replace("P1Y", "P9Y").encode(),
            "parent.yaml": PARENT.encode(),
            "odd.yaml": b"policy: odd",
            "orphan.yaml": CHILD.replace("employer/own", "employer/orphan").replace("state/own", "state/won").encode(),
        },
        KNOWN,
    )

    assert lineages(drafts) == ["state/own@1.0.0 ← core/current@1.0.0"]
    assert {finding.path for finding in drafts.findings} == {"child.yaml", "odd.yaml", "orphan.yaml"}
    texts = "\n".join(map(str, drafts.findings))
    assert 'child.yaml:5: rule "one" is looser than in state/own@1.0.0 (parent.yaml:4)' in texts
    assert 'orphan.yaml:3: there is no policy "state/won"; did you mean "state/own"?' in texts


def test_a_draft_takes_the_place_of_what_is_known() -> None:
    """The same id and version: it is being worked on."""
    (installed,) = [each for each in KNOWN if each.id == "us/ler-baseline"]
    text = policy(rule("{issued_within: P1Y}"), name="us/ler-baseline", version=installed.name.rpartition("@")[2])

    drafts = Drafts.of({"new.yaml": text.encode()}, [*KNOWN, *KNOWN])

    assert drafts.findings == ()
    assert [rule.id for rule in drafts.policies[0].rules if rule.path == "new.yaml"] == ["one"]


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    """It is told as everything else."""
    drafts = Drafts.at([tmp_path / "none.yaml"])

    assert drafts.policies == ()
    assert drafts.findings[0].message == "cannot be read: No such file or directory"
