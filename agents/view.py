"""Events folded into what can be shown right now. Every face that draws a run draws this."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from agents.events import (
    Answered,
    Artifact,
    Cost,
    Event,
    Failed,
    Progress,
    Result,
    Source,
    Started,
    Text,
    Warned,
)

__all__ = ["RunView", "view_of"]


@dataclass
class RunView:
    """The state of a run as its events tell it so far. `texts` holds each step's newest streamed text."""

    last: int = 0
    doing: str = ""
    progress: Progress | None = None
    texts: dict[str, str] = field(default_factory=dict)
    answers: dict[str, Answered] = field(default_factory=dict)
    sources: dict[int, Source] = field(default_factory=dict)
    artifacts: list[Artifact] = field(default_factory=list)
    warnings: list[Warned] = field(default_factory=list)
    cost: Cost | None = None
    envelope: dict[str, Any] | None = None
    failed: Failed | None = None
    _attempts: dict[str, int] = field(default_factory=dict)

    @property
    def ended(self) -> bool:
        return self.envelope is not None or self.failed is not None

    def apply(self, event: Event) -> None:
        """Take one event into account."""
        self.last = max(self.last, event.seq)
        match event:
            case Started():
                self._begin(event)
            case Progress():
                self.doing, self.progress = event.what, event
            case Text():
                self._text(event)
            case Answered():
                self.answers[event.step] = event
            case Source():
                self.sources[event.n] = event
            case Artifact():
                # A run that is taken up again tells of its files again.
                self.artifacts = [*(one for one in self.artifacts if one.path != event.path), event]
            case Warned():
                if event.message not in {known.message for known in self.warnings}:
                    self.warnings.append(event)
            case Cost():
                self.cost = event
            case Result():
                self.envelope, self.doing = event.envelope, ""
            case Failed():
                self.failed, self.doing = event, ""

    def _begin(self, event: Started) -> None:
        """A run begins or is taken up again: what unfinished steps had streamed will be streamed anew."""
        self.envelope = self.failed = None
        if event.kind == "upgrade":
            self.answers = {step: answer for step, answer in self.answers.items() if answer.by == "model"}
        if event.kind != "resume":
            self.warnings.clear()
        self.texts = {step: text for step, text in self.texts.items() if step in self.answers}
        self._attempts = {step: n for step, n in self._attempts.items() if step in self.answers}

    def _text(self, event: Text) -> None:
        if event.attempt != self._attempts.get(event.step):
            self._attempts[event.step] = event.attempt
            self.texts[event.step] = ""
        self.texts[event.step] += event.text


def view_of(events: Iterable[Event]) -> RunView:
    """The view that `events` add up to."""
    view = RunView()
    for event in events:
        view.apply(event)
    return view
