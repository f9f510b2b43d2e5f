"""What `finale expand`, `finale sticker` and `finale pack` do. Imported only when one of them really runs."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from agents.errors import BadInput
from apps.commands import reporting, run_command

__all__ = ["image_command", "pack_command"]

_PICTURES = (".png", ".webp", ".jpg", ".jpeg")


def image_command(
    agent: str,
    given: Mapping[str, Any],
    model: str,
    offline: bool,
    fresh: bool,
    lang: str,
    plan: bool,
    as_json: bool,
) -> None:
    """Run one of the two agents and print its result; the theme "-" is standard input, the sheet a file of `expand --json`."""
    inputs = dict(given)
    if inputs["theme"] == "-":
        # What is no UTF-8 stays recognisable, so that the command can say so in its own way.
        inputs["theme"] = sys.stdin.buffer.read().decode("utf-8", "surrogateescape")
    if "sheet" in inputs:
        with reporting(agent, as_json):
            inputs["sheet"] = _sheet(inputs["sheet"])
    run_command(agent, inputs, {"expand": model}, offline, fresh, lang, plan, as_json)


def pack_command(given: Mapping[str, Any], lang: str, as_json: bool) -> None:
    """Pack pictures; a folder stands for the pictures in it, in the order of their names."""
    pictures: list[str] = []
    for name in given["pictures"]:
        path = Path(name).expanduser()
        inside = sorted(one for one in path.iterdir() if one.suffix.lower() in _PICTURES) if path.is_dir() else [path]
        pictures += [str(one) for one in inside]
    run_command("pack", {**given, "pictures": pictures}, {}, False, False, lang, False, as_json)


def _sheet(name: str) -> Any:
    """The sheet in a JSON file: the sheet itself, an output of `expand`, or the whole envelope.

    Raises:
        BadInput: the file cannot be read or holds none.
    """
    if not name:
        return None
    try:
        found = json.loads(Path(name).expanduser().read_text(encoding="utf-8-sig"))
    except (OSError, ValueError, RecursionError) as error:
        raise BadInput("no_sheet", path=name, why=type(error).__name__) from error
    for key in ("output", "sheet"):
        if isinstance(found, dict) and isinstance(found.get(key), dict):
            found = found[key]
    if not isinstance(found, dict) or "stickers" not in found:
        raise BadInput("no_sheet", path=name, why="stickers")
    return found
