"""`ler-gateway policy …`: write, check, compare and publish policies, and look back at what they decided.

Exit status: 0 yes, 1 no (something is wrong, a test failed, the policies differ, a decision could not be
had again), 3 not known (something that was needed is not here), 2 a mistake in the command.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

import policies
from gateway import decision_log_commands, policy_bundle_commands, policy_reports, terminal
from gateway.command import ConfigOption, Exit, JsonOption, load, print_json
from gateway.policy_arguments import FactsOption, PathsArgument, PolicyArgument, chosen, facts_in, lines_in
from gateway.policy_population import simulate_lines
from policies import LIBRARY
from policies.conditions.combinators import leaves
from policies.diff import Change, diff
from policies.drafts import Drafts
from policies.explain import Audience
from policies.explain import explain as explanation
from policies.schema import facts_schema as schema_of_facts
from policies.schema import policy_schema
from policies.simulate import flips

if TYPE_CHECKING:
    from policies import Policy
    from policies.diff import PolicyDifference
    from policies.simulate import Flips, Simulation


class Format(StrEnum):
    """How an explanation is written."""

    TEXT = "text"
    MARKDOWN = "markdown"


app = typer.Typer(help="Policies of states and employers.", no_args_is_help=True)
app.add_typer(policy_bundle_commands.app, name="bundle")
app.add_typer(decision_log_commands.app)


@app.command()
def lint(paths: PathsArgument = None, *, as_json: JsonOption = False) -> None:
    """Check policy files by themselves and against their parents, which are looked for beside them and installed."""
    found = policies.lint(paths or [LIBRARY])
    if as_json:
        print_json(policy_reports.findings(found))
    else:
        for finding in found:
            typer.echo(str(finding))
    raise typer.Exit(Exit.NO if found else Exit.YES)


@app.command("test")
def run_tests(paths: PathsArgument = None, *, as_json: JsonOption = False) -> None:
    """Run the tests that policy files carry, and say which conditions they leave untried."""
    drafts = Drafts.at(paths or [LIBRARY])
    reports = [(policy, policies.run_inline_tests(policy)) for policy in drafts.policies]
    passed = not drafts.findings and all(report.passed for _, report in reports)
    if as_json:
        results = [policy_reports.tests(policy, report) for policy, report in reports]
        print_json({"findings": policy_reports.findings(drafts.findings), "policies": results})
        raise typer.Exit(Exit.YES if passed else Exit.NO)
    for finding in drafts.findings:
        typer.echo(str(finding))
    for policy, report in reports:
        for result in report.results:
            if result.problem is not None:
                typer.echo(f"{result.path}:{result.line}: {result.problem}")
        for finding in report.uncovered:
            typer.echo(f"{finding} (not an error)")
        failed = sum(result.problem is not None for result in report.results)
        typer.echo(f"{policy.lineage[-1]}: {len(report.results)} tests, {failed} failed, {_coverage(policy, report)}")
    raise typer.Exit(Exit.YES if passed else Exit.NO)


def _coverage(policy: Policy, report: policies.InlineReport) -> str:
    """Return how many of its own conditions are seen to pass in one test, and not to pass in another."""
    own = [rule for rule in policy.rules if rule.origin == policy.lineage[-1]]
    sides = 2 * sum(1 for rule in own for _ in leaves(rule.require))
    return f"leaf coverage {1 - len(report.uncovered) / sides:.0%}"


@app.command()
def explain(
    policy: PolicyArgument,
    *,
    audience: Annotated[Audience, typer.Option(help="For whom.")] = Audience.RECRUITER,
    form: Annotated[Format, typer.Option("--format", help="How it is written.")] = Format.TEXT,
    config: ConfigOption = None,
) -> None:
    """Say in plain words what a policy requires, inherited rules included."""
    text = explanation(chosen(policy, load(config, {})), audience=audience, markdown=form is Format.MARKDOWN)
    typer.echo(text, nl=False)


@app.command()
def schema() -> None:
    """Print the JSON Schema of policy files, for editors."""
    print_json(policy_schema())


@app.command("facts-schema")
def facts_schema() -> None:
    """Print the JSON Schema of the facts that policies see."""
    print_json(schema_of_facts())


@app.command("diff")
def compare(
    old: PolicyArgument,
    new: PolicyArgument,
    *,
    facts: FactsOption | None = None,
    as_json: JsonOption = False,
    config: ConfigOption = None,
) -> None:
    """Say what changes from one policy to another, and with facts for how many records; 1 where they decide apart."""
    settings = load(config, {})
    first, second = chosen(old, settings), chosen(new, settings)
    found = diff(first, second)
    counted = None
    if facts is not None:
        with facts_in(facts) as each:
            counted = flips(first, second, each)
    if as_json:
        print_json(policy_reports.difference(found, counted))
    else:
        _print_difference(found, counted)
    raise typer.Exit(Exit.YES if found.change is Change.SAME else Exit.NO)


def _print_difference(found: PolicyDifference, counted: Flips | None) -> None:
    typer.echo(f"{found.old} → {found.new}: {found.change}")
    for rule in found.rules:
        typer.echo(f"  rule {rule.rule}: {rule.change}")
        for each in rule.differences:
            typer.echo(f"    {each}")
    for each in found.differences:
        typer.echo(f"  {each}")
    if counted is not None:
        typer.echo(f"{counted.flipped:,} of {counted.total:,} flip")
        for (before, after), count in sorted(counted.verdicts.items()):
            if before is not after:
                typer.echo(f"  {before} → {after}: {count:,}")


@app.command("simulate")
def simulate_facts(
    policy: PolicyArgument,
    *,
    facts: FactsOption,
    processes: Annotated[int, typer.Option(min=1, max=64, help="Processes that read; for millions of records.")] = 1,
    as_json: JsonOption = False,
    config: ConfigOption = None,
) -> None:
    """Count what a policy decides about the facts of many records."""
    decider = chosen(policy, load(config, {}))
    with lines_in(facts) as lines:
        found = simulate_lines(decider, lines, name=str(facts), processes=processes)
    if as_json:
        print_json(policy_reports.simulation(decider, found))
    else:
        _print_simulation(found)


def _print_simulation(found: Simulation) -> None:
    def share(count: int) -> str:
        return f"{count:,} ({count / found.total:.1%})" if found.total else "0"

    rows = [(verdict.value, share(found.verdicts[verdict])) for verdict in policies.Verdict]
    rows.append(("something unknown", share(found.incomplete)))
    console = Console()
    console.print(terminal.table("", f"of {found.total:,} facts", rows=rows))
    names = sorted(found.failed.keys() | found.unknown.keys())
    each = ((name, share(found.failed[name]), share(found.unknown[name])) for name in names)
    console.print(terminal.table("rule", "fails", "unknown", rows=each))
