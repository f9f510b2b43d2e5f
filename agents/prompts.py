"""Prompt files: Markdown with `# system` and `# user` parts and `{{ variables }}`. A missing variable is an error.

Variables are data. They are inserted after the file was split and its template compiled, so nothing inside them (a
heading, braces, instructions) can change the prompt's structure. Longer texts of others go through the filter `quoted`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from agents.quoting import quoted

__all__ = ["Prompt"]

_PART = re.compile(r"^# (system|user)[ \t]*$", re.M)


class Prompt:
    """One prompt file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def messages(self, variables: Mapping[str, Any]) -> tuple[dict[str, str], ...]:
        """The chat messages for `variables`.

        Raises:
            jinja2.UndefinedError: the file uses a variable that was not given.
        """
        return tuple(
            {"role": role, "content": template.render(variables).strip()} for role, template in _parts(self.path)
        )

    def variables(self) -> frozenset[str]:
        """The names the file uses."""
        from jinja2 import meta

        environment = _environment()
        return frozenset(meta.find_undeclared_variables(environment.parse(self.path.read_text(encoding="utf-8"))))


@cache
def _environment():  # noqa: ANN202 (jinja2's class, imported where it is used)
    from jinja2 import StrictUndefined
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    environment = ImmutableSandboxedEnvironment(
        undefined=StrictUndefined, autoescape=False, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["quoted"] = quoted
    return environment


@cache
def _parts(path: Path) -> tuple[tuple[str, Any], ...]:
    pieces = _PART.split(path.read_text(encoding="utf-8"))
    if len(pieces) < 3:
        raise ValueError(f"{path.name}: a prompt file needs a '# system' or '# user' part")
    environment = _environment()
    return tuple((role, environment.from_string(body)) for role, body in zip(pieces[1::2], pieces[2::2], strict=True))
