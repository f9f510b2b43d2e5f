"""`finale compare`: what it takes. What it does is in compare_commands.py."""

from __future__ import annotations

from typing import Annotated

import typer

from apps.options import Fresh, Json, LangOption, PlanOnly, say

__all__ = ["compare"]


def compare(
    prompts: Annotated[str, typer.Argument(metavar="PROMPTS", help=say("arg_prompts"))],
    models: Annotated[str, typer.Option(metavar="A,B", help=say("opt_models"))] = "",
    repeat: Annotated[int, typer.Option(help=say("opt_repeat"))] = 1,
    out: Annotated[str, typer.Option(metavar="DIR", help=say("opt_compare_out"))] = "",
    since: Annotated[str, typer.Option(metavar="FILE", help=say("opt_since"))] = "",
    judge: Annotated[str, typer.Option(metavar="MODEL", help=say("opt_judge"))] = "",
    step: Annotated[str, typer.Option(metavar="AGENT.STEP", help=say("opt_step"))] = "",
    variant: Annotated[list[str] | None, typer.Option(metavar="NAME=MODEL,…", help=say("opt_variant"))] = None,
    system: Annotated[str, typer.Option(metavar="TEXT", help=say("opt_system"))] = "",
    temperature: Annotated[float | None, typer.Option(help=say("opt_temperature"))] = None,
    max_tokens: Annotated[int | None, typer.Option(help=say("opt_max_tokens"))] = None,
    budget: Annotated[int, typer.Option(help=say("opt_budget"))] = 0,
    skip_broken: Annotated[bool, typer.Option("--skip-broken", help=say("opt_skip_broken"))] = False,
    use_all: Annotated[bool, typer.Option("--use-all", help=say("opt_use_all"))] = False,
    fresh: Fresh = False,
    lang: LangOption = "",
    plan: PlanOnly = False,
    as_json: Json = False,
) -> None:
    """The same prompts to several models."""
    from apps.compare_commands import compare_command

    given = {
        "models": models, "repeats": repeat, "out": out, "since": since, "judge": judge, "step": step, "system": system,
        "temperature": temperature, "max_tokens": max_tokens, "budget": budget,
    }  # fmt: skip
    compare_command(prompts, given, variant or [], skip_broken, use_all, fresh, lang, plan, as_json)
