"""A double of OpenRouter that writes down how long each answer takes it, and when it wrote each piece."""

from __future__ import annotations

import copy
import time
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from tests.doubles.openrouter import OpenRouterDouble

__all__ = ["MODELS", "TimedDouble"]

MODELS = {
    "nvidia/nemotron-3-super-120b-a12b:free": 1.5,
    "google/gemma-4-31b-it:free": 1.2,
    "z-ai/glm-5.2:free": 1.0,
    "thinkingmachines/inkling:free": 0.8,
    "nvidia/nemotron-3-ultra-550b-a55b:free": 0.6,
    "poolside/laguna-s-2.1:free": 0.4,
}  # seconds to the first token


class TimedDouble(OpenRouterDouble):
    """`took` has the seconds that each answer of a model must take, in order; `written` (time, characters) by (prompt, model)."""

    def __init__(self, **more: Any) -> None:
        super().__init__(key="sk-or-v1-bench-000000", daily=100_000, **more)
        self.took: dict[str, list[float]] = defaultdict(list)
        self.written: dict[tuple[str, str], list[tuple[float, int]]] = defaultdict(list)

    def _settle(self, record: Any, fault: Any, attempts: Any) -> Any:
        call = super()._settle(record, fault, attempts)
        if call.reply is None:
            return call
        model, real = record.model, call.reply.chunks
        prompt = record.body["messages"][-1]["content"]
        pieces = len(list(real(copy.deepcopy(call.rng))))
        self.took[model].append(call.first + call.per_token * pieces)

        def chunks(rng: Any) -> Iterator[dict[str, Any]]:
            for chunk in real(rng):
                delta = chunk["choices"][0]["delta"] if chunk.get("choices") else {}
                if delta.get("content"):
                    self.written[prompt, model].append((time.time(), len(delta["content"])))
                yield chunk

        call.reply.chunks = chunks
        return call
