"""Results for people at a terminal. What a credential says is untrusted text, and is printed as nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from rich.console import Console

_STYLES: Final = {
    "pass": "green",
    "accept": "green",
    "fail": "red",
    "reject": "red",
    "indeterminate": "yellow",
    "unknown": "yellow",
    "review": "yellow",
}


def plain(value: object) -> Text:
    """Return untrusted text without markup, control characters and terminal escapes, and in its verdict's colour."""
    shown = "".join(character if character.isprintable() else " " for character in str(value))
    return Text(shown, style=_STYLES.get(shown, ""))


def table(*columns: str, rows: Iterable[Iterable[object]]) -> Table:
    """Return a table of untrusted cells."""
    drawn = Table(*columns, box=None, pad_edge=False)
    for row in rows:
        drawn.add_row(*map(plain, row))
    return drawn


def show_result(console: Console, result: Mapping[str, Any]) -> None:
    """Print a result (its JSON form): the sentence first, then what it rests on."""
    console.print(plain(result["summary"]), style="bold")
    facts = [("outcome", result["outcome"])]
    if result["decision"] is not None:
        facts.append(("decision", result["decision"]))
        facts.append(("policy", f"{result['policy']['id']} {result['policy']['version']}"))
    name = (result.get("credential") or {}).get("name")
    issuer = result.get("issuer") or {}
    unverified = " (not verified)" if result.get("claimsUnverified") else ""
    facts += [("credential", f"{name}{unverified}")] if name else []
    facts += [("issuer", issuer.get("name") or issuer.get("id"))] if issuer.get("name") or issuer.get("id") else []
    console.print(table("", "", rows=facts))
    console.print()
    console.print(
        table(
            "check",
            "outcome",
            "problem",
            rows=(
                (check["name"], check["outcome"], "; ".join(_problem(problem) for problem in check["problems"]))
                for check in result["checks"]
                if check["outcome"] != "not_applicable"
            ),
        )
    )
    rules = (result.get("policy") or {}).get("rules") or []
    if rules:
        console.print()
        rows = ((rule["id"], rule["state"], rule["say"], rule["found"], rule.get("fix") or "") for rule in rules)
        console.print(table("rule", "state", "says", "found", "remedy", rows=rows))


def _problem(problem: Mapping[str, Any]) -> str:
    detail = problem.get("detail")
    return f"{problem['code']}: {detail}" if detail else str(problem["code"])
