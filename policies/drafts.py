"""Policy files under work, together with the parents that they need: for linting, testing and comparing.

A file stands in for the one of the same id and version that is known already; of the others nothing
is reported, whatever may be wrong with them.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from policies.compile import compile_policy
from policies.document import read
from policies.policy_set import LIBRARY, Family, read_files
from policies.source import Finding

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from policies.compile import Policy
    from policies.document import Document, Reading


@dataclass(frozen=True, slots=True, kw_only=True)
class Drafts:
    """What came of some policy files."""

    policies: tuple[Policy, ...]
    """Those in which nothing is wrong, once for each choice of parents."""
    findings: tuple[Finding, ...]
    """Everything that is wrong in the files, and between them and their parents."""

    @classmethod
    def at(cls, paths: Iterable[Path]) -> Drafts:
        """Read policy files and folders; parents are looked for among them, beside each file, then in the library."""
        own, findings = read_files(paths)
        mine = {Path(reading.path).resolve() for reading in own}
        beside = {file.resolve() for folder in {path.parent for path in mine} for file in folder.glob("*.y*ml")}
        nearby, _ = read_files(sorted(beside - mine))
        library, _ = read_files(sorted({file.resolve() for file in LIBRARY.rglob("*.yaml")} - mine - beside))
        others = [*nearby, *library]
        return _drafts(own, findings, _documents(others), {each.id for each in others if each.document is None})

    @classmethod
    def of(cls, files: Mapping[str, bytes], known: Iterable[Document]) -> Drafts:
        """Read files by name; parents are looked for among them, then among the `known`. Nothing on disk is read."""
        return _drafts([read(name, content) for name, content in files.items()], [], known, frozenset())


def _documents(readings: Iterable[Reading]) -> Iterator[Document]:
    return (reading.document for reading in readings if reading.document is not None)


def _drafts(
    own: list[Reading], findings: Iterable[Finding], known: Iterable[Document], broken: Collection[str | None]
) -> Drafts:
    """Put the files together with what is `known`; `broken` are ids of which nothing could be read."""
    documents = list(_documents(own))
    others: dict[str, Document] = {}
    for document in known:
        others.setdefault(document.name, document)  # the nearest of one name
    for document in documents:
        others.pop(document.name, None)
    unread = {*broken, *(each.id for each in own if each.document is None)}
    family = Family([*others.values(), *documents], broken=unread)
    wrong = list(findings)
    for reading in own:
        wrong += reading.findings
    reported = {reading.path for reading in own}
    wrong += [finding for finding in family.findings if finding.path in reported]
    defective = {finding.path for finding in family.findings}
    sound = []
    for document in documents:
        variants = family.variants.get(document.name, [])
        usable = [each for each in variants if defective.isdisjoint(one.path for one in each.lineage)]
        sound += [compile_policy(each) for each in usable]
        if not usable and document.path not in {finding.path for finding in wrong}:
            message = "the policy cannot be read, since no parent of it can"
            wrong.append(Finding(path=document.path, line=document.extends_line, message=message))
    return Drafts(policies=tuple(sound), findings=tuple(sorted(set(wrong))))
