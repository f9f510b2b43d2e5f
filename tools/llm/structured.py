"""Typed answers from models that are careless about JSON.

The schema always stands in the prompt; a server-side schema is only a help. What comes back may be fenced, wrapped in
prose, preceded by a <think> block, cut, or hold raw control characters. `json-repair` mends syntax; pydantic decides.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel, ValidationError

__all__ = ["NotParsed", "parse_answer", "schema_instruction", "strip_thinking"]

_THINK = re.compile(r"<(think|thinking|reasoning)>.*?(</\1>|\Z)", re.S | re.I)
_FENCE = re.compile(r"```[a-zA-Z0-9]*\s*\n?(.*?)(?:```|\Z)", re.S)


class NotParsed(ValueError):
    """Raised when a text holds nothing that fits the wanted type; the message says why, fit to show to the model."""


def strip_thinking(text: str) -> str:
    """`text` without <think> blocks, an unclosed one included."""
    return _THINK.sub("", text).strip()


def schema_instruction(answer: type[BaseModel]) -> str:
    """The lines that ask for one JSON object of the wanted type, for the end of a system prompt."""
    schema = json.dumps(answer.model_json_schema(), ensure_ascii=False)
    return (
        "只輸出一個 JSON 物件，前後不要有任何說明文字，也不要用程式碼框。"
        f"內容必須符合下面的 JSON Schema：\n```json\n{schema}\n```"
    )


def parse_answer(text: str, answer: type[BaseModel]) -> BaseModel:
    """The first reading of `text` that validates as `answer`.

    Raises:
        NotParsed: no reading does; the message is that of the most promising one.
    """
    reason = "沒有 JSON 物件"
    for value in _readings(strip_thinking(text)):
        try:
            return answer.model_validate(value)
        except ValidationError as error:
            reason = _short(error)
    raise NotParsed(reason)


def _readings(text: str) -> Iterator[Any]:
    """JSON objects that `text` may mean: strict readings first, mended ones last."""
    spans = [match.group(1) for match in _FENCE.finditer(text)]
    start = text.find("{")
    if start >= 0:
        spans.append(text[start : text.rfind("}") + 1] or text[start:])
        spans.append(text[start:])
    for span in spans:
        try:
            yield json.loads(span, strict=False)
        except ValueError:
            continue
    import json_repair

    for span in spans:
        mended = json_repair.loads(span)
        if isinstance(mended, dict) and mended:
            yield mended
        elif isinstance(mended, list):
            yield from (item for item in mended if isinstance(item, dict))


def _short(error: ValidationError) -> str:
    """The first three problems in one line, without the values (they may be long)."""
    problems = [
        f"{'.'.join(str(part) for part in item['loc']) or '（整體）'}: {item['msg']}" for item in error.errors()[:3]
    ]
    return "; ".join(problems)
