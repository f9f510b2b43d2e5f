"""How the command line shows a comparison: the columns in order, then what each said."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import typer

from apps.options import LANG, say

__all__ = ["compare_result"]

_PROMPTS_SHOWN = 3  # more than that are read in the report, or with --json
_CHARACTERS = 600


def compare_result(output: Any) -> None:
    """Print a CompareOutput."""
    _table(output.ranking)
    prompts = [prompt["id"] for prompt in output.prompts][:_PROMPTS_SHOWN]
    for row in output.replies:
        if row["prompt_id"] not in prompts or row["repeat"] > 1:
            continue
        typer.echo(f"\n{say('compare_reply', model=row['model'])}{' '.join(row['prompt'].split())[:60]}")
        typer.echo(row["text"][:_CHARACTERS] if not row["error"] else say("compare_none", why=_why(row)))
    if output.report:
        typer.echo("\n" + say("compare_report", path=output.report))


def _table(ranking: list[dict[str, Any]]) -> None:
    from rich.console import Console
    from rich.table import Table

    voted = any(row["votes"] for row in ranking)
    table = Table(box=None, pad_edge=False)
    table.add_column(say("col_model"), overflow="fold")
    names = ["answered", "ttft", "seconds", "rate", "leak", "passed", *(["strength"] if voted else [])]
    for name in names:
        table.add_column(say(f"col_{name}"), justify="right")
    for row in ranking:
        cells = [
            f"{row['answered']}/{row['asked']}", _number(row["ttft_s"]), _number(row["seconds"]),
            _number(row["tokens_s"], 0), _share(row["leak"]), _share(row["passed"]),
        ]  # fmt: skip
        table.add_row(row["model"], *cells, *([_strength(row)] if voted else []))
    Console().print(table)


def _number(value: float | None, digits: int = 1) -> str:
    return "—" if value is None else f"{value:.{digits}f}"


def _share(value: float | None) -> str:
    return "—" if value is None else f"{value:.0%}"


def _strength(row: Mapping[str, Any]) -> str:
    if row["strength"] is None:
        return "—"
    shown = f"{row['strength']:+.2f} [{row['low']:+.2f}, {row['high']:+.2f}]"
    return f"#{row['rank']} {shown}" if row["rank"] else shown


def _why(row: Mapping[str, Any]) -> str:
    """A failure in words, with what the server itself said."""
    from agents.compare import why

    return " · ".join(filter(None, (why(row["error"], LANG), " ".join(row["error_text"].split())[:200])))
