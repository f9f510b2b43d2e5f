"""A comparison as Markdown: the columns in order, then each prompt with what every column said."""

from __future__ import annotations

from agents.compare.say import words
from agents.compare.state import CompareOutput
from tools.compare import why
from tools.words import Lang

__all__ = ["as_markdown"]


def as_markdown(output: CompareOutput, lang: Lang) -> str:
    """The document. Replies stand in fences, so that nothing in them becomes part of it."""
    say = words()
    names = ("model", "answered", "ttft", "seconds", "leak", "passed")
    lines = ["| " + " | ".join(say.say(f"col_{name}", lang) for name in names) + " |", "|---" * len(names) + "|"]
    for row in output.ranking:
        cells = [row["model"].replace("|", "\\|"), f"{row['answered']}/{row['asked']}"]
        cells += ["—" if row[name] is None else f"{row[name]:.1f}" for name in ("ttft_s", "seconds")]
        cells += ["—" if row[name] is None else f"{row[name]:.0%}" for name in ("leak", "passed")]
        lines.append("| " + " | ".join(cells) + " |")
    for prompt in output.prompts:
        lines += ["", f"## {prompt['id']}", "", *_fenced(prompt["text"])]
        for row in output.replies:
            if row["prompt_id"] != prompt["id"]:
                continue
            said = row["text"] or say.say("nothing", lang, why=why(row["error"], lang))
            repeat = f" ({row['repeat']})" if row["repeat"] > 1 else ""
            lines += ["", f"### {row['model']}{repeat}", "", *_fenced(said)]
    return "\n".join(lines) + "\n"


def _fenced(text: str) -> list[str]:
    fence = "```"
    while fence in text:
        fence += "`"
    return [fence, text, fence]
