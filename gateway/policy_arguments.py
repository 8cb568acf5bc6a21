"""Policies and facts as the command line names them: by id, or as files."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from gateway.command import usage
from gateway.policy_files import PolicyFiles, find
from policies import NotInEffect, PolicyErrors, UnknownPolicy
from policies.drafts import Drafts
from policies.facts import FactsError
from policies.facts_lines import read_lines

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import TextIO

    from gateway.config import Config
    from policies import Facts, Policy, PolicySet

POLICY_FILES: Final = (".yaml", ".yml")

PathsArgument = Annotated[
    list[Path] | None, typer.Argument(metavar="[FILE|FOLDER…]", help="Without any: the policies that are installed.")
]
PolicyArgument = Annotated[str, typer.Argument(metavar="ID|FILE", help="Also one that is not in effect: id@x.y.z.")]
FactsOption = Annotated[
    Path, typer.Option("--facts", metavar="FILE", help="Facts, one JSON object a line; - is standard input.")
]


def installed(settings: Config) -> PolicySet:
    """Return the policies of a configuration."""
    sources = frozenset(source.id for source in settings.trust_sources)
    try:
        return PolicyFiles(settings, sources=sources, clock=_now, remember=False).current.policies
    except PolicyErrors as errors:
        usage(str(errors))


def chosen(reference: str, settings: Config) -> Policy:
    """Return the policy of an id (with a whole version also one that is not in effect), or the one in a file."""
    if reference.endswith(POLICY_FILES):
        drafts = Drafts.at([Path(reference)])
        if drafts.findings:
            usage("\n".join(map(str, drafts.findings)))
        return drafts.policies[-1]
    known = installed(settings)
    try:
        return find(known, reference, _now())
    except (UnknownPolicy, NotInEffect) as error:
        usage(str(error))


@contextmanager
def facts_in(path: Path) -> Iterator[Iterator[Facts]]:
    """Open a file of facts; what is wrong in it is a usage error."""
    with lines_in(path) as lines:
        yield (facts for _, facts in read_lines(lines, name=str(path)))


@contextmanager
def lines_in(path: Path) -> Iterator[TextIO]:
    """Open a file of facts to read its lines; what is wrong in them is a usage error."""
    try:
        with _text(path) as stream:
            yield stream
    except (OSError, UnicodeDecodeError) as error:
        usage(f"{path}: {error.strerror if isinstance(error, OSError) else 'is not UTF-8'}")
    except FactsError as error:
        usage(str(error))


@contextmanager
def _text(path: Path) -> Iterator[TextIO]:
    if str(path) == "-":
        yield sys.stdin
    else:
        with path.open(encoding="utf-8") as stream:
            yield stream


def _now() -> datetime:
    return datetime.now(UTC)
