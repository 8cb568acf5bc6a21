"""The command line: serve, verify, resolve, policy, tenant, plugins, principles, doctor, demo.

Exit status of `verify`: without a policy 0 pass, 1 fail, 3 indeterminate; with one 0 accept, 1 reject,
3 review. 2 is a mistake in the command, everywhere.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer
from rich.console import Console

from gateway import doctor as diagnosis
from gateway import policy_commands, server, telemetry, terminal
from gateway.api import rendering, requests
from gateway.api.errors import Refused
from gateway.api.principles import NoAnswer
from gateway.api.principles import ask as ask_principles
from gateway.command import ConfigOption, Exit, JsonOption, load, opened, print_json, run, usage
from gateway.model import Expected, Outcome, Presented, VerificationRequest
from gateway.pipeline import verify as verify_credential
from gateway.tenants import new_key
from policies import evaluate
from policies import facts as facts_json
from policies.model import Verdict
from resolvers.model import Budget
from resolvers.problems import Invalid, Unavailable

if TYPE_CHECKING:
    from typing import Any

    from gateway.config import Config
    from gateway.verifier import Verifier
    from policies import Decision, Facts, Policy
    from resolvers.documents import ControllerDocument
    from resolvers.problems import Problem

_BY_OUTCOME: Final = {Outcome.PASS: Exit.YES, Outcome.FAIL: Exit.NO, Outcome.INDETERMINATE: Exit.UNKNOWN}
_BY_VERDICT: Final = {Verdict.ACCEPT: Exit.YES, Verdict.REJECT: Exit.NO, Verdict.REVIEW: Exit.UNKNOWN}

app = typer.Typer(
    help="Verifies learning and employment records, and says why in plain words.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.add_typer(policy_commands.app, name="policy")
tenant_app = typer.Typer(help="Organisations that use the service.", no_args_is_help=True)
app.add_typer(tenant_app, name="tenant")


def main() -> None:
    """Run the command line."""
    telemetry.configure("warning")
    app()


@app.command()
def serve(
    *,
    config: ConfigOption = None,
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="TCP port; 0 takes any free one.")] = None,
    workers: Annotated[int | None, typer.Option(help="Processes that share the port.")] = None,
) -> None:
    """Serve the HTTP interface until SIGTERM."""
    settings = load(config, {"server.host": host, "server.port": port, "server.workers": workers})
    try:
        status = server.serve(settings)
    except server.CANNOT_START as error:
        usage(str(error))
    raise typer.Exit(status)


@app.command()
def verify(
    source: Annotated[str, typer.Argument(metavar="FILE|URL|-", help="What holds a record; - is standard input.")],
    *,
    policy: Annotated[str | None, typer.Option(help="Id of the policy that decides.")] = None,
    as_of: Annotated[str | None, typer.Option(help="Instant at which validity is judged (RFC 3339).")] = None,
    challenge: Annotated[str | None, typer.Option(help="What the proof of its holder has to answer.")] = None,
    domain: Annotated[str | None, typer.Option(help="For whom that proof has to be made.")] = None,
    facts: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Append what the policy saw to FILE, for simulate and replay.")
    ] = None,
    as_json: JsonOption = False,
    config: ConfigOption = None,
) -> None:
    """Verify a credential, a presentation, or a file with some."""
    settings = load(config, {"server.children_processes": 0})  # one record is done before a process has started
    if facts is not None and policy is None:
        usage("--facts: facts are what a policy sees; name one with --policy")
    expected = None
    if challenge is not None or domain is not None:
        expected = Expected(challenge=challenge, domain=frozenset([domain] if domain else []))
    raise typer.Exit(run(_verify(settings, source, policy, as_of, facts, expected, as_json=as_json)))


async def _verify(
    settings: Config,
    source: str,
    policy: str | None,
    as_of: str | None,
    facts: Path | None,
    expected: Expected | None,
    *,
    as_json: bool,
) -> Exit:
    instant = None if as_of is None else _instant(as_of)
    async with opened(settings) as verifier:
        # A URL is presented as it is: it is opened like any other that an applicant brings.
        presented = Presented(content=source if "://" in source else _read(source))
        chosen = None if policy is None else _policy(verifier, policy, instant)
        result = await verify_credential(
            verifier if facts is None else replace(verifier, decide=partial(_decide_and_keep, facts)),
            VerificationRequest(
                presented=presented,
                policy=chosen,
                as_of=instant,
                expected=expected,
                limits=settings.limits.of_request,
            ),
        )
    shown = rendering.result(result, language=os.environ.get("LANG", "").partition(".")[0].replace("_", "-"))
    if as_json:
        print_json(shown)
    else:
        terminal.show_result(Console(), shown)
    return _BY_OUTCOME[result.outcome] if result.decision is None else _BY_VERDICT[result.decision.verdict]


def _decide_and_keep(file: Path, policy: Policy, facts: Facts) -> Decision:
    """Decide, and append the facts to a file of JSON lines: they name no person, but their record can be told."""
    try:
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), "w", encoding="ascii") as stream:
            stream.write(json.dumps(facts_json.to_json(facts)) + "\n")
    except OSError as error:
        usage(f"{file}: {error.strerror}")
    return evaluate(policy, facts)


def _read(source: str) -> bytes:
    try:
        return sys.stdin.buffer.read() if source == "-" else Path(source).read_bytes()
    except OSError as error:
        usage(f"{source}: {error.strerror}")


def _policy(verifier: Verifier, reference: str, as_of: datetime | None) -> Policy:
    try:
        return verifier.policies.get(reference, as_of or verifier.clock())
    except LookupError as error:
        usage(str(error))


def _instant(text: str) -> datetime:
    try:
        return requests.instant(text)
    except Refused as refused:
        usage(f"--as-of: {refused.problem.detail}")


@app.command()
def resolve(did: Annotated[str, typer.Argument(metavar="DID")], *, config: ConfigOption = None) -> None:
    """Print a DID's document, where it came from, and which of its keys can be used here."""
    raise typer.Exit(run(_resolve(load(config, {}), did)))


