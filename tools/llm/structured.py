"""Typed answers from models that are careless about JSON.

The schema always stands in the prompt; a server-side schema is only a help. What comes back may be fenced, wrapped in
prose, preceded by a <think> block, cut, or hold raw control characters. `json-repair` mends syntax; pydantic decides.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import islice
from typing import Any

from pydantic import BaseModel, ValidationError

from tools.llm.text import whole_characters

__all__ = ["NotParsed", "parse_answer", "schema_instruction", "strip_thinking"]

_THINK = re.compile(r"<(think|thinking|reasoning)>.*?(</\1>|\Z)", re.S | re.I)
_THOUGHT_END = re.compile(r"</(?:think|thinking|reasoning)>", re.I)
_FENCE = re.compile(r"```[a-zA-Z0-9]*\s*\n?(.*?)(?:```|\Z)", re.S)
_MARK = re.compile(r'\\.|["{}\[\]]', re.S)
# What a model can write within its budget; beyond that a text is noise, and mending it would only burn time.
_MEND_CHARS, _MEND_DEPTH, _SPANS = 60_000, 60, 40


class NotParsed(ValueError):
    """Raised when a text holds nothing that fits the wanted type; the message says why, fit to show to the model."""


def strip_thinking(text: str) -> str:
    """`text` without <think> blocks: an unclosed one included, and one whose beginning was swallowed."""
    text = _THINK.sub("", text)
    return _THOUGHT_END.split(text)[-1].strip()


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
    nearest: ValidationError | None = None
    for value in _readings(strip_thinking(text)):
        try:
            return answer.model_validate(whole_characters(value))
        except ValidationError as error:
            if isinstance(value, dict) and (nearest is None or error.error_count() < nearest.error_count()):
                nearest = error
    raise NotParsed(_short(nearest) if nearest else "沒有 JSON 物件")


def _readings(text: str) -> Iterator[Any]:
    """JSON objects that `text` may mean: strict readings first, mended ones last."""
    spans = [match.group(1) for match in islice(_FENCE.finditer(text), _SPANS)]
    start = text.find("{")
    if start >= 0:
        spans.append(text[start : text.rfind("}") + 1] or text[start:])
        spans.append(text[start:])
    for span in (*spans, *islice(_balanced(text), _SPANS)):
        try:
            yield json.loads(span, strict=False)
        except (ValueError, RecursionError):
            continue
    import json_repair

    for span in filter(_mendable, dict.fromkeys(spans)):
        try:
            mended = json_repair.loads(span)
        except (ValueError, RecursionError):
            continue
        if isinstance(mended, dict) and mended:
            yield mended
        elif isinstance(mended, list):
            yield from (item for item in mended if isinstance(item, dict))


def _balanced(text: str) -> Iterator[str]:
    """The outermost `{…}` of `text` one after the other; one that never closes ends it, so no inner part is taken."""
    start, depth, quoted = 0, 0, False
    for mark in _MARK.finditer(text):
        sign = mark.group()
        if sign == '"':
            quoted = depth > 0 and not quoted
        elif quoted or sign not in "{}":
            continue
        elif sign == "{":
            start = start if depth else mark.start()
            depth += 1
        elif depth:
            depth -= 1
            if not depth:
                yield text[start : mark.end()]


def _mendable(span: str) -> bool:
    """Whether mending `span` ends soon: not too long, and not nested without end."""
    if len(span) > _MEND_CHARS:
        return False
    depth = 0
    for mark in _MARK.finditer(span):
        depth += (mark.group() in "{[") - (mark.group() in "}]")
        if depth > _MEND_DEPTH:
            return False
    return True


def _short(error: ValidationError) -> str:
    """The first three problems in one line, without the values (they may be long)."""
    problems = [
        f"{'.'.join(str(part) for part in item['loc']) or '（整體）'}: {item['msg']}" for item in error.errors()[:3]
    ]
    return "; ".join(problems)
