"""What `finale copy` does. Imported only when it really runs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from apps.commands import run_command

__all__ = ["copy_command"]


def copy_command(
    given: Mapping[str, Any], model: str, offline: bool, fresh: bool, lang: str, plan: bool, as_json: bool
) -> None:
    """Write the copy and print it."""
    run_command("copywriter", given, {"copy": model}, offline, fresh, lang, plan, as_json)