async def _resolve(settings: Config, did: str) -> Exit:
    async with opened(settings) as verifier:
        limits = settings.limits.of_request
        budget = Budget(fetches=limits.fetches, deadline=asyncio.get_running_loop().time() + limits.deadline)
        try:
            found = await verifier.resolution(verifier.lookup(budget)).resolve(did)
        except (Invalid, Unavailable) as error:
            _print_problem(error.problem, as_json=True)
            return Exit.NO if isinstance(error, Invalid) else Exit.UNKNOWN
    source = found.source
    print_json(
        {
            "didDocument": found.document.content,
            "verificationMethods": [_method(found.document, url) for url in found.document.methods],
            "warnings": [rendering.problem(problem, None) for problem in found.warnings],
            "source": None
            if source is None
            else {
                "url": source.url,
                "sha256": source.sha256,
                "fetchedAt": source.fetched_at.isoformat(),
                "ageSeconds": round(source.age, 3),
                "stale": source.stale,
            },
        }
    )
    return Exit.YES


def _method(document: ControllerDocument, url: str) -> dict[str, Any]:
    """Return whether the gateway can use a method's key, and if not, why: a document shows only what it holds."""
    try:
        return {"id": url, "key": document.key(url).type}
    except (Invalid, Unavailable) as error:
        return {"id": url, "key": None, "problem": rendering.problem(error.problem, None)}


@app.command()
def plugins(*, as_json: JsonOption = False, config: ConfigOption = None) -> None:
    """List what is supported: formats, suites, DID methods, status methods, trust sources, normalizers."""
    raise typer.Exit(run(_plugins(load(config, {}), as_json=as_json)))


async def _plugins(settings: Config, *, as_json: bool) -> Exit:
    async with opened(settings) as verifier:
        found = verifier.plugins()
    if as_json:
        print_json(found)
    else:
        columns = ("kind", "name", "file", "verdict")
        Console().print(terminal.table(*columns, rows=([plugin[column] for column in columns] for plugin in found)))
    return Exit.YES


@tenant_app.command("key")
def tenant_key(
    name: Annotated[str, typer.Argument(metavar="NAME")],
    *,
    days: Annotated[int, typer.Option(min=1, max=3650, help="Days until the key ends.")] = 365,
) -> None:
    """Make an API key. It is printed once, here; the configuration takes its hash."""
    key, prefix, digest = new_key()
    expires = (datetime.now(UTC) + timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ")
    typer.echo(f"# The key, which is shown this once: {key}")
    typer.echo(f"[tenants.{json.dumps(name)}]")
    typer.echo(f'keys = [{{prefix = "{prefix}", sha256 = "{digest}", expires = {expires}}}]')


@app.command()
def doctor(
    *,
    offline: Annotated[bool, typer.Option("--offline", help="Contact nobody.")] = False,
    config: ConfigOption = None,
) -> None:
    """Say what is configured, reachable and pinned, and what is missing."""
    raise typer.Exit(run(_doctor(load(config, {}), offline=offline)))


async def _doctor(settings: Config, *, offline: bool) -> Exit:
    async with opened(settings) as verifier:
        findings = [finding async for finding in diagnosis.examine(settings, verifier, offline=offline)]
    rows = ((finding.state, finding.subject, finding.text) for finding in findings)
    Console().print(terminal.table("", "", "", rows=rows))
    return Exit.NO if any(finding.state is diagnosis.State.BAD for finding in findings) else Exit.YES


@app.command()
def principles(
    *,
    url: Annotated[
        str | None, typer.Option(help="The running gateway; by default where the configuration has it listen.")
    ] = None,
    key_file: Annotated[Path | None, typer.Option(metavar="FILE", help="Holds a key that reads metrics.")] = None,
    as_json: JsonOption = False,
    config: ConfigOption = None,
) -> None:
    """Say how far the running gateway lives up to the field's interoperability principles, in figures."""
    settings = load(config, {})
    host = f"[{settings.server.host}]" if ":" in settings.server.host else settings.server.host
    key = None if key_file is None else _read(str(key_file)).decode("ascii", "replace").strip()
    try:
        found = run(ask_principles(url or f"http://{host}:{settings.server.port}", key))
    except NoAnswer as error:
        typer.echo(f"ler-gateway: {error}", err=True)
        raise typer.Exit(Exit.UNKNOWN) from None
    if as_json:
        print_json(found)
    else:
        terminal.show_principles(Console(), found)


@app.command()
def demo(*, keep: Annotated[bool, typer.Option(help="Leave everything running.")] = False) -> None:
    """Show the whole on this machine: a small world of issuers, the gateway, and its verdicts."""
    from gateway.demo import run as run_demo  # noqa: PLC0415 — brings a whole issuer world, which nothing else needs

    raise typer.Exit(run_demo(keep=keep))


def _print_problem(problem: Problem, *, as_json: bool) -> None:
    if as_json:
        print_json(rendering.problem(problem, None))
    else:
        Console().print(terminal.plain(f"{problem.title} {problem.code}: {problem.detail}"))
