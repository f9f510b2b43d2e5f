"""What the double says when it answers well, and how it spoils that when a fault asks for it.

The answer is chosen by the request alone: the same request and model give the same text, others differ.
"""

from __future__ import annotations

import hashlib
import json
import random
import re
from typing import Any

from tests.doubles import samples
from tests.doubles.faults import Fault

PASSAGE = re.compile(r"^[ \t>*-]*\[(\d{1,3})\][ \t]*(.*(?:\n(?![ \t>*-]*\[\d{1,3}\]|\s*$).*)*)", re.M)
ROW_ID = re.compile(r"""["'`]?\bid["'`]?\s*[:=：]\s*["'`]?([\w.:/#-]+)""", re.I)
SENTENCE = re.compile(r"[^。！？!?\n]+[。！？!?]?")


def dice(body: dict[str, Any], model: str, seed: int) -> random.Random:
    """A generator seeded by what was asked, of whom."""
    asked = {key: body.get(key) for key in ("messages", "response_format", "seed", "prompt")}
    text = json.dumps([seed, model, asked], ensure_ascii=False, sort_keys=True, default=str)
    return random.Random(hashlib.sha256(text.encode()).digest())


def texts(body: dict[str, Any], role: str | None = None) -> list[str]:
    """The texts of all messages, or of those with `role`, in order; non-text parts are left out."""
    found = []
    for message in body.get("messages") or []:
        if not isinstance(message, dict) or (role and message.get("role") != role):
            continue
        content = message.get("content")
        if isinstance(content, list):
            parts = [part.get("text", "") for part in content if isinstance(part, dict)]
            content = "\n".join(part for part in parts if isinstance(part, str))
        if isinstance(content, str):
            found.append(content)
    return found


def find_schema(body: dict[str, Any]) -> tuple[dict[str, Any] | None, str]:
    """The JSON schema a request carries and the text it stood in ("" for `response_format`), or (None, "")."""
    wanted = body.get("response_format")
    if isinstance(wanted, dict) and isinstance(wanted.get("json_schema"), dict):
        schema = wanted["json_schema"].get("schema")
        if isinstance(schema, dict):
            return schema, ""
    decoder = json.JSONDecoder()
    for text in reversed(texts(body)):
        start = text.find("{")
        while start >= 0:
            try:
                value, end = decoder.raw_decode(text, start)
            except ValueError:
                end = start + 1
            else:
                if _is_schema(value):
                    return value, text[start:end]
            start = text.find("{", end)
    return None, ""


def _is_schema(value: Any) -> bool:
    """True for a JSON schema of an object or an array, however it was introduced in the prompt."""
    if not isinstance(value, dict):
        return False
    inside = any(isinstance(value.get(key), dict) for key in ("properties", "$defs", "items", "additionalProperties"))
    return inside and (value.get("type") in ("object", "array", None) or "$ref" in value)


def passages(text: str) -> dict[int, str]:
    """Numbered passages ("[1] …" at a line's start) of a prompt, by number."""
    return {int(number): passage.strip() for number, passage in PASSAGE.findall(text) if passage.strip()}


def first_sentence(text: str, limit: int = 90) -> str:
    """The first full sentence of `text` without its full stop; a title line above it is passed over."""
    lines = [line.strip() for line in text.splitlines() if line.strip()] or [text.strip()]
    if len(lines) > 1 and not re.search(r"[。！？!?]", lines[0]):
        lines = lines[1:]
    found = SENTENCE.search(lines[0])
    return (found.group(0) if found else lines[0]).strip().rstrip("。！？!?")[:limit]


def prose(body: dict[str, Any], rng: random.Random) -> str:
    """zh-TW prose: 3 to 5 cited sentences where the prompt has numbered passages, else 150 to 250 characters."""
    numbered = passages("\n".join(texts(body)))
    if numbered:
        chosen = rng.sample(sorted(numbered), min(len(numbered), rng.randint(3, 5)))
        cited = [f"{first_sentence(numbered[number])}[{number}]。" for number in chosen]
        padding = rng.sample(samples.BRIDGES, 3)
        return "".join(cited + padding[: max(0, 3 - len(cited))])
    return about(topic_of(body), rng)


def topic_of(body: dict[str, Any]) -> str:
    """The first line of the last user message, at most 30 characters."""
    asked = (texts(body, "user") or texts(body) or [""])[-1].strip()
    return (asked.splitlines() or [""])[0].strip(" #：:。？?！!「」")[:30] or "這個主題"


def about(topic: str, rng: random.Random) -> str:
    """150 to 250 characters of zh-TW prose that name `topic`."""
    parts = [rng.choice(samples.OPENINGS).format(topic=topic)]
    for sentence in rng.sample(samples.BODY, len(samples.BODY)):
        if len("".join(parts)) >= 150:
            break
        parts.append(sentence)
    return "".join(parts)[:250]


