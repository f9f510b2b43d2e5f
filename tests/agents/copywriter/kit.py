"""A shop for tests, and an author that answers for a model from the facts it was given."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

__all__ = ["SHOP", "SOAP", "author", "facts_in", "rows", "saying"]

SHOP: dict[str, Any] = {
    "店名": "巷口皂坊",
    "語氣": {"自稱": "我們", "稱呼": "你", "句長": 40, "表情符號": False, "正式程度": "口語"},
    "用詞": {"想用": ["慢慢來"], "不用": ["奢華"]},
    "結尾": "有問題都可以問我們。",
    "標籤": ["巷口皂坊"],
}
SOAP: dict[str, Any] = {
    "品名": "艾草皂",
    "價格": 200,
    "重量(公克)": 100,
    "成分": "椰子油、橄欖油、艾草粉、氫氧化鈉",
    "製作": "手工冷製，晾皂 45 天",
    "產地": "彰化鹿港",
    "特色": "泡泡細",
}


def facts_in(body: Mapping[str, Any]) -> dict[str, str]:
    """The facts a question tells, by their label."""
    told = body["messages"][1]["content"].split("商品事實：", 1)[1]
    return dict(re.findall(r"^> ([^：\n]+)：(.*)$", told, re.M))


def author(body: Mapping[str, Any]) -> dict[str, Any]:
    """A model that writes only what the facts say."""
    facts = facts_in(body)
    name = facts["品名"]
    price = facts.get("價格", "")
    return {
        "title": f"{name}，日常用的那一塊",
        "bullets": [f"{label}：{value}" for label, value in facts.items() if label != "品名"][:5],
        "description": f"{name}放在浴室的角落，慢慢來就好。" + "".join(f"{k}是{v}。" for k, v in facts.items())[:150],
        "social": f"今天想跟你說說{name}。一份 {price}，放在浴室慢慢用。",
        "alt": f"一塊{name}",
    }


def saying(change: Callable[[dict[str, Any]], dict[str, Any]]) -> Callable[[Mapping[str, Any]], str]:
    """An author whose answers are changed on the way."""
    return lambda body: json.dumps(change(author(body)), ensure_ascii=False)


def rows(count: int) -> str:
    """A CSV of that many products."""
    lines = [f"第{n}號皂,{100 + n},{50 + n},橄欖油、艾草粉" for n in range(1, count + 1)]
    return "\n".join(["品名,價格,重量(公克),成分", *lines]) + "\n"
