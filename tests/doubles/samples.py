"""Sample strings in zh-TW and a generator of instances that fit a JSON schema."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

OPENINGS = [
    "談到「{topic}」，可以先從日常裡看得到的小事說起。",
    "「{topic}」其實沒有標準答案，不過有幾個方向值得先想清楚。",
    "如果要用一句話介紹「{topic}」，重點在於先了解自己的需要。",
    "很多人第一次接觸「{topic}」時，都會覺得不知道從哪裡下手。",
]
BODY = [
    "先把目標寫下來，再把它拆成一週內做得到的三個步驟。",
    "和身邊有經驗的人聊一聊，往往比自己埋頭想更快找到方向。",
    "過程中記得留下紀錄，之後回頭看才知道哪一步真的有用。",
    "時間不夠的時候，先完成最重要的一件事，其餘的可以晚點再補。",
    "遇到不確定的資料，至少找兩個來源互相對照，並把出處記下來。",
    "每天固定留半小時給這件事，比週末一次做完更容易持續。",
    "如果做到一半覺得卡住，換個地方、換個順序，常常就會有新的想法。",
    "最後別忘了整理成自己的話，下次需要時才能馬上派上用場。",
    "預算有限也沒關係，校園裡的免費資源其實比想像中多。",
    "把做得好的地方也寫下來，信心會跟著一點一點累積。",
]
BRIDGES = [
    "以上幾點可以依自己的情況調整先後順序。",
    "實際做的時候，建議一次只改變一件事。",
    "若還有疑問，可以再把情況說得具體一些。",
]
PHRASES = ["時間安排", "小組分工", "資料整理", "面試準備", "情緒照顧", "預算規劃", "簡報技巧", "閱讀方法"]
TITLES = [
    "校園二手書市集週末登場",
    "圖書館延長考前開放時間",
    "社團聯展邀請新生一起體驗",
    "學生團隊打造自助點餐程式",
    "通識課新增人工智慧入門單元",
    "宿舍節能競賽結果出爐",
]
QUESTIONS = [
    "準備面試時，怎麼安排練習的順序？",
    "和組員意見不同時，可以怎麼開口？",
    "期末壓力大，有什麼簡單的放鬆方法？",
    "要怎麼判斷一個科系適不適合自己？",
    "做決定前，還需要蒐集哪些資料？",
]
REASONS = [
    "內容具體，附上可以查證的數字。",
    "和主題直接相關，讀者馬上用得到。",
    "消息來源清楚，但細節稍嫌不足。",
    "觀點新鮮，不過例子只有一個。",
]
POSITIVE = ["a cute shiba inu", "flat vector sticker", "thick white outline", "soft pastel colors", "smiling face"]
TYPES = ["INFP", "ENFP", "INTJ", "ISTJ", "ESFJ", "ENTP"]
DATED = {"date": "2026-05-20", "date-time": "2026-05-20T09:30:00+08:00", "time": "09:30:00"}
FORMATS = DATED | {"uri": "https://example.org/article/1", "email": "student@example.org"}

# The first row whose word is in a property's name decides what its string is about.
BY_NAME: list[tuple[tuple[str, ...], list[str]]] = [
    (("negative",), ["lowres, blurry, watermark, text, extra limbs"]),
    (("prompt", "positive"), [", ".join(POSITIVE), ", ".join(POSITIVE[:4]), ", ".join(reversed(POSITIVE))]),
    (("url", "link"), ["https://example.org/article/1", "https://example.org/article/2"]),
    (("date", "published"), [DATED["date"]]),
    (("lang",), ["zh-TW"]),
    (("mbti",), TYPES),
    (("question", "query", "queries", "follow"), QUESTIONS),
    (("title", "headline", "heading"), TITLES),
    (("why", "reason", "explanation", "comment"), REASONS),
    (("topic", "tag", "keyword", "name", "label", "category"), PHRASES),
]
LONG = ("answer", "text", "content", "body", "post", "article", "reply", "draft")
SHORT = ("summary", "brief", "description", "intro", "conclusion")


@cache
def _tables() -> tuple[dict[int, int], dict[str, str]]:
    data = json.loads(Path(__file__).with_name("simplified.json").read_text(encoding="utf-8"))
    return str.maketrans(data["characters"]["traditional"], data["characters"]["simplified"]), data["words"]


def simplified(text: str) -> str:
    """`text` as a model that drifts would write it: Simplified characters and mainland words."""
    characters, words = _tables()
    for word, other in words.items():
        text = text.replace(word, other)
    return text.translate(characters)


class Sampler:
    """Makes an instance of a JSON schema.

    `hints` maps row ids to the prompt's text about each, `prose` makes the text of long fields.
    """

    def __init__(self, rng: random.Random, hints: dict[str, str], topic: str, prose: Callable[[], str]) -> None:
        self.rng = rng
        self.hints = hints
        self.topic = topic
        self.prose = prose

    def value(self, schema: Any, root: dict[str, Any], name: str = "", hint: str = "", depth: int = 0) -> Any:
        """An instance of `schema`; `root` resolves `$ref`, `name` is the property it fills."""
        schema = self._plain(schema, root)
        if "const" in schema:
            return schema["const"]
        if schema.get("enum"):
            return self.rng.choice(schema["enum"])
        kind = schema.get("type")
        if isinstance(kind, list):
            kind = next((each for each in kind if each != "null"), "null")
        kind = kind or ("object" if "properties" in schema else "array" if "items" in schema else "string")
        match kind:
            case "object":
                return self._object(schema, root, hint, depth)
            case "array":
                return self._array(schema, root, name, hint, depth)
            case "integer" | "number":
                return self._number(schema, kind)
            case "boolean":
                return self.rng.random() < 0.5
            case "null":
                return None
        return self._string(schema, name, hint)

    def _plain(self, schema: Any, root: dict[str, Any]) -> dict[str, Any]:
        """`schema` with `$ref`, `anyOf`/`oneOf` (first that is not null) and `allOf` resolved."""
        for _ in range(20):
            if not isinstance(schema, dict):
                return {}
            rest = {key: item for key, item in schema.items() if key not in ("$ref", "anyOf", "oneOf", "allOf")}
            if "$ref" in schema:
                target: Any = root
                for step in str(schema["$ref"]).removeprefix("#").strip("/").split("/"):
                    target = target.get(step, {}) if isinstance(target, dict) else {}
                schema = {**(target if isinstance(target, dict) else {}), **rest} if schema["$ref"] != "#" else root
            elif choices := schema.get("anyOf") or schema.get("oneOf"):
                real = [each for each in choices if isinstance(each, dict) and each.get("type") != "null"]
                schema = {**rest, **(real or choices)[0]}
            elif schema.get("allOf"):
                merged: dict[str, Any] = rest
                for part in schema["allOf"]:
                    part = self._plain(part, root)
                    both = {**merged.get("properties", {}), **part.get("properties", {})}
                    merged = {**merged, **part, **({"properties": both} if both else {})}
                schema = merged
            else:
                return schema
        return {}

    def _object(self, schema: dict[str, Any], root: dict[str, Any], hint: str, depth: int) -> dict[str, Any]:
        required = schema.get("required", [])
        made = {
            key: self.value(part, root, key, hint, depth + 1)
            for key, part in (schema.get("properties") or {}).items()
            if depth < 8 or key in required
        }
        extra = schema.get("additionalProperties")
        if not made and isinstance(extra, dict):
            keys = (schema.get("propertyNames") or {}).get("enum") or self.rng.sample(PHRASES, 3)
            made = {key: self.value(extra, root, key, hint, depth + 1) for key in keys}
        return made

    def _array(self, schema: dict[str, Any], root: dict[str, Any], name: str, hint: str, depth: int) -> list[Any]:
        items = self._plain(schema.get("items", {}), root)
        least, most = schema.get("minItems", 0), schema.get("maxItems", 10_000)
        count = min(max(3, least), most)
        key = next((k for k in ("id", "n", "index") if k in (items.get("properties") or {})), None)
        if key and depth < 4:
            part = self._plain(items["properties"][key], root)
            rows = []
            wanted = list(self.hints.items())[:most] or [(str(n + 1), "") for n in range(count)]
            for place, (row_id, about) in enumerate(wanted, 1):
                row = self.value(items, root, name, about, depth + 1)
                row[key] = row_id
                if part.get("type") == "integer":
                    row[key] = int(row_id) if row_id.isdigit() else place
                rows.append(row)
            return rows
        if depth > 8:
            return []
        made: list[Any] = []
        for _ in range(count * 4):
            if len(made) == count:
                break
            one = self.value(items, root, name, hint, depth + 1)
            if one not in made or not schema.get("uniqueItems", one in TITLES + QUESTIONS + PHRASES):
                made.append(one)
        return made

    def _number(self, schema: dict[str, Any], kind: str) -> int | float:
        low = schema.get("minimum", schema.get("exclusiveMinimum"))
        high = schema.get("maximum", schema.get("exclusiveMaximum"))
        if low is None and high is None:
            low, high = (1, 5) if kind == "integer" else (0, 1)
        low = high - 5 if low is None else low
        high = low + 5 if high is None else high
        if kind == "integer":
            first, last = int(low) + ("exclusiveMinimum" in schema), int(high) - ("exclusiveMaximum" in schema)
            return self.rng.randint(first, max(first, last))
        return round(low + (high - low) * (0.1 + 0.8 * self.rng.random()), 2)

    def _string(self, schema: dict[str, Any], name: str, hint: str) -> str:
        if schema.get("format") in FORMATS:
            return FORMATS[schema["format"]]
        text = self._phrase(name.lower(), hint)
        if pattern := schema.get("pattern"):
            candidates = [text, *self.hints, *TYPES, *DATED.values(), *PHRASES, "zh-TW", "#3b7a57", "abc", "1", "A"]
            text = next((each for each in candidates if re.search(pattern, each)), text)
        while len(text) < schema.get("minLength", 0):
            text += self.rng.choice(BODY)
        return text[: schema.get("maxLength", len(text))]

    def _phrase(self, name: str, hint: str) -> str:
        if self.hints and re.search(r"(^|_)ids?$", name):
            return self.rng.choice(list(self.hints))
        told = re.search(r"[\u4e00-\u9fff][^。！？\n\"{}\[\]]+", hint)
        if told and any(word in name for word in ("title", "headline", *LONG, *SHORT)):
            return told.group(0).strip("，、；：,;: ")[: 24 if "title" in name else 80]
        for words, choices in BY_NAME:
            if any(word in name for word in words):
                return self.rng.choice(choices)
        if any(word in name for word in LONG):
            return self.prose()
        if any(word in name for word in SHORT):
            return self.rng.choice(OPENINGS).format(topic=self.topic) + self.rng.choice(BODY)
        return self.rng.choice(PHRASES + REASONS)
