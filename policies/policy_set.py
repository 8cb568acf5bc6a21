"""The policies that a gateway has: found, read, checked against their parents and compiled, once."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Final

from policies.compile import RuleCompiler, compile_policy
from policies.conditions.combinators import leaves
from policies.document import CORE, REFERENCE, Document, Reading, read
from policies.inheritance import Resolved, resolve
from policies.model import RESERVED_SOURCES
from policies.reading import did_you_mean
from policies.source import MAX_BYTES, Finding

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator
    from datetime import datetime

    from policies.compile import Policy

LIBRARY: Final = Path(__file__).parent / "library"
"""The policies that come with the program."""
MAX_GENERATIONS: Final = 8
"""Policies from the root of all down to a child, both counted."""
_IMPLICIT: Final = (CORE, 1)
"""What a policy without a parent extends."""


class PolicyErrors(Exception):
    """Policy files are not in order; `findings` is everything that is wrong, each with file and line."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        """Keep the findings, sorted by file and line, each once."""
        self.findings = tuple(sorted(set(findings)))
        super().__init__("\n".join(map(str, self.findings)))


class UnknownPolicy(LookupError):
    """There is no policy of that name."""

    def __init__(self, reference: str) -> None:
        """Keep what was asked for."""
        super().__init__(f'there is no policy "{reference}"')
        self.reference = reference


class NotInEffect(LookupError):
    """The policy exists, but is not in effect at that time; `successor` is the id@version to use, if any."""

    def __init__(self, document: Document, as_of: datetime, successor: Document | None) -> None:
        """Say when it was or will be in effect, and what has taken its place."""
        effective = document.effective
        if effective.until is not None and effective.is_past(as_of):
            message = f"{document.name} was in effect until {effective.until.date()}"
        else:
            message = f"{document.name} is in effect from {effective.begins and effective.begins.date()}"
        if successor is not None:
            message += f"; its successor is {successor.name}"
        super().__init__(message)
        self.policy = document.name
        self.successor = None if successor is None else successor.name


class PolicySet:
    """Policies by id and version. Immutable once loaded; a reload makes a new one."""

    __slots__ = ("_found", "_parents", "_policies", "_turns", "_versions")

    def __init__(self, family: Family) -> None:
        """Compile the policies of a family in which nothing is wrong.

        Raises:
            PolicyErrors: something is.
        """
        if family.findings:
            raise PolicyErrors(family.findings)
        self._versions = dict(family.versions)
        self._parents = {document.name: family.parents(document) for document in family.documents}
        variants = (variant for document in family.documents for variant in family.variants[document.name])
        rules = RuleCompiler()
        compiled = (compile_policy(variant, rules) for variant in variants)
        self._policies = {policy.lineage: policy for policy in compiled}
        self._turns = sorted({turn for document in family.documents for turn in document.effective.turns()})
        # No reference means anything else between two turns. There are few: only those found are kept.
        self._found: dict[tuple[str, int], Policy] = {}

    @classmethod
    def load(
        cls, paths: Iterable[Path] = (), *, sources: Collection[str] | None = None, library: bool = True
    ) -> PolicySet:
        """Load policy files, and folders of them at any depth, beside those that come with the program.

        `sources` are the ids of the configured trust sources; a file of `paths` that names another
        one is an error. With None this is not checked. Without `library` only the root of all is loaded.

        Raises:
            PolicyErrors: with everything that is wrong in all files, and between them.
        """
        readings, findings = read_files([LIBRARY if library else LIBRARY / "core", *paths])
        return cls.of(readings, findings, sources=sources)

    @classmethod
    def of(
        cls, readings: Iterable[Reading], findings: Iterable[Finding] = (), *, sources: Collection[str] | None = None
    ) -> PolicySet:
        """Make a set of files that have been read, the library's among them; `findings` is what is wrong already.

        Raises:
            PolicyErrors: as `load`.
        """
        readings = list(readings)
        documents = [reading.document for reading in readings if reading.document is not None]
        family = Family(documents, broken=(reading.id for reading in readings if reading.document is None))
        if sources is not None:
            family.check_sources(sources)
        family.findings.extend(findings)
        family.findings.extend(finding for reading in readings for finding in reading.findings)
        return cls(family)

    def get(self, reference: str, as_of: datetime) -> Policy:
        """Return the policy `id`, `id@N` or `id@x.y.z`, as it is in effect at `as_of`.

        Without a whole version it is the newest that is in effect; so is each of its parents.

        Raises:
            UnknownPolicy: there is none of that name.
            NotInEffect: it, or a parent of it, is not in effect at `as_of`.
        """
        place = reference, bisect_right(self._turns, as_of)
        found = self._found.get(place)
        if found is None:
            found = self._found[place] = self._find(reference, as_of)
        return found

    def _find(self, reference: str, as_of: datetime) -> Policy:
        match = REFERENCE.fullmatch(reference)
        name, *version = match.groups() if match else ("", None)
        wanted = tuple(int(part) for part in version if part is not None)
        candidates = [each for each in self._versions.get(name, ()) if each.version[: len(wanted)] == wanted]
        if not candidates:
            raise UnknownPolicy(reference)
        lineage = []
        while candidates:
            document = self._choose(candidates, as_of)
            lineage.append(document.name)
            candidates = self._parents[document.name]
        return self._policies[tuple(reversed(lineage))]

    def ids(self) -> tuple[str, ...]:
        """Return the ids of all policies, sorted."""
        return tuple(sorted(self._versions))

    def documents(self) -> Iterator[Document]:
        """Yield every file's document, the versions of a policy together, the newest first."""
        return (document for versions in self._versions.values() for document in versions)

    def policies(self) -> Iterator[Policy]:
        """Yield every policy of every version, once for each choice of parents, in effect or not."""
        return iter(self._policies.values())

    def _choose(self, candidates: list[Document], as_of: datetime) -> Document:
        """Return the first of one policy's versions (newest first) that is in effect at `as_of`."""
        for document in candidates:
            if document.effective.includes(as_of):
                return document
        past = [document for document in candidates if document.effective.is_past(as_of)]
        if not past:
            raise NotInEffect(candidates[-1], as_of, None)
        versions = [document for document in self._versions[past[0].id] if not document.effective.is_past(as_of)]
        current = [document for document in versions if document.effective.includes(as_of)]
        successors = current or versions[-1:]  # the newest in effect, else the first to come
        raise NotInEffect(past[0], as_of, successors[0] if successors else None)


