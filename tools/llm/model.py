"""What a row of a server's model list says, and whether using that model is free.

The rules are those of OpenRouter's listing; a server that lists no prices at all (Ollama, llama.cpp, vLLM) is one's own,
and all its models count as free.
"""

from __future__ import annotations

import calendar
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

__all__ = ["ROUTER", "Model", "parse_model", "same_model", "why_not_free"]

ROUTER = "openrouter/free"  # picks any free model itself: the last rung, never a first choice
_CLASSIFIER = re.compile(r"safety|guard|moderation", re.I)
_DAY = 86_400


@dataclass(frozen=True)
class Model:
    """A model that can be asked for text, as the server lists it.

    `context` and `max_output` are in tokens (0 where the list does not say). `structured` is "schema", "object" or "".
    `out` says why the model is not offered, as a code of `why_not_free`; an empty string means it is.
    """

    id: str
    name: str = ""
    context: int = 0
    max_output: int = 0
    structured: str = ""
    reasoning: bool = False
    reasoning_mandatory: bool = False
    reasoning_default: bool = False
    vision: bool = False
    expires: str = ""
    intelligence: float = 0.0
    out: str = ""

    @property
    def vendor(self) -> str:
        return self.id.split("/", 1)[0]

    @property
    def free(self) -> bool:
        return not self.out


def why_not_free(row: Mapping[str, Any], now: float | None = None) -> str:
    """Why a row of OpenRouter's list is not a free text model, or "" when it is one.

    Codes: alias, batch, router, paid, modality, classifier, expired.
    """
    name = str(row.get("id", ""))
    if name.startswith("~"):
        return "alias"
    if name.endswith(":batch"):
        return "batch"
    prices = row.get("pricing") or {}
    asked = prices.get("prompt") if isinstance(prices, Mapping) else None
    if name != ROUTER and (name.startswith("openrouter/") or _negative(asked)):
        return "router"
    architecture = row.get("architecture") or {}
    produced = architecture.get("output_modalities") or _after_arrow(architecture.get("modality"))
    if "text" not in (architecture.get("input_modalities") or ["text"]) or produced != ["text"]:
        return "modality"  # a zero price per token may hide a price per song or picture
    if not name.endswith(":free") and not _costs_nothing(prices):
        return "paid"
    if _CLASSIFIER.search(name) or "decisions" in produced:
        return "classifier"
    if _expired(row.get("expiration_date"), time.time() if now is None else now):
        return "expired"
    return ""


def same_model(served: str, asked: str) -> bool:
    """Whether `served` is `asked`, perhaps under its dated name (`vendor/name-20260420:free` for `vendor/name:free`)."""
    if not served or served == asked:
        return True
    stem, _, variant = asked.partition(":")
    served_stem, _, served_variant = served.partition(":")
    return served_stem.startswith(stem) and served_stem[len(stem) :].lstrip("-").isdigit() and served_variant == variant


def _costs_nothing(prices: Any) -> bool:
    """Whether a price per token is told and every price is zero; a price that is not told is not a zero."""
    if not isinstance(prices, Mapping) or prices.get("prompt") is None or prices.get("completion") is None:
        return False
    return all(value is None or _is_zero(value) for value in prices.values())


def _is_zero(price: Any) -> bool:
    if isinstance(price, (list, dict)):
        return not price
    try:
        return price is not None and not isinstance(price, bool) and float(price) == 0
    except (TypeError, ValueError):
        return False


def _negative(price: Any) -> bool:
    try:
        return float(price) < 0
    except (TypeError, ValueError):
        return False


def _after_arrow(modality: Any) -> list[str]:
    """What `text+image->text` produces; text where nothing is said."""
    return str(modality).rpartition("->")[2].split("+") if modality else ["text"]


def _expired(date: Any, now: float) -> bool:
    if not date:
        return False
    try:
        end = calendar.timegm(time.strptime(str(date)[:10], "%Y-%m-%d")) + _DAY
    except (ValueError, OverflowError):
        return False
    return now > end


def parse_model(row: Mapping[str, Any], now: float | None = None) -> Model | None:
    """The Model of one row, or None when the row has no usable id. Missing and null fields are normal."""
    name = row.get("id")
    if not isinstance(name, str) or not name or any(c.isspace() for c in name):
        return None  # an id with spaces could hide an alias or a variant from the rules below
    if "pricing" not in row:
        return Model(id=name, name=str(row.get("name") or name), out="modality" if "embed" in name.lower() else "")
    listed = set(row.get("supported_parameters") or ())
    reasoning = row.get("reasoning") or {}
    provider = row.get("top_provider") or {}
    scores = (row.get("benchmarks") or {}).get("artificial_analysis") or {}
    return Model(
        id=name,
        name=str(row.get("name") or name),
        context=int(row.get("context_length") or provider.get("context_length") or 0),
        max_output=int(provider.get("max_completion_tokens") or 0),
        structured="schema" if "structured_outputs" in listed else "object" if "response_format" in listed else "",
        reasoning="reasoning" in listed,
        reasoning_mandatory=bool(reasoning.get("mandatory")),
        reasoning_default=bool(reasoning.get("default_enabled") or reasoning.get("mandatory")),
        vision="image" in ((row.get("architecture") or {}).get("input_modalities") or ()),
        expires=str(row.get("expiration_date") or ""),
        intelligence=float(scores.get("intelligence_index") or 0.0),
        out=why_not_free(row, now),
    )
