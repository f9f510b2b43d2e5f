"""The copywriter's one question: a draft of one product's copy."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from agents.copywriter.evidence import usable_facts
from agents.copywriter.offline import compose
from agents.copywriter.products import Product
from agents.copywriter.shop import Shop
from agents.copywriter.state import Draft
from agents.prompts import Prompt
from agents.quoting import one_line
from agents.step import Step

__all__ = ["COPY", "question_of"]

# What a model is asked for is narrower than what is taken: it counts badly.
_ASKED = {
    "title": "8 到 28",
    "bullets": "8 到 36",
    "description": "80 到 200",
    "social": "50 到 140",
    "alt": "10 到 50",
}


def _offline(inputs: Mapping[str, Any]) -> dict[str, Any]:
    return compose(Shop.model_validate(inputs["profile"]), Product.model_validate(inputs["product"]))


COPY = Step(
    name="copy",
    prompt=Prompt(Path(__file__).parent / "prompts" / "copy.md"),
    offline=_offline,
    what={"zh": "寫文案", "en": "Writing copy"},
    answer=Draft,
    temperature=0.7,
    max_tokens=3_000,
)


def question_of(shop: Shop, product: Product) -> dict[str, Any]:
    """What COPY's prompt is filled with. Orders inside facts are left out; the rest is quoted as data."""
    voice = shop.voice
    # A fact is one line: a value of several cannot pretend to be other facts.
    told = [(fact.label, "；".join(fact.value.splitlines())) for fact in usable_facts(shop, product)]
    facts = [f"品名：{product.name}", *(f"{label}：{value}" for label, value in told)]
    return {
        "profile": shop.model_dump(mode="json"),
        "product": product.model_dump(mode="json"),
        "shop": shop.name,
        "adjectives": one_line("、".join(voice.adjectives)),
        "formality": voice.formality,
        "person": voice.person,
        "reader": voice.reader,
        "sentence": voice.sentence,
        "emoji": voice.emoji,
        "wanted": one_line("、".join(shop.words.wanted)),
        "banned": one_line("、".join(shop.words.banned)),
        "units": "符號（g、ml、cm）" if shop.units == "符號" else "中文（公克、毫升、公分）",
        "audience": shop.audience,
        "examples": shop.examples,
        "facts": "\n".join(facts),
        "lengths": _ASKED,
    }
