"""Rows for people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from rich.console import Console
from rich.table import Table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from benchmarks.effort import Row

_WIDTH: Final = 160
"""Columns of text where the output is no terminal."""


def show(title: str, columns: Mapping[str, str], rows: Sequence[Row]) -> None:
    """Print rows as a table; `columns` is key → heading, and what has no heading is not shown."""
    table = Table(title=title)
    for key, heading in columns.items():
        table.add_column(heading, justify="left" if key == "name" else "right", overflow="fold")
    for row in rows:
        table.add_row(*(_cell(row.get(key)) for key in columns))
    console = Console()
    if not console.is_terminal:
        console.width = _WIDTH
    console.print(table)


def _cell(value: Any) -> str:
    match value:
        case None:
            return "-"
        case int():
            return f"{value:,}"
        case float():
            return f"{value:,.1f}" if value >= 100 else f"{value:.3f}"
        case _:
            return str(value)
