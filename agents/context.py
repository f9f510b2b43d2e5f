"""What a run is given besides its inputs, and what the nodes of its graph find around them."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from agents.events import Cost, Event
from agents.step import Answer
from agents.store import RunRecord, RunStore
from tools.llm import Cancelled, Gateway, Purpose
from tools.settings import Settings
from tools.words import Lang

__all__ = ["RunContext", "RunOptions"]

_STOP_CHECK_S = 0.5


@dataclass(frozen=True)
class RunOptions:
    """How to run, apart from what to run on. `models` maps a step to the model wanted for it.

    `offline` asks no model at all; `fresh` asks anew although the same question was answered before. `purpose` is
    "background" for a long job nobody waits for: it leaves part of the quota to people who do.
    """

    models: Mapping[str, str] = field(default_factory=dict)
    offline: bool = False
    fresh: bool = False
    lang: Lang | None = None
    purpose: Purpose = "interactive"


class RunContext:
    """What a graph's nodes get as runtime context: the gateway, events, remembered answers. Implements StepContext."""

    def __init__(
        self,
        gateway: Gateway,
        home: Path,
        store: RunStore,
        record: RunRecord,
        settings: Settings,
        ceiling: int | None = None,
        asks: bool = False,
    ) -> None:
        """`asks`: models are asked although the run was begun offline: somebody wants it upgraded."""
        self.gateway = gateway
        self.home = home
        self.settings = settings
        self.run = record.id
        self.lang: Lang = record.settings.get("lang") or "zh"
        self.offline = bool(record.settings.get("offline")) and not asks
        self.version = record.id if record.settings.get("fresh") else ""
        self.purpose: Purpose = record.settings.get("purpose") or "interactive"
        self.ceiling = ceiling
        self._store = store
        self._models: Mapping[str, str] = record.settings.get("models") or {}
        self._stop = threading.Event()
        self._stop_checked = 0.0

    def emit(self, event: Event) -> None:
        self._store.append(self.run, event)

    def stop(self) -> None:
        self._stop.set()

    def cancelled(self) -> bool:
        now = time.monotonic()
        if not self._stop.is_set() and now - self._stop_checked > _STOP_CHECK_S:
            self._stop_checked = now
            if self._store.stop_asked(self.run):
                self._stop.set()
        return self._stop.is_set()

    def check_stop(self) -> None:
        """For nodes between steps.

        Raises:
            Cancelled: the person stopped the run.
        """
        if self.cancelled():
            raise Cancelled()

    def model_for(self, step: str) -> str:
        return self._models.get(step) or self._models.get("*") or ""

    def find_run(self, run: str) -> RunRecord | None:
        """An earlier run of the history, for what goes on from it; None if there is none (any more)."""
        return self._store.find(run)

    def keep(self, name: str, value: Any) -> None:
        """Keep what was gathered from outside (plain data): when the run is upgraded it works on the same."""
        self._store.keep_material(self.run, name, value)

    def kept(self, name: str) -> Any:
        """What was kept under this name, None if nothing was."""
        return self._store.material(self.run, name)

    def recall(self, step: str, slot: str) -> Answer | None:
        answer = self._store.answer(self.run, step, slot)
        return answer if answer and answer.by == "model" else None

    def remember(self, step: str, slot: str, answer: Answer) -> None:
        self._store.keep_answer(self.run, step, slot, answer)
        self.emit(Cost(requests=self.gateway.ledger.requests_of(self.run), remaining=self._remaining()))

    def _remaining(self) -> int | None:
        if not self.gateway.usable:
            return None
        quota = self.gateway.quota()
        return quota.remaining if quota.limited else None
