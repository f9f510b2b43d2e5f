"""Copy without a model: a product's own facts in the shop's way of speaking. It never says more than the facts do.

Each product of a file takes other shapes than its neighbours; the same file always gives the same copy.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from agents.copywriter import data
from agents.copywriter.evidence import sentences, usable_facts
from agents.copywriter.products import Fact, Product
from agents.copywriter.shop import Shop
from agents.copywriter.voice import LENGTHS

__all__ = ["closing_of", "compose"]

_ENDS = "。！？!?；;．. \n"
# Facts that belong into one sentence; the orders in which a description may take them.
_GROUPS = {
    "what": ("ingredients", "material", "made"),
    "sense": ("scent", "flavour", "colour", "suits"),
    "size": ("origin", "weight", "volume", "size", "pieces"),
    "use": ("use", "serve"),
    "keep": ("storage", "shelf"),
    "proof": ("certificate", "shipping"),
    "price": ("price", "sale"),
}
_ORDERS = (
    ("feature", "what", "sense", "size", "use", "keep"),
    ("feature", "size", "what", "sense", "use", "keep"),
    ("what", "feature", "size", "sense", "use", "keep"),
    ("feature", "what", "use", "sense", "size", "keep"),
)
_BULLETS = (
    "feature", "ingredients", "material", "made", "flavour", "scent", "colour", "size", "volume", "weight", "pieces",
    "use", "serve", "storage", "shelf", "origin", "suits", "certificate", "shipping", "", "sale", "story",
)  # fmt: skip
_IN_TITLE = ("flavour", "scent", "colour", "volume", "weight", "pieces", "size", "material", "origin")
_LISTED = ("ingredients", "material", "flavour", "scent", "colour")
_ALT = ("colour", "material", "flavour")
_ENOUGH = 220


def compose(shop: Shop, product: Product) -> dict[str, Any]:
    """The copy of `product`: title, bullets, description, social and alt, as plain data."""
    return _Writer(shop, product).copy()


def closing_of(shop: Shop) -> str:
    """The line that ends every post of the shop."""
    return shop.closing or _fill(data.phrases().levels[shop.voice.formality].ending[0], _proper(shop, ""))


class _Writer:
    """Writes one product."""

    def __init__(self, shop: Shop, product: Product) -> None:
        self._shop, self._product = shop, product
        self._level = data.phrases().levels[shop.voice.formality]
        self._facts = usable_facts(shop, product)
        self._words = _proper(shop, product.name)
        self._turn = _number(shop.name) + (int(product.id) if product.id.isdigit() else _number(product.name))

    def copy(self) -> dict[str, Any]:
        return {
            "title": self._title(),
            "bullets": self._bullets(),
            "description": self._description(),
            "social": self._social(),
            "alt": self._alt(),
        }

    def _title(self) -> str:
        name, most = self._product.name, LENGTHS["title"][1]
        shape = data.phrases().title[_number(self._shop.name) % len(data.phrases().title)]  # one for the whole shop
        short = [
            fact.value
            for id in _IN_TITLE
            for fact in self._of(id)
            if len(fact.value) <= 10 and fact.value not in name and not set(fact.value) & set("，。：；")
        ]
        for count in (2, 1):
            title = _fill(shape, {"name": name, "more": "・".join(short[:count])})
            if len(short) >= count and len(title) <= most:
                return title
        return name[:most]

    def _bullets(self) -> list[str]:
        shape, most = data.phrases().bullet, LENGTHS["bullets"][1]
        price = [fact for fact in self._facts if fact.id == "price"]
        others = [fact for id in _BULLETS for fact in self._of(id)]
        found = []
        for fact in [*others[: 5 - len(price[:1])], *price[:1], *others[5 - len(price[:1]) :]]:
            value = _shortened(fact.value.rstrip(_ENDS).replace("\n", "，"), most - len(fact.label) - 1)
            if value and len(found) < 5:
                found.append(_fill(shape, {"label": fact.label, "v": value}))
        spare = (_fill(one, self._words) for one in data.phrases().spare)
        return [*found, *spare][: max(3, len(found))]

    def _description(self) -> str:
        parts = [_fill(self._pick(self._level.opening, 0), self._words)]
        for group in _ORDERS[self._turn % len(_ORDERS)]:
            for sentence in self._told(group, 0):
                if sum(map(len, parts)) + len(sentence) <= _ENOUGH:
                    parts.append(sentence)
        if len(parts) < 4:
            parts += [*self._told("proof", 0), *self._told("", 0), *self._told("price", 0)][:3]
        return "".join(parts)

    def _social(self) -> str:
        hook = _fill(self._pick(self._level.hook, 0), self._words)
        body: list[str] = []
        turned = [("feature", "what"), ("what", "sense"), ("feature", "size"), ("sense", "use", "what")][self._turn % 4]
        for group in (*turned, "use", "size", "proof"):
            if len(body) < 2:
                body += [one for one in self._told(group, 1) if one not in body][: 2 - len(body)]
        price = self._told("price", 1)
        return "\n".join(filter(None, [hook, "".join(body), "".join(price)]))

    def _alt(self) -> str:
        alt = _fill(self._pick(data.phrases().alt, 0), self._words)
        for id in _ALT:
            for fact in self._of(id)[:1]:
                value = _shortened(fact.value, 24)
                more = _fill(data.phrases().alt_more, {"label": fact.label, "v": value})
                if value and len(alt) + len(more) <= 60:
                    alt += more
        return alt + "。"

    def _told(self, group: str, salt: int) -> list[str]:
        """The sentences about a group of facts, none longer than the shop wants."""
        if group == "feature":
            return list(self._own_words())
        if group == "":
            return [f"{fact.label}：{fact.value.rstrip(_ENDS)}。" for fact in self._of("") if self._fits(fact.value)][
                :2
            ]
        clauses = []
        for id in _GROUPS[group]:
            for fact in self._of(id)[:1]:
                clause = self._clause(fact, salt)
                if clause:
                    clauses.append(clause)
        return self._joined(clauses)

    def _own_words(self) -> Iterator[str]:
        for fact in [*self._of("feature"), *self._of("story")]:
            for sentence in sentences(fact.value):
                text = sentence.strip().rstrip(_ENDS)
                pieces = [text] if self._fits(text) else re.split("[，,]", text)
                yield from (f"{piece}。" for piece in pieces if piece and self._fits(piece))

    def _clause(self, fact: Fact, salt: int) -> str:
        shapes = self._level.clauses.get(fact.id) or ["{label}：{v}"]
        value = fact.value.rstrip(_ENDS).replace("\n", "，")
        if fact.id == "suits":
            value = re.sub("^(?:適合|適用於?|推薦給)", "", value)
        for shape in self._turned(shapes, salt + len(fact.id)) if value else ():
            bare = _fill(shape, {**self._words, "label": fact.label, "v": ""})
            fitted = _shortened(value, self._shop.voice.sentence - len(bare))
            if fact.id in _LISTED:
                fitted = _spoken_list(fitted)
            if fitted:
                return _fill(shape, {**self._words, "label": fact.label, "v": fitted})
        return ""

    def _joined(self, clauses: Sequence[str]) -> list[str]:
        """Sentences of clauses: simple ones together, as far as the shop's length of a sentence allows."""
        done: list[str] = []
        for clause in clauses:
            simple = not set(clause) & set("，：？！。")
            if done and simple and done[-1][1] and self._fits(f"{done[-1][0]}，{clause}"):
                done[-1] = (f"{done[-1][0]}，{clause}", True)
            else:
                done.append((clause, simple))
        return [f"{text}。" for text, _ in done]

    def _fits(self, text: str) -> bool:
        return len(re.sub(r"\s", "", text)) <= self._shop.voice.sentence

    def _of(self, id: str) -> list[Fact]:
        return [fact for fact in self._facts if fact.id == id]

    def _pick(self, choices: Sequence[str], salt: int) -> str:
        return self._turned(choices, salt)[0]

    def _turned(self, choices: Sequence[str], salt: int) -> list[str]:
        at = (self._turn + salt) % len(choices)
        return [*choices[at:], *choices[:at]]


def _proper(shop: Shop, name: str) -> dict[str, str]:
    we = shop.voice.person
    return {
        "name": name,
        "shop": shop.name,
        "we": we,
        "our": "我們家的" if we == "我們" else "我的",
        "you": shop.voice.reader,
    }


def _shortened(value: str, most: int) -> str:
    """`value` in at most `most` characters: a list loses its last things, a text its last clauses; "" where neither helps."""
    if len(value) <= most:
        return value
    for mark, ending in (("、", "等"), ("，", "")):
        items = value.split(mark)
        for count in range(len(items) - 1, 0, -1):
            text = mark.join(items[:count]) + ending
            if len(text) <= most:
                return text
    return ""


def _spoken_list(value: str) -> str:
    items = value.split("、")
    if not 2 <= len(items) <= 6 or value.endswith("等") or set(value) & set("，。：；"):
        return value
    return "、".join(items[:-1]) + "和" + items[-1]


def _fill(shape: str, words: Mapping[str, str]) -> str:
    # One pass over the shape: braces inside what is inserted are never looked at.
    return re.sub(r"\{(\w+)\}", lambda slot: words.get(slot[1], slot[0]), shape)


def _number(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=6).digest())
