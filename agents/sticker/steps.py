"""The sticker agents' one question: the sheet of a theme."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from agents.prompts import Prompt
from agents.step import Step
from agents.sticker.sheet import offline_sheet
from agents.sticker.state import Sheet
from tools.words import Lang

__all__ = ["EXPAND", "question_of"]


def _offline(inputs: Mapping[str, Any]) -> dict[str, Any]:
    return offline_sheet(inputs["theme"], inputs["style_id"], inputs["count"], inputs["lang"])


EXPAND = Step(
    name="expand",
    prompt=Prompt(Path(__file__).parent / "prompts" / "expand.md"),
    offline=_offline,
    what={"zh": "展開主題", "en": "Expanding the theme"},
    answer=Sheet,
    temperature=0.7,
    max_tokens=4_000,
)


def question_of(inputs: Mapping[str, Any], lang: Lang) -> dict[str, Any]:
    """What EXPAND's prompt is filled with: the theme, the draft of the rules, and the words the artist knows."""
    from tools.images.artist import expressions, poses, props, subjects
    from tools.images.prompt import to_prompt, wish
    from tools.images.styles import known_styles

    style = known_styles().get(inputs["style"])
    draft = to_prompt(wish(inputs["theme"]), style)
    return {
        "theme": inputs["theme"],
        "style": style.name_en,
        "style_id": style.id,
        "count": inputs["count"],
        "lang": lang,
        "draft": draft.prompt,
        "against": draft.negative,
        "subjects": ", ".join(one.id for one in subjects()),
        "expressions": ", ".join(one.id for one in expressions()),
        "poses": ", ".join(one.id for one in poses()),
        "props": ", ".join(one.id for one in props()),
    }