def row_hints(body: dict[str, Any], schema_text: str) -> dict[str, str]:
    """Ids found in the prompt ("id": values, else passage numbers) and the text that follows each."""
    for group in (texts(body, "user")[-1:], texts(body)):
        text = "\n".join(group).replace(schema_text, "") if schema_text else "\n".join(group)
        marks = list(ROW_ID.finditer(text))
        if marks:
            ends = [mark.start() for mark in marks[1:]] + [len(text)]
            return {mark.group(1): text[mark.end() : end][:400] for mark, end in zip(marks, ends, strict=True)}
        numbered = passages(text)
        if numbered:
            return {str(number): passage for number, passage in numbered.items()}
    return {}


def compose(body: dict[str, Any], model: str, seed: int, fault: Fault, said: str | None) -> str:
    """The content of an answer by `model`, spoiled as `fault` asks. `said` replaces the content made here."""
    rng = dice(body, model, seed)
    schema, schema_text = find_schema(body)
    if fault is Fault.IGNORES_FORMAT:
        return about(topic_of(body), rng)
    if fault is Fault.LOOP:
        return "我們" * 500
    if said is None and any(word in model for word in ("safety", "guard", "moderation")):
        said = '{"User Safety": "safe"}'
    if said is not None:
        try:
            value = json.loads(said)
        except ValueError:
            value = None
        return _spoil(said, value, fault)
    if schema is not None:
        sampler = samples.Sampler(rng, row_hints(body, schema_text), topic_of(body), lambda: prose(body, rng))
        value = sampler.value(schema, schema)
    elif isinstance(body.get("response_format"), dict) and body["response_format"].get("type") == "json_object":
        value = {"answer": prose(body, rng)}
    else:
        return _spoil(prose(body, rng), None, fault)
    return _spoil(json.dumps(value, ensure_ascii=False), value, fault)


def _spoil(text: str, value: Any, fault: Fault) -> str:
    """Apply a content fault. `value` is the parsed content, or None when it is prose."""
    match fault:
        case Fault.FENCED_JSON:
            pretty = text if value is None else json.dumps(value, ensure_ascii=False, indent=2)
            return f"```json\n{pretty}\n```"
        case Fault.PROSE_JSON:
            return f"好的，以下是您要的結果：\n\n{text}\n\n如果需要調整，請隨時告訴我！"
        case Fault.THINK_JSON:
            return f'<think>\n先看格式：{{"draft": [1, 2}} 大概像這樣，再填內容。\n</think>\n\n{text}'
        case Fault.CUT_JSON:
            return text[: max(1, len(text) * 3 // 5)]
        case Fault.CONTROL_JSON:
            return json.dumps(_each_string(value, _mark), ensure_ascii=False).replace("\ue000", "\n\t\x0b")
        case Fault.WRONG_TYPES_JSON:
            return json.dumps(_wrong(value), ensure_ascii=False)
        case Fault.MISSING_ROWS | Fault.DUPLICATED_ROWS | Fault.SWAPPED_ROWS:
            return json.dumps(_rows(value, fault), ensure_ascii=False)
        case Fault.SIMPLIFIED:
            return samples.simplified(text)
    return text


def _mark(text: str) -> str:
    return f"{text[: len(text) // 2]}\ue000{text[len(text) // 2 :]}"


def _each_string(value: Any, change: Any) -> Any:
    if isinstance(value, dict):
        return {key: item if key == "id" else _each_string(item, change) for key, item in value.items()}
    if isinstance(value, list):
        return [_each_string(item, change) for item in value]
    return change(value) if isinstance(value, str) else value


def _wrong(value: Any) -> Any:
    """The same data in types that no lenient parser takes: words for numbers, one string for a list."""
    if isinstance(value, dict):
        return {key: item if key in ("id", "n") else _wrong(item) for key, item in value.items()}
    if isinstance(value, list):
        if value and all(isinstance(item, str) for item in value):
            return "、".join(value)
        return [_wrong(item) for item in value]
    if isinstance(value, bool):
        return "應該算是"
    return "大約七分" if isinstance(value, int | float) else value


def _rows(value: Any, fault: Fault) -> Any:
    """The first list of objects inside `value`, with rows lost, doubled or in another order."""
    if isinstance(value, list) and value and all(isinstance(item, dict) for item in value):
        if fault is Fault.MISSING_ROWS:
            return [item for place, item in enumerate(value) if place % 3 != 1] if len(value) > 1 else []
        return [*value, value[0]] if fault is Fault.DUPLICATED_ROWS else value[::-1]
    if isinstance(value, dict):
        for key, item in value.items():
            changed = _rows(item, fault)
            if changed != item:
                return value | {key: changed}
    return value
