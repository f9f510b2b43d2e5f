"""A conversation as a Markdown document: what was asked, what was answered by whom, and the passages it rests on."""

from __future__ import annotations

import time
from collections.abc import Iterable
from pathlib import Path

from agents.counselor.conversation import has_gap
from agents.store import RunRecord
from tools.words import Lang, Words

__all__ = ["as_markdown"]


def as_markdown(turns: Iterable[RunRecord], lang: Lang) -> str:
    """The document. Passages stand as quotes word for word; text that looks like Markdown stays text."""
    words = Words.load(Path(__file__).with_name("messages.yaml"))
    records = list(turns)
    parts = [f"# {words.say('export_title', lang)}", words.say("export_limits", lang)]
    if has_gap(records):
        parts.append(f"*{words.say('export_gap', lang)}*")
    for record in records:
        envelope = record.envelope or {}
        output = envelope.get("output") or {}
        when = time.strftime("%Y-%m-%d %H:%M", time.localtime(record.created))
        who = envelope.get("models", {}).get("answer", "")
        by = words.say("export_offline" if who in ("", "offline") else "export_model", lang, model=who)
        about = [when, output.get("mbti") or record.inputs.get("mbti", ""), by if output else ""]
        parts.append(f"## {_line(record.inputs.get('question', ''))}")
        parts.append(f"*{_line(' · '.join(filter(None, about)))}*")
        parts.append(_text(output.get("answer") or words.say("export_unanswered", lang)))
        for source in output.get("sources", []):
            title = f"{source.get('title') or ''} {source['type']} {source['topic']}".strip()
            quoted = "\n".join(f"> {line}".rstrip() for line in _text(source["text"]).splitlines())
            parts.append(f"> **\\[{source['n']}\\] {_line(title)}**\n>\n{quoted}")
    return "\n\n".join(parts) + "\n"


def _line(text: str) -> str:
    return " ".join(_text(text).split())


def _text(text: str) -> str:
    """`text` so that no viewer takes HTML, links or images in it for markup; citations [1] stay readable."""
    return (
        text.replace("\\", "\\\\").replace("<", "\\<").replace("](", "]\\(").replace("![", "!\\[").replace("#", "\\#")
    )
