"""Texts of others inside a prompt: every line of them carries a mark that no line of the prompt's own carries.

A text may hold "[1]（INFP・…）", "先前的對話：" or "我的問題：" on a line of its own. Quoted, such a line cannot be taken for a part
of the prompt, whatever it says. A fixed mark does what a random fence would, and keeps equal questions equal: their stored
replies are found again.
"""

from __future__ import annotations

import re

__all__ = ["one_line", "quoted", "unquoted"]

_MARK = "> "
_MIMICKED = re.compile(r"(?m)(^[ \t]*|(?<=[。！？\]]))>[ \t]")


def quoted(text: str) -> str:
    """`text` with the mark before every line, whatever kind of line break separates them."""
    return "\n".join(_MARK + line for line in text.splitlines() or [""])


def unquoted(text: str) -> str:
    """A model's reply without marks it copied from what it was shown."""
    return _MIMICKED.sub("", text)


def one_line(text: str) -> str:
    """A heading or a title as one line without brackets, so that it cannot end the line it stands in."""
    return re.sub(r"[\[\]（）()【】]", " ", " ".join(text.split())).strip()
