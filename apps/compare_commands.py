"""What `finale compare` does. Imported only when it really runs."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import typer

from agents import compare
from agents.errors import BadInput
from agents.run import open_runs
from apps.commands import dump, reporting, run_command, spoken_lang
from apps.options import say
from tools.llm import Purpose
from tools.settings import Settings

__all__ = ["compare_command"]

_NUMBERS = {"temperature": float, "max_tokens": int}
_DEFAULT = "best:3"


def compare_command(
    prompts: str,
    given: Mapping[str, Any],
    variants: Sequence[str],
    skip_broken: bool,
    use_all: bool,
    fresh: bool,
    lang: str,
    plan: bool,
    as_json: bool,
) -> None:
    """Run a comparison and print its result, or only its plan."""
    purpose: Purpose = "interactive" if use_all else "background"
    with reporting("compare", as_json):
        spoken = spoken_lang(lang)
        inputs = dict(given)
        inputs["variants"] = [_variant(one) for one in variants]
        inputs["models"] = inputs["models"] or ([] if variants else _DEFAULT)
        inputs["prompts"] = _prompts(prompts, str(inputs["step"]), skip_broken)
        ready = compare.prepared(inputs)
        if plan:
            language = spoken or Settings().lang
            told = compare.plan(ready, open_runs().gateway, purpose=purpose, lang=language, fresh=fresh)
            dump({**told.model_dump(mode="json"), "fits": told.fits}) if as_json else typer.echo(told.line(language))
            return
    run_command("compare", ready.model_dump(mode="json"), {}, False, fresh, lang, False, as_json, purpose)


def _prompts(given: str, step: str, skip_broken: bool) -> Any:
    """The prompts that were meant: standard input, earlier runs, a file's, or the text itself.

    Raises:
        BadInput: a file or a row of it cannot be used, or there are no such runs.
    """
    from tools.compare import source_of

    if given == "-":
        return sys.stdin.buffer.read().decode("utf-8", "replace")
    if given.startswith("last:"):
        count = given.removeprefix("last:")
        if not (step and count.isdigit() and 1 <= int(count) <= 50):
            raise BadInput(what=say("bad_last", value=count[:20]))
        return compare.from_history(open_runs().history(int(count), step.partition(".")[0]), step)
    source = source_of(given)
    if not isinstance(source, Path):
        return source
    items, problems = compare.from_file(source, skip_broken=skip_broken)
    for problem in problems:
        typer.echo(say("warning", what=compare.skipped(source, problem)), err=True)
    return items


def _variant(given: str) -> dict[str, Any]:
    """A column from NAME=MODEL,temperature=0.2 or NAME=plan:MODEL,write:MODEL.

    Raises:
        BadInput: it cannot be understood.
    """
    name, sign, rest = given.partition("=")
    column: dict[str, Any] = {"name": name.strip(), "models": {}}
    for part in filter(None, (part.strip() for part in rest.split(","))):
        key, equals, value = part.partition("=")
        step, colon, model = part.partition(":")
        try:
            if equals and key in _NUMBERS:
                column[key] = _NUMBERS[key](value)
            elif equals and key == "system":
                column[key] = value
            elif colon and "/" not in step and model not in ("free", ""):
                column["models"][step] = model
            else:
                column["model"] = part
        except ValueError:
            raise BadInput(what=say("bad_variant", value=given[:80])) from None
    if not (sign and name.strip() and (column["models"] or column.get("model"))):
        raise BadInput(what=say("bad_variant", value=given[:80]))
    return column
