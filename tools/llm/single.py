"""One question to exactly one model: no other model steps in, nothing is tried again, and what happened is the result.

For comparing models a failure is a finding, told in the server's own words. Only what concerns the account, the server or
the person is raised, as for any question. Two things are no finding about the model and are put right on the way: a full
minute of the account (waited for), and a parameter of ours that a server does not take (left out).
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from typing import Any

from tools.llm.call import Call, Desk
from tools.llm.catalogue import Listing
from tools.llm.classify import Failure
from tools.llm.errors import UnknownModel
from tools.llm.ledger import Grant, Ledger
from tools.llm.model import Model
from tools.llm.question import Notice, Question
from tools.llm.structured import NotParsed, parse_answer, strip_thinking
from tools.llm.traits import observed, tokens_per_second
from tools.llm.wire import WireAnswer, WireFailed, WireRequest, loop_cut, send

__all__ = ["Hearing", "Single", "Trial", "TrialStore"]

_SENDINGS = 3  # of one trial: itself, and twice more where the account's minute or a parameter of ours was in the way
_KEEP_S = 30 * 86_400
_NOTHING = Failure("unknown")


@dataclass(frozen=True)
class Trial:
    """What became of one request to one model.

    `text` is what came, also where it broke off; an endless repetition is cut and `cut` is True. `value` is the parsed answer
    where a type was wanted and the reply had that form. `error` is "" or the kind of failure (a why_* word of messages.yaml),
    `error_text` what the server said. Times are seconds from sending, without waiting for the quota; `completion_tokens`
    include `reasoning_tokens`; `tokens_s` is the rate after the first token. `stored`: an earlier trial of the same question,
    with the times it had then; `requests` is 0 then.
    """

    asked: str
    text: str = ""
    value: Any = None
    served_by: str = ""
    provider: str = ""
    first_thought_s: float | None = None
    first_text_s: float | None = None
    seconds: float | None = None
    prompt_tokens: int = 0
    completion_tokens: int = 0
    reasoning_tokens: int = 0
    tokens_s: float | None = None
    finish_reason: str = ""
    error: str = ""
    error_text: str = ""
    cut: bool = False
    stored: bool = False
    requests: int = 0

    @property
    def answered(self) -> bool:
        """Whether the model answered, well or badly. One that was down or busy has shown nothing of itself."""
        return self.error in ("", "bad_answer")


@dataclass(frozen=True)
class Hearing:
    """Who listens while a trial runs: to text as it comes, to the first thought, to the stop.

    `before_grant` is called each time a request is about to be asked of the ledger, and may wait for its turn or raise;
    `on_granted` when it has been granted.
    """

    on_text: Callable[[str], None] = lambda text: None
    on_thought: Callable[[], None] = lambda: None
    before_grant: Callable[[], None] = lambda: None
    on_granted: Callable[[], None] = lambda: None
    notify: Callable[[Notice], None] = lambda notice: None
    cancelled: Callable[[], bool] = lambda: False


class Single(Call):
    """One trial on its way: what a Call does for one request, without a second candidate."""

    def __init__(self, desk: Desk, question: Question, listing: Listing, hearing: Hearing) -> None:
        super().__init__(
            desk, question, listing, lambda text, attempt: hearing.on_text(text), _ignore, hearing.cancelled
        )
        self._hearing = hearing

    def trial(self) -> Trial:
        """The result.

        Raises:
            UnknownModel: the model is not free, does not exist, or charged for a reply of late; nothing was sent.
            NoReply: the account, the server or the person ends it: no other model would have fared better.
        """
        model = self._wanted()
        failed = WireFailed(_NOTHING)
        for _ in range(_SENDINGS):
            try:
                return self._judged(model, self._request(model, (), self._messages()))
            except WireFailed as failure:
                failed = failure
                if not self._after_failure(model, [model], failed):
                    break
        return self._failed(model, failed)

    def _wanted(self) -> Model:
        wanted = self._listing.find(self._question.model)
        if wanted is None and not self._listing.priced:
            return Model(id=self._question.model)  # one's own server may serve what it does not list
        if wanted is None or not wanted.free or wanted.id in self._desk.health.charging():
            raise UnknownModel(model=self._question.model)
        return wanted

    def _sent(self, request: WireRequest, attempt: int) -> WireAnswer:
        hearing = self._hearing
        return send(request, self._desk.limits, hearing.on_text, hearing.cancelled, hearing.on_thought)

    def _granted(self, leader: Model) -> Grant:
        self._hearing.before_grant()
        # That it waits for the minute is worth telling; what fails is told by the result.
        self._notify = self._hearing.notify
        try:
            grant = super()._granted(leader)
        finally:
            self._notify = _ignore
        self._hearing.on_granted()
        return grant

    def _judged(self, model: Model, answer: WireAnswer) -> Trial:
        """What a complete reply amounts to."""
        health, wanted = self._desk.health, self._question.answer
        text = strip_thinking(answer.text)
        author = self._answering(model, answer).id
        if not text:
            health.lost(author, "empty")
            return self._told(model, answer, error="empty", error_text=f"finish_reason: {answer.finish_reason}")
        if wanted is None:
            health.won(author)
            health.observed(author, observed(answer, text, None))
            return self._told(model, answer, text=text)
        try:
            value = parse_answer(text, wanted).model_dump(mode="json")
        except NotParsed as problem:
            health.lost(author, "bad_answer")
            health.observed(author, observed(answer, text, False))
            return self._told(model, answer, text=text, error="bad_answer", error_text=str(problem))
        health.won(author)
        health.observed(author, observed(answer, text, True))
        return self._told(model, answer, text=text, value=value)

    def _failed(self, model: Model, failed: WireFailed) -> Trial:
        failure, answer = failed.failure, failed.partial
        text = strip_thinking(answer.text)
        if failure.kind == "loop":  # it did answer, badly: that is a reply to judge
            answer = replace(answer, finish_reason="loop")
            return self._told(model, answer, text=loop_cut(text), cut=True)
        return self._told(model, answer, text=text, error=failure.kind, error_text=failure.detail)

    def _told(self, model: Model, answer: WireAnswer, **more: Any) -> Trial:
        return Trial(
            asked=model.id,
            served_by=answer.model,
            provider=answer.provider,
            first_thought_s=answer.first_thought_s,
            first_text_s=answer.first_text_s,
            seconds=answer.seconds,
            prompt_tokens=answer.prompt_tokens,
            completion_tokens=answer.completion_tokens,
            reasoning_tokens=answer.reasoning_tokens,
            tokens_s=tokens_per_second(answer),
            finish_reason=answer.finish_reason,
            requests=self._requests,
            **more,
        )


class TrialStore:
    """Trials by question key, in the ledger's file beside the other replies that were paid for."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def get(self, key: str) -> Trial | None:
        since = self._ledger.clock() - _KEEP_S
        row = self._ledger.database.row("SELECT reply FROM replies WHERE key=? AND at>?", key, since)
        if row is None:
            return None
        try:
            trial = Trial(**json.loads(row["reply"]))
        except (ValueError, TypeError):
            return None  # written by another version: ask again rather than fail
        return replace(trial, stored=True, requests=0)

    def put(self, key: str, trial: Trial) -> None:
        """Store what a model answered; on return it is on disk. What failed is not kept: it may do better another day."""
        if not trial.answered:
            return
        with self._ledger.database.transaction() as db:
            db.execute(
                "INSERT OR REPLACE INTO replies (key, at, reply) VALUES (?,?,?)",
                (key, self._ledger.clock(), json.dumps(asdict(trial), ensure_ascii=False)),
            )


def _ignore(notice: Notice) -> None:
    """What a Call would tell of its next candidate: here there is none."""
