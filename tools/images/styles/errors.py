"""What can be wrong with a style or a preset.

StyleError
├── BadStyleFile     a style or preset file is missing, is no YAML or JSON, or breaks its format
├── NoSuchStyle      a style is asked for that no loaded file has
└── StyleChanged     a locked style no longer has the words it was locked with
"""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from tools.errors import FinaleError

__all__ = ["BadStyleFile", "NoSuchStyle", "StyleChanged", "StyleError"]


class StyleError(FinaleError):
    """Raised for anything wrong with styles and presets; see the subclasses."""

    code: ClassVar[str] = "style"
    words_file: ClassVar[Path] = Path(__file__).with_name("messages.yaml")


class BadStyleFile(StyleError):
    """Raised when a style or preset file cannot be read as one; says the file, the place and what is wrong there."""

    code: ClassVar[str] = "bad_style_file"


class NoSuchStyle(StyleError):
    """Raised when a style is asked for that no loaded file has; names the nearest ones."""

    code: ClassVar[str] = "no_such_style"


class StyleChanged(StyleError):
    """Raised when a stored style lock and its words no longer agree."""

    code: ClassVar[str] = "style_changed"