class Family:
    """Documents as parents and children of one another."""

    def __init__(self, documents: Iterable[Document], broken: Iterable[str | None] = ()) -> None:
        """Take the documents in, and resolve them; `broken` are ids of files that could not be read."""
        self.documents: list[Document] = []
        self.versions: dict[str, list[Document]] = defaultdict(list)
        """By id, the newest version first."""
        self.variants: dict[str, list[Resolved]] = {}
        """By id@version: the document under every choice of parents."""
        self.findings: list[Finding] = []
        """Everything that is wrong between the documents."""
        first: dict[str, Document] = {}
        for document in documents:
            if document.name in first:
                other = first[document.name]
                self._note(document.path, document.line, f"{document.name} is already in {other.path}:{other.line}")
                continue
            first[document.name] = document
            self.documents.append(document)
            self.versions[document.id].append(document)
        for versions in self.versions.values():
            versions.sort(key=lambda document: document.version, reverse=True)
        self._look_for_parents(frozenset(broken))
        self._resolve()

    def parents(self, document: Document) -> list[Document]:
        """Return every version that may be its parent, the newest first; the root of all has none."""
        if document.id == CORE:
            return []
        name, major = document.extends or _IMPLICIT
        return [parent for parent in self.versions.get(name, ()) if parent.version[0] == major]

    def check_sources(self, sources: Collection[str]) -> None:
        """Note what an operator's file names and is not configured; for the library's it is unknown."""
        for document in self.documents:
            for rule in () if document.library else document.rules:
                named = {question.source for leaf in leaves(rule.require) for question in leaf.questions()}
                for source in sorted(named.difference(sources, RESERVED_SOURCES)):
                    hint = did_you_mean(source, sources)
                    message = f'rule "{rule.id}" names the trust source "{source}", which is not configured{hint}'
                    self._note(document.path, rule.line, message)

    def _look_for_parents(self, broken: frozenset[str | None]) -> None:
        for document in self.documents:
            name, major = document.extends or _IMPLICIT
            if document.id == CORE or self.parents(document) or name in broken:
                continue
            if name in self.versions:
                message = f"{name} has no version {major}.x"
            else:
                message = f'there is no policy "{name}"{did_you_mean(name, self.versions)}'
            self._note(document.path, document.extends_line, message)

    def _resolve(self) -> None:
        """Resolve one generation after the other; what is left extends itself, or goes on too long."""
        left = {document.name: document for document in self.documents}
        for _ in range(MAX_GENERATIONS):
            ready = [each for each in left.values() if not any(parent.name in left for parent in self.parents(each))]
            for document in ready:
                self.variants[document.name] = self._under_each_parent(document)
            for document in ready:
                del left[document.name]
        for document in left.values():
            way = self._way_up(document, left)
            if way.count(way[-1]) == 1:
                message = f"there are more than {MAX_GENERATIONS} generations of policies down to this one"
            elif way[-1] == document.name:
                message = f"a policy cannot extend itself: {' → '.join(way)}"
            else:
                continue  # it is a parent of it that extends itself
            self._note(document.path, document.extends_line, message)

    def _way_up(self, document: Document, left: dict[str, Document]) -> list[str]:
        """Return the names from `document` up through those left, to the last of them or the first that comes twice."""
        way = [document.name]
        while way.count(way[-1]) == 1:
            above = [parent.name for parent in self.parents(left[way[-1]]) if parent.name in left]
            if not above:
                break
            way.append(above[0])
        return way

    def _under_each_parent(self, document: Document) -> list[Resolved]:
        above = [variant for parent in self.parents(document) for variant in self.variants[parent.name]]
        variants = []
        for parent in above if document.id != CORE else [None]:
            resolved, findings = resolve(document, parent)
            variants.append(resolved)
            self.findings.extend(findings)
        return variants

    def _note(self, path: str, line: int, message: str) -> None:
        self.findings.append(Finding(path=path, line=line, message=message))


def read_files(paths: Iterable[Path]) -> tuple[list[Reading], list[Finding]]:
    """Read policy files, and folders of them; the findings are about paths that cannot be read."""
    readings, findings = [], []
    for path in paths:
        for file in _files(path):
            try:
                with file.open("rb") as stream:
                    content = stream.read(MAX_BYTES + 1)
            except OSError as error:
                findings.append(Finding(path=str(file), line=1, message=f"cannot be read: {error.strerror}"))
                continue
            readings.append(read(str(file), content, library=file.resolve().is_relative_to(LIBRARY)))
    return readings, findings


def _files(path: Path) -> list[Path]:
    """Return the policy files of a folder, without hidden ones (a mounted volume keeps its copies there)."""
    if not path.is_dir():
        return [path]
    found = (file for pattern in ("*.yaml", "*.yml") for file in path.rglob(pattern))
    return sorted(file for file in found if not any(part.startswith(".") for part in file.relative_to(path).parts))
