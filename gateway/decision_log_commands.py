"""`ler-gateway policy verify-log | replay`: look back at what policies have decided."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gateway.command import ConfigOption, Exit, JsonOption, load, print_json, usage
from gateway.decision_audit import Chain, Replay, chains, replay
from gateway.policy_arguments import FactsOption, facts_in, installed
from policies.drafts import Drafts
from policies.facts import digest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from policies import Policy, PolicySet

app = typer.Typer()

LogArgument = Annotated[Path, typer.Argument(metavar="LOG", help="Folder of the decision log.")]


@app.command("verify-log")
def verify_log(
    log: LogArgument,
    *,
    as_json: JsonOption = False,
) -> None:
    """Check that a decision log is as it was written; its last hashes, kept elsewhere, show later if its end is cut."""
    found = _chains(log)
    for chain in found:
        for _ in chain.records():
            pass
    _print_chains(found, as_json=as_json)
    raise typer.Exit(Exit.NO if any(chain.problems for chain in found) else Exit.YES)


@app.command("replay")
def replay_log(
    log: LogArgument,
    *,
    facts: FactsOption,
    files: Annotated[
        list[Path] | None,
        typer.Option("--policies", metavar="FILE|FOLDER", help="Policies that are no longer installed."),
    ] = None,
    as_json: JsonOption = False,
    config: ConfigOption = None,
) -> None:
    """Decide again, by the version of that day, and compare bit for bit; 3 where facts or policies are not here."""
    known = _by_digest(installed(load(config, {})), files or [])
    with facts_in(facts) as each:
        about = {digest(one): one for one in each}
    found = _chains(log)
    again = replay((record for chain in found for record in chain.records()), about, known)
    if as_json:
        print_json({"chains": list(map(_chain, found)), "replay": _replay(again)})
    else:
        _print_chains(found, as_json=False)
        _print_replay(again)
    if again.different or any(chain.problems for chain in found):
        raise typer.Exit(Exit.NO)
    raise typer.Exit(Exit.UNKNOWN if again.without_facts or again.without_policy else Exit.YES)


def _by_digest(installed: PolicySet, files: Sequence[Path]) -> dict[str, Policy]:
    drafts = Drafts.at(files)
    for finding in drafts.findings:
        typer.echo(str(finding), err=True)
    return {policy.digest: policy for policy in (*installed.policies(), *drafts.policies)}


def _chains(log: Path) -> list[Chain]:
    try:
        found = [Chain(folder) for folder in chains(log)]
    except OSError as error:
        usage(f"{log}: {error.strerror}")
    if not found:
        usage(f"{log}: there is no decision log")
    return found


def _chain(chain: Chain) -> dict[str, Any]:
    return {
        "folder": str(chain.folder),
        "files": chain.files,
        "decisions": chain.decisions,
        "head": chain.head,
        "problems": chain.problems,
        "notes": chain.notes,
    }


def _print_chains(found: Sequence[Chain], *, as_json: bool) -> None:
    if as_json:
        print_json(list(map(_chain, found)))
        return
    for chain in found:
        typer.echo(f"{chain.folder}: {chain.decisions} decisions in {chain.files} files, up to {chain.head}")
        for text in (*chain.problems, *(f"{note} (not an error)" for note in chain.notes)):
            typer.echo(f"  {text}")


def _replay(found: Replay) -> dict[str, Any]:
    return {
        "same": found.same,
        "different": found.different,
        "withoutFacts": found.without_facts,
        "withoutPolicy": dict(found.without_policy),
        "differences": found.differences,
    }


def _print_replay(found: Replay) -> None:
    typer.echo(f"{found.same} decided the same, {found.different} differently")
    for text in found.differences:
        typer.echo(f"  {text}")
    if found.without_facts:
        typer.echo(f"{found.without_facts} could not be decided again: their facts are not here")
    for name, count in sorted(found.without_policy.items()):
        typer.echo(f"{count} could not be decided again: {name} as it was then is not here")
