"""What the sub-commands share: their words, and the options that mean the same everywhere."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from tools.words import Words

__all__ = ["LANG", "CollectionName", "Fresh", "Json", "LangOption", "Offline", "PlanOnly", "RunId", "say"]

LANG = "en" if os.environ.get("FINALE_LANG", "").lower().startswith("en") else "zh"
_WORDS = Words.load(Path(__file__).parent / "words" / "cli.yaml")


def say(key: str, **params: object) -> str:
    """A line of the command line's words, in the language of FINALE_LANG."""
    return _WORDS.say(key, LANG, **params)


Json = Annotated[bool, typer.Option("--json", help=say("opt_json"))]
Offline = Annotated[bool, typer.Option("--offline", help=say("opt_offline"))]
Fresh = Annotated[bool, typer.Option("--fresh", help=say("opt_fresh"))]
PlanOnly = Annotated[bool, typer.Option("--plan", help=say("opt_plan"))]
LangOption = Annotated[str, typer.Option("--lang", help=say("opt_lang"))]
RunId = Annotated[str, typer.Argument(metavar="ID", help=say("arg_run"))]
CollectionName = Annotated[str, typer.Argument(metavar="NAME", help=say("arg_collection"))]
