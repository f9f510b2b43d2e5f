"""What `finale expand` and `finale sticker` do. Imported only when one of them really runs."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

from apps.commands import run_command

__all__ = ["image_command"]


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
    """Run one of the two agents and print its result; the theme "-" is standard input."""
    inputs = dict(given)
    if inputs["theme"] == "-":
        # What is no UTF-8 stays recognisable, so that the command can say so in its own way.
        inputs["theme"] = sys.stdin.buffer.read().decode("utf-8", "surrogateescape")
    run_command(agent, inputs, {"expand": model}, offline, fresh, lang, plan, as_json)
