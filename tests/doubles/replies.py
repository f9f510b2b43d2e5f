"""The shape of an answer: a completion body, or the chunks of its stream."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tests.doubles.faults import Failure, Fault, provider_of

THOUGHT = "使用者用繁體中文提問，我先想想重點，再用自然的語氣整理成幾句話回答。"
BROKEN = {
    "code": 502,
    "message": "Provider disconnected",
    "metadata": {"error_type": "provider_unavailable", "provider_code": 502},
}


@dataclass
class Reply:
    """One answer as decided: what is said, how it ends, what it cost. Times are epoch seconds, costs USD."""

    id: str
    model: str
    created: int
    text: str
    prompt_tokens: int
    fault: Fault = Fault.OK
    reasoning: str | None = None
    finish: str = "stop"
    cost: float = 0.0
    plain: bool = False
    want_usage: bool = True
    failure: Failure | None = None

    @property
    def completion_tokens(self) -> int:
        """About one token a character, as Chinese text costs."""
        return len(self.text) + len(self.reasoning or "")

    def usage(self) -> dict[str, Any]:
        """The `usage` object; OpenRouter adds cost and details to OpenAI's three counts."""
        counts: dict[str, Any] = {
            "prompt_tokens": self.prompt_tokens,
            "completion_tokens": self.completion_tokens,
            "total_tokens": self.prompt_tokens + self.completion_tokens,
        }
        if self.plain:
            return counts
        return counts | {
            "cost": self.cost,
            "is_byok": False,
            "prompt_tokens_details": {"cached_tokens": 0},
            "completion_tokens_details": {"reasoning_tokens": len(self.reasoning or "")},
            "cost_details": {"upstream_inference_cost": None},
        }

    def _head(self, kind: str) -> dict[str, Any]:
        head = {"id": self.id, "object": kind, "created": self.created, "model": self.model}
        return head | ({"system_fingerprint": "fp_ollama"} if self.plain else {"provider": provider_of(self.model)})

    def body(self) -> dict[str, Any]:
        """The body of an answer without a stream."""
        if self.failure is not None:
            return self.failure.body
        head = self._head("chat.completion")
        if self.fault is Fault.CHOICES_NULL:
            return head | {"choices": None, "usage": self.usage()}
        message: dict[str, Any] = {"role": "assistant", "content": self.text}
        if self.fault in (Fault.EMPTY_CONTENT, Fault.LENGTH_EMPTY):
            message["content"] = None
        if not self.plain:
            message |= {"refusal": None, "reasoning": self.reasoning}
        choice: dict[str, Any] = {"index": 0, "message": message, "finish_reason": self.finish}
        if not self.plain:
            choice |= {"logprobs": None, "native_finish_reason": self.finish}
        if self.fault in (Fault.FINISH_ERROR, Fault.STREAM_ERROR_CHUNK):
            message["content"] = self.text[: max(1, len(self.text) // 3)]
            choice |= {"finish_reason": "error", "native_finish_reason": None, "error": BROKEN}
        return head | {"choices": [choice], "usage": self.usage()}

    def pieces(self, rng: random.Random) -> list[str]:
        """The text cut into stream pieces of 2 to 6 characters; a fault that breaks off keeps a third of them."""
        cut, start = [], 0
        while start < len(self.text):
            size = rng.randint(2, 6)
            cut.append(self.text[start : start + size])
            start += size
        broken = (Fault.FINISH_ERROR, Fault.STREAM_ERROR_CHUNK, Fault.STREAM_RESET, Fault.STREAM_NO_DONE)
        if self.fault in broken:
            return cut[: max(1, len(cut) // 3)]
        return [] if self.fault in (Fault.EMPTY_CONTENT, Fault.LENGTH_EMPTY) else cut

    def chunks(self, rng: random.Random) -> Iterator[dict[str, Any]]:
        """The stream's chunks in order, without the closing [DONE]. STREAM_RESET and STREAM_NO_DONE just end."""
        if self.failure is not None:
            yield self.failure.body
            return
        if self.fault is Fault.CHOICES_NULL:
            yield self._head("chat.completion.chunk") | {"choices": None, "usage": self.usage()}
            return
        if self.reasoning:
            for start in range(0, len(self.reasoning), 12):
                thought = self.reasoning[start : start + 12]
                yield self._chunk({"role": "assistant", "content": "", "reasoning": thought})
        for piece in self.pieces(rng):
            yield self._chunk({"role": "assistant", "content": piece})
        if self.fault in (Fault.STREAM_RESET, Fault.STREAM_NO_DONE):
            return
        if self.fault is Fault.STREAM_ERROR_CHUNK:
            yield self._chunk({"role": "assistant", "content": ""}, "error") | {"error": BROKEN}
            return
        if self.fault is Fault.FINISH_ERROR:
            last = self._chunk({"role": "assistant", "content": ""}, "error")
            last["choices"][0]["error"] = BROKEN
            yield last
        else:
            yield self._chunk({"role": "assistant", "content": ""}, self.finish)
        if self.want_usage:
            yield self._head("chat.completion.chunk") | {"choices": [], "usage": self.usage()}

    def _chunk(self, delta: dict[str, Any], finish: str | None = None) -> dict[str, Any]:
        choice: dict[str, Any] = {"index": 0, "delta": delta, "finish_reason": finish}
        if not self.plain:
            choice |= {"native_finish_reason": finish, "logprobs": None}
        return self._head("chat.completion.chunk") | {"choices": [choice]}
