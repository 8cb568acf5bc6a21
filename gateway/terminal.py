"""Results for people at a terminal. What a credential says is untrusted text, and is printed as nothing else."""

from __future__ import annotations

import json
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
    shown = "".join(character if character.isprintable() or character == "\n" else " " for character in str(value))
    return Text(shown, style=_STYLES.get(shown, ""))


def table(*columns: str, rows: Iterable[Iterable[object]]) -> Table:
    """Return a table of untrusted cells; without a header if no column has a name."""
    drawn = Table(*columns, box=None, pad_edge=False, show_header=any(columns))
    for row in rows:
        drawn.add_row(*map(plain, row))
    return drawn


def show_result(console: Console, result: Mapping[str, Any]) -> None:
    """Print a result (its JSON form): the sentence first, then what it rests on."""
    console.print(plain(result["summary"]), style="bold")
    unverified = " (not verified)" if result["claimsUnverified"] else ""
    facts = [("outcome", result["outcome"])]
    if result["policy"] is not None:
        policy = result["policy"]
        facts += [("decision", result["decision"]), ("policy", f"{policy['id']} {policy['version']}")]
    for name in ("credential", "issuer"):
        shown = result[name]["displayName"] or result[name]["id"]
        facts += [(name, f"{shown}{unverified}")] if shown else []
    console.print(table("", "", rows=facts))
    console.print()
    made = [check for check in result["checks"] if check["outcome"] != "not_applicable"]
    checks = ((check["name"], check["outcome"], "\n".join(map(_problem, check["problems"]))) for check in made)
    console.print(table("check", "outcome", "problem", rows=checks))
    if result["policy"] is not None and result["policy"]["rules"]:
        stated = result["policy"]["rules"]
        rules = ((rule["id"], rule["state"], rule["say"], rule["found"], rule["fix"] or "") for rule in stated)
        console.print()
        console.print(table("rule", "state", "says", "found", "remedy", rows=rules))
    if result["children"]:
        inside = (
            (child["pointer"], child["credential"]["displayName"] or "", child["outcome"], child["decision"] or "")
            for child in result["children"]
        )
        console.print()
        console.print(table("record in it", "name", "outcome", "decision", rows=inside))


def show_principles(console: Console, page: Mapping[str, Any]) -> None:
    """Print the principles (their JSON form), each with its figure and what it rests on."""
    for principle in page["principles"]:
        measure = principle["measure"]
        console.print(plain(principle["name"]), style="bold")
        console.print(plain(principle["asks"]))
        rows = [(name, json.dumps(value)) for name, value in measure.items()]
        console.print(table("", "", rows=rows))
        console.print(plain(principle["how"]), style="dim")
        console.print()
    console.print(plain(page["scope"]["says"]))


def _problem(problem: Mapping[str, Any]) -> str:
    return f"{problem['code']}: {problem['say']} ({problem['detail']})"
