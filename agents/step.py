"""A Step: one question to a model. The unit of cost, of caching, of comparison and of test.

A Step is a name, a prompt file, the type of its answer (a pydantic model, or prose that streams) and an offline answer of
the same type that needs no model and never pretends to be one. A graph's node prepares the inputs, runs a Step, and places
the answer in the state; no node talks to a model in any other way.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

from pydantic import BaseModel

from agents.events import Answered, Event, Progress, Text, Warned
from agents.prompts import Prompt
from tools.llm import Cancelled, Gateway, LLMError, NoKey, NoReply, Notice, Purpose, Question, QuotaSpent, Reply
from tools.words import Lang, Words

__all__ = ["Answer", "Step", "StepContext", "asking", "in_taiwan_script", "told", "why_offline"]

_LLM_WORDS = Path(LLMError.words_file)
_WORDS = Path(__file__).with_name("messages.yaml")


@dataclass(frozen=True)
class Answer:
    """A step's answer. `value` is plain data: a str for prose, else what the answer's type dumps to.

    `by` is "model", "offline", or "none" where there is no answer and nothing stands in for one (a model that is compared);
    `why` is the reason code for what no model answered; `cut` marks prose that broke off.
    """

    value: Any
    by: str
    model: str = ""
    provider: str = ""
    why: str = ""
    cut: bool = False
    stored: bool = False


class StepContext(Protocol):
    """What a Step needs around it. A Run provides it; a test or a comparison may bring its own."""

    gateway: Gateway
    run: str
    lang: Lang
    offline: bool
    version: str
    purpose: Purpose
    ceiling: int | None

    def emit(self, event: Event) -> None: ...
    def cancelled(self) -> bool: ...
    def model_for(self, step: str) -> str: ...
    def recall(self, step: str, slot: str) -> Answer | None: ...
    def remember(self, step: str, slot: str, answer: Answer) -> None: ...


@dataclass(frozen=True)
class Step:
    """One question to a model.

    `answer` is the pydantic type of the answer, None for prose. `offline` takes the inputs and gives an honest answer of
    the same type (a str, an instance, or plain data). `what` names the step to a person, per language. Prose after the
    marker `hidden_after` belongs to the answer but is not streamed to people (a list that a node takes apart). Prose below `min_chars` is no answer.
    """

    name: str
    prompt: Prompt
    offline: Callable[[Mapping[str, Any]], Any]
    what: Mapping[Lang, str]
    answer: type[BaseModel] | None = None
    min_chars: int = 40
    max_tokens: int = 3_000
    temperature: float = 0.7
    hidden_after: str = ""

    @property
    def requests(self) -> tuple[int, int]:
        """Requests this step needs at least and at most: three tries, and one correction of a structured answer."""
        return (1, 3) if self.answer is None else (1, 4)

    def question(self, inputs: Mapping[str, Any], context: StepContext) -> Question:
        """The question that `inputs` make, as the gateway takes it."""
        plain = asking(self, self.prompt.messages(inputs), self.answer, context)
        return replace(plain, min_chars=self.min_chars)

    def ask(self, inputs: Mapping[str, Any], context: StepContext, slot: str = "") -> Answer:
        """The answer to `inputs`: remembered from this run, from a model, or offline. Told in events.

        `slot` tells several questions of one step apart (a batch's number).

        Raises:
            Cancelled: the person stopped the run.
        """
        known = context.recall(self.name, slot)
        if known is not None:
            self._announce(known, context)
            return known
        context.emit(Progress(step=self.name, what=self.what[context.lang]))
        answer = self._offline(inputs, context, None) if context.offline else self._from_model(inputs, context)
        context.remember(self.name, slot, answer)
        self._announce(answer, context)
        return answer

    def _from_model(self, inputs: Mapping[str, Any], context: StepContext) -> Answer:
        shown = _Shown(self, context)
        try:
            reply = context.gateway.ask(
                self.question(inputs, context),
                on_text=shown.feed if self.answer is None else shown.count,
                notify=lambda notice: context.emit(told(notice, self.name, context.lang)),
                cancelled=context.cancelled,
            )
        except Cancelled:
            raise
        except NoReply as reason:
            return self._offline(inputs, context, reason)
        shown.close()
        return self._repaired(reply, context)

    def _offline(self, inputs: Mapping[str, Any], context: StepContext, reason: NoReply | None) -> Answer:
        code = why_offline(reason, context)
        value = self.offline(inputs)
        if isinstance(value, BaseModel):
            value = value.model_dump(mode="json")
        elif self.answer is not None:
            value = self.answer.model_validate(value).model_dump(mode="json")
        if isinstance(value, str):
            shown = value.partition(self.hidden_after)[0] if self.hidden_after else value
            context.emit(Text(step=self.name, text=shown.rstrip(), attempt=_OFFLINE_ATTEMPT))
        return Answer(value, "offline", why=code)

    def _repaired(self, reply: Reply, context: StepContext) -> Answer:
        """`reply` in Taiwan's Traditional Chinese; what had leaked in is reported."""
        value = in_taiwan_script(reply.text if self.answer is None else reply.value, context)
        return Answer(value, "model", reply.model, reply.provider, "", reply.cut, reply.stored)

    def _announce(self, answer: Answer, context: StepContext) -> None:
        context.emit(
            Answered(
                step=self.name,
                by="offline" if answer.by == "offline" else "model",
                value=answer.value,
                model=answer.model,
                provider=answer.provider,
                why=answer.why,
                cut=answer.cut,
                stored=answer.stored,
            )
        )


class Asker(Protocol):
    """What kinds of steps have in common."""

    @property
    def name(self) -> str: ...
    @property
    def max_tokens(self) -> int: ...
    @property
    def temperature(self) -> float: ...


def asking(
    step: Asker, messages: tuple[Mapping[str, str], ...], answer: type[BaseModel] | None, context: StepContext
) -> Question:
    """The question that `step` puts to the gateway."""
    return Question(
        messages=messages,
        answer=answer,
        model=context.model_for(step.name),
        max_tokens=step.max_tokens,
        temperature=step.temperature,
        run=context.run,
        step=step.name,
        version=context.version,
        purpose=context.purpose,
        ceiling=context.ceiling,
    )


def in_taiwan_script(value: Any, context: StepContext) -> Any:
    """`value` (plain data) with every text in it repaired, and a warning when something had leaked in."""
    if context.lang != "zh":
        return value
    from tools.chinese import to_taiwan

    leaks = 0

    def repair(part: Any) -> Any:
        nonlocal leaks
        if isinstance(part, str):
            done = to_taiwan(part)
            report = done.before
            leaks += report.simplified_count + report.quoted_simplified_count + len(report.terms)
            return done.text
        if isinstance(part, list):
            return [repair(item) for item in part]
        if isinstance(part, dict):
            return {name: repair(item) for name, item in part.items()}
        return part

    repaired = repair(value)
    if leaks and repaired != value:
        message = Words.load(_WORDS).say("script_repaired", context.lang, count=leaks)
        context.emit(Warned(code="script_repaired", message=message))
    return repaired


def why_offline(reason: NoReply | None, context: StepContext) -> str:
    """The code of why something is answered offline, told as a warning where it is an incident."""
    if reason is None:
        return "asked_offline"
    if not isinstance(reason, NoKey):  # no key is a state of the machine, shown quietly
        code = "quota_spent" if isinstance(reason, QuotaSpent) else reason.key
        context.emit(Warned(code=code, message=reason.message(context.lang)))
        return code
    return reason.key


_OFFLINE_ATTEMPT = 99  # later than any attempt of a model, so that it replaces what they had begun


class _Shown:
    """Streams prose to the faces clause by clause, repaired on the way; counts characters of structured answers."""

    def __init__(self, step: Step, context: StepContext) -> None:
        from tools.chinese import ClauseStream

        self._step = step
        self._context = context
        self._new = ClauseStream
        self._clauses = ClauseStream()
        self._attempt = 1
        self._text = ""
        self._emitted = 0
        self._characters = 0

    def feed(self, text: str, attempt: int) -> None:
        if attempt != self._attempt:
            self._clauses, self._attempt, self._text, self._emitted = self._new(), attempt, "", 0
        self._text += self._clauses.feed(text) if self._context.lang == "zh" else text
        self._emit(self._visible_end())

    def count(self, text: str, attempt: int) -> None:
        before, self._characters = self._characters, self._characters + len(text)
        if self._characters // 200 > before // 200:
            what = f"{self._step.what[self._context.lang]} · {self._characters}"
            self._context.emit(Progress(step=self._step.name, what=what, done=self._characters))

    def close(self) -> None:
        self._text += self._clauses.close() if self._context.lang == "zh" else ""
        marker = self._step.hidden_after
        self._emit(self._text.find(marker) if marker and marker in self._text else len(self._text))

    def _visible_end(self) -> int:
        """How far the text may be shown: not into the marker, nor into what may become it."""
        marker = self._step.hidden_after
        if not marker:
            return len(self._text)
        if marker in self._text:
            return self._text.find(marker)
        held = next((n for n in range(len(marker) - 1, 0, -1) if self._text.endswith(marker[:n])), 0)
        return len(self._text) - held

    def _emit(self, end: int) -> None:
        if end > self._emitted:
            text = self._text[self._emitted : end]
            self._emitted = end
            self._context.emit(Text(step=self._step.name, text=text, attempt=self._attempt))


def told(notice: Notice, step: str, lang: Lang) -> Event:
    """What the gateway says while it works, as an event."""
    words = Words.load(_LLM_WORDS)
    # A value that begins with @ names another line of the same file.
    params = {
        name: words.say(value[1:], lang) if isinstance(value, str) and value.startswith("@") else value
        for name, value in notice.params.items()
    }
    line = words.say(notice.key, lang, **params)
    return Progress(step=step, what=line) if notice.passing else Warned(code=notice.key, message=line)
