"""One question on its way through the candidate models.

A failure either ends the question (account-wide kinds), holds everybody (a full minute) or cools one model and moves on.
At most three requests look for an answer, and one more may ask for a correction of its form.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from tools.llm.catalogue import Listing
from tools.llm.classify import Failure
from tools.llm.errors import (
    Attempt,
    BadAnswer,
    Cancelled,
    CostsMoney,
    KeyRejected,
    NoCredit,
    NoModel,
    PrivacyBlocked,
    QuestionTooLong,
    QuotaSpent,
    RunLimit,
    Unreachable,
)
from tools.llm.health import Health, passed
from tools.llm.ledger import Grant, Ledger, day_end
from tools.llm.model import ROUTER, Model, same_model
from tools.llm.question import Notice, Question
from tools.llm.replies import Reply
from tools.llm.structured import NotParsed, parse_answer, schema_instruction, strip_thinking
from tools.llm.traits import observed
from tools.llm.wire import Limits, WireAnswer, WireFailed, WireRequest, prepare, send

__all__ = ["Call", "Desk"]

_TRIES = 3  # requests that look for an answer; the repair comes on top
_KEEP_PARTIAL = 60  # characters of broken-off prose that are worth keeping
_REJECTED_S = 300
_COSTS_S = 3_600  # an account that is billed for free models is wrong somewhere: a person must look first
_PRIVACY_S = 120  # short: a person turns the switch and tries again


@dataclass(frozen=True)
class Desk:
    """What a call needs of its gateway. The key is behind a function, so that no repr can show it."""

    base_url: str
    account: str
    ledger: Ledger
    health: Health
    limits: Limits
    clock: Callable[[], float]
    sleep: Callable[[float], None]
    secret: Callable[[], str | None]


class Call:
    """One question on its way through the candidates."""

    def __init__(
        self,
        desk: Desk,
        question: Question,
        listing: Listing,
        on_text: Callable[[str, int], None],
        notify: Callable[[Notice], None],
        cancelled: Callable[[], bool],
    ) -> None:
        self._desk = desk
        self._question = question
        self._listing = listing
        self._on_text = on_text
        self._notify = notify
        self._cancelled = cancelled
        self._max_tokens = question.max_tokens
        self._attempts: list[Attempt] = []
        self._requests = 0
        self._tries = 0
        self._models: tuple[str, ...] = ()  # what the last request offered, in order
        self._raised = False
        self._bare = "extras" in desk.health.of("*").lacks
        self._partial = WireAnswer()
        self._last: Failure | None = None

    def run(self) -> Reply:
        candidates = self._candidates()
        while candidates and self._tries < _TRIES:
            # The router gets the last try: it picks among models that may still be alive when ours are not.
            router = next((m for m in candidates if m.id == ROUTER), None)
            leader = router if router and self._tries == _TRIES - 1 else candidates[0]
            self._tries += 1
            try:
                answer = self._request(leader, self._fallbacks(leader, candidates), self._messages())
            except WireFailed as failed:
                candidates = self._after_failure(leader, candidates, failed)
                continue
            if answer.finish_reason == "length" and not strip_thinking(answer.text) and not self._raised:
                self._raised = True
                self._max_tokens = max(self._max_tokens * 3, 8_000)
                self._tell("raising_budget", model=leader.id)
                continue
            if self._question.answer is None and len(strip_thinking(answer.text)) < max(1, self._question.min_chars):
                candidates = self._after_failure(leader, candidates, WireFailed(Failure("empty"), answer))
                continue
            used = passed(self._models, self._answering(leader, answer).id)
            reply = self._accept(leader, answer)
            if reply:
                return reply
            candidates = self._drop(leader, candidates, Failure("bad_answer"), used)
        return self._give_up()

    def _candidates(self) -> list[Model]:
        question, listing = self._question, self._listing
        charging = self._desk.health.charging()
        # At most about one token a Chinese character: a model that cannot hold the question need not be asked.
        size = sum(len(message["content"]) for message in question.messages) * 3 // 4
        free = [m for m in listing.free if m.id not in charging and not 0 < m.context < size]
        ranked = self._desk.health.ranked(free, structured=question.answer is not None)
        if not question.model:
            return ranked
        wanted = listing.find(question.model)
        if wanted is None and not listing.priced:
            wanted = Model(id=question.model)  # one's own server may serve what it does not list
        if wanted is None or not wanted.free or wanted.id in charging:
            self._tell("wanted_missing", model=question.model)
            self._attempts.append(Attempt(question.model, "gone"))
            return ranked
        return [wanted, *(model for model in ranked if model.id != wanted.id)]

    def _fallbacks(self, leader: Model, candidates: Sequence[Model]) -> tuple[str, ...]:
        """Up to three models of different vendors for OpenRouter to try inside this one request."""
        if self._bare or not self._listing.priced or leader.id == ROUTER:
            return ()
        records = self._desk.health.all()
        now = self._desk.clock()
        chosen = [leader]
        for model in candidates:
            record = records.get(model.id)
            if (
                len(chosen) < 3
                and model.id != ROUTER
                and model.vendor not in {m.vendor for m in chosen}
                and not (record and record.cooling_until > now)
            ):
                chosen.append(model)
        return tuple(model.id for model in chosen)

    def _messages(self) -> tuple[Mapping[str, str], ...]:
        """The question's messages, with the wanted form of the answer at the end of the first one."""
        if self._question.answer is None:
            return self._question.messages
        first, *rest = self._question.messages
        asked = f"{first['content']}\n\n{schema_instruction(self._question.answer)}"
        return ({**first, "content": asked}, *rest)

    def _request(self, leader: Model, models: tuple[str, ...], messages: tuple[Mapping[str, str], ...]) -> WireAnswer:
        """One granted request. Raises WireFailed; the ledger knows of it either way."""
        desk = self._desk
        prepare()
        grant = self._granted(leader)
        attempt = self._requests + 1
        self._models = models or (leader.id,)
        request = WireRequest(
            base_url=desk.base_url,
            key=desk.secret(),
            model=leader.id,
            models=models,
            messages=messages,
            max_tokens=min(self._max_tokens, leader.max_output or self._max_tokens),
            temperature=self._question.temperature,
            response_format=self._response_format(leader),
            extra=self._extra(leader),
        )
        try:
            answer = self._sent(request, attempt)
        except WireFailed as failed:
            self._requests += int(failed.failure.sent)
            self._settle(grant, failed.failure.kind, failed.partial, failed.failure)
            raise
        self._requests += 1
        self._settle(grant, "ok", answer, None)
        answering = self._answering(leader, answer).id
        for model in passed(self._models, answering):
            if model not in (answering, ROUTER):
                desk.health.lost(model, "provider")  # the server passed it over inside the request
        if answer.cost:
            desk.health.lost(answering, "costs")
            model, cost = answer.model or leader.id, f"{answer.cost:.2g}"
            desk.ledger.reject(desk.account, "costs", f"{model} {cost}", _COSTS_S)
            raise CostsMoney(model=model, cost=cost, attempts=tuple(self._attempts))
        return answer

    def _sent(self, request: WireRequest, attempt: int) -> WireAnswer:
        return send(request, self._desk.limits, lambda text: self._on_text(text, attempt), self._cancelled)

    def _granted(self, leader: Model) -> Grant:
        """A grant, waiting for the minute window where need be.

        Raises:
            QuotaSpent, RunLimit, Cancelled
        """
        desk, question = self._desk, self._question
        if question.ceiling is not None and desk.ledger.requests_of(question.run) >= question.ceiling:
            raise RunLimit(limit=question.ceiling, attempts=tuple(self._attempts))
        told = False
        while True:
            if self._cancelled():
                raise Cancelled(partial=self._partial.text)
            grant = desk.ledger.reserve(
                desk.account,
                limited=self._listing.priced,
                purpose=question.purpose,
                run=question.run,
                step=question.step,
                model=leader.id,
            )
            if not grant.wait_until:
                return grant
            left = grant.wait_until - desk.clock()
            if not told:
                limit = desk.ledger.quota(desk.account, limited=True).minute_limit
                params = {"seconds": max(1, round(left)), "limit": limit}
                self._notify(Notice("waiting_minute", params, passing=True))
                told = True
            desk.sleep(min(max(left, 0.05), 0.5))

    def _settle(self, grant: Grant, outcome: str, answer: WireAnswer, failure: Failure | None) -> None:
        counted = failure is None or failure.kind not in ("key", "connect")
        self._desk.ledger.settle(
            grant,
            outcome,
            sent=failure.sent if failure else True,
            counted=counted,
            served=answer.model,
            provider=answer.provider,
            prompt_tokens=answer.prompt_tokens,
            completion_tokens=answer.completion_tokens,
            first_token_s=answer.first_token_s,
            seconds=answer.seconds,
        )

    def _response_format(self, leader: Model) -> Mapping[str, Any] | None:
        answer = self._question.answer
        if answer is None or self._bare or leader.structured in self._desk.health.of(leader.id).lacks:
            return None
        if leader.structured == "schema":
            schema = {"name": answer.__name__, "strict": False, "schema": answer.model_json_schema()}
            return {"type": "json_schema", "json_schema": schema}
        return {"type": "json_object"} if leader.structured == "object" else None

    def _extra(self, leader: Model) -> Mapping[str, Any]:
        if self._bare or not self._listing.priced:
            return {}
        extra: dict[str, Any] = {"provider": {"max_price": {"prompt": 0, "completion": 0}}}
        if leader.reasoning_default:
            extra["reasoning"] = {"effort": "low"}
        return extra

    def _after_failure(self, leader: Model, candidates: list[Model], failed: WireFailed) -> list[Model]:
        """What is left to try after a failure.

        Raises:
            NoReply: the failure concerns the account, the server, or the person.
        """
        failure, desk = failed.failure, self._desk
        self._last = failure
        shown = strip_thinking(failed.partial.text)
        if failure.kind != "loop" and len(shown) > len(self._partial.text):
            self._partial = replace(failed.partial, text=shown, model=failed.partial.model or leader.id)
        attempts = tuple(self._attempts)
        account = desk.account
        match failure.kind:
            case "cancelled":
                raise Cancelled(partial=failed.partial.text)
            case "connect":
                raise Unreachable(server=desk.base_url, detail=failure.detail, attempts=attempts)
            case "key":
                desk.ledger.reject(account, "key", failure.detail, _REJECTED_S)
                raise KeyRejected(detail=failure.detail, attempts=attempts)
            case "credit":
                raise NoCredit(detail=failure.detail, attempts=attempts)
            case "day":
                desk.ledger.close_day(account, limit=failure.limit)
                quota = desk.ledger.quota(account, limited=True)
                until = day_end(desk.clock())
                raise QuotaSpent(
                    until=until,
                    used=quota.used,
                    limit=quota.limit,
                    when=time.strftime("%m/%d %H:%M", time.localtime(until)),
                    attempts=attempts,
                )
            case "minute":
                now = desk.clock()
                # A reset that seems past, or far, says that the clocks differ.
                until = failure.reset_at if failure.reset_at and now < failure.reset_at < now + 120 else now + 60
                desk.ledger.hold(account, until, limit=failure.limit)
                self._attempts.append(Attempt(leader.id, "minute", failure.detail))
                return candidates
            case "capability" if failure.capability and self._response_format(leader):
                desk.health.lacks(leader.id, leader.structured)
                self._attempts.append(Attempt(leader.id, "capability", failure.detail))
                return candidates  # the same model once more, without the parameter
        if failure.kind == "bad_request" and not self._bare and _about_fields(failure.detail):
            # A server that speaks like OpenRouter but refuses its extra fields: the same question without them.
            self._bare = True
            desk.health.lacks("*", "extras")
            self._attempts.append(Attempt(leader.id, "capability", failure.detail))
            return candidates
        begun = self._answering(leader, failed.partial).id
        used = desk.health.failed(self._models, failure, begun)
        if failure.kind == "privacy" and failure.refused:
            # The account's switches exclude free models: one look at the router, then no more requests are wasted.
            used = {model.id for model in candidates if model.id != ROUTER or leader.id == ROUTER}
        return self._drop(leader, candidates, failure, used)

    def _drop(self, leader: Model, candidates: list[Model], failure: Failure, used: Collection[str]) -> list[Model]:
        left = [model for model in candidates if model.id not in used]
        self._attempts.append(Attempt(leader.id, failure.kind, failure.detail))
        more = bool(left) and self._tries < _TRIES
        self._notify(
            Notice(
                "attempt_failed",
                {"model": leader.id, "why": f"@why_{failure.kind}", "next": "@trying_next" if more else "@no_next"},
            )
        )
        return left

    def _accept(self, leader: Model, answer: WireAnswer) -> Reply | None:
        """The reply that `answer` makes, or None when its form is wrong and could not be repaired."""
        value = None
        if self._question.answer is not None:
            parsed = self._parsed(leader, answer)
            if parsed is None:
                return None
            answer, value = parsed
        else:
            answer = replace(answer, text=strip_thinking(answer.text))
        served = answer.model or leader.id
        author = self._answering(leader, answer).id
        formed = None if value is None else not any(attempt.kind == "repair" for attempt in self._attempts)
        self._desk.health.won(author)
        self._desk.health.observed(author, observed(answer, answer.text, formed))
        if self._question.model not in ("", ROUTER) and not same_model(served, self._question.model):
            self._tell("served_by_other", asked=self._question.model, served=served)
        return Reply(
            text=answer.text,
            model=served,
            asked=self._question.model or leader.id,
            provider=answer.provider,
            value=value,
            finish_reason=answer.finish_reason,
            cut=answer.finish_reason == "length" and self._question.answer is None,
            requests=self._requests,
            prompt_tokens=answer.prompt_tokens,
            completion_tokens=answer.completion_tokens,
            first_token_s=answer.first_token_s,
            seconds=answer.seconds,
            attempts=tuple(self._attempts),
        )

    def _parsed(self, leader: Model, answer: WireAnswer) -> tuple[WireAnswer, Any] | None:
        wanted = self._question.answer
        assert wanted is not None
        author = self._answering(leader, answer)
        try:
            return answer, parse_answer(answer.text, wanted).model_dump(mode="json")
        except NotParsed as problem:
            if any(attempt.kind == "repair" for attempt in self._attempts):
                self._desk.health.lost(author.id, "bad_answer")
                return None
            self._attempts.append(Attempt(author.id, "repair", str(problem)))
            self._tell("asking_again", model=answer.model or leader.id)
            repair = (
                *self._messages(),
                {"role": "assistant", "content": answer.text[:6_000]},
                {"role": "user", "content": f"這個回覆不符合要求：{problem}。請只輸出修正後完整的 JSON 物件。"},
            )
        try:
            mended = self._request(author, self._fallbacks(author, [author]), repair)
            return mended, parse_answer(mended.text, wanted).model_dump(mode="json")
        except NotParsed:
            self._desk.health.lost(author.id, "bad_answer")
        except WireFailed as failed:
            self._after_failure(author, [author], failed)
        return None

    def _give_up(self) -> Reply:
        attempts = tuple(self._attempts)
        kinds = [attempt.kind for attempt in attempts if attempt.kind not in ("repair", "minute", "capability")]
        if self._question.answer is None and len(self._partial.text) >= _KEEP_PARTIAL:
            self._tell("cut_short", model=self._partial.model)
            return Reply(
                text=self._partial.text,
                model=self._partial.model,
                asked=self._question.model or self._partial.model,
                provider=self._partial.provider,
                finish_reason="broken",
                cut=True,
                requests=self._requests,
                attempts=attempts,
            )
        detail = "、".join(dict.fromkeys(f"{attempt.model} {attempt.kind}" for attempt in attempts)) or "—"
        if kinds and all(kind == "privacy" for kind in kinds):
            self._desk.ledger.reject(self._desk.account, "privacy", "", _PRIVACY_S)
            raise PrivacyBlocked(attempts=attempts)
        if kinds and all(kind == "too_long" for kind in kinds):
            raise QuestionTooLong(detail=self._last.detail if self._last else "", attempts=attempts)
        if kinds and kinds[-1] == "bad_answer":
            raise BadAnswer(detail=detail, attempts=attempts)
        raise NoModel(detail=detail, attempts=attempts)

    def _answering(self, leader: Model, answer: WireAnswer) -> Model:
        """The listed model that answered; the leader where the reply does not tell, or names none of the list."""
        return self._listing.serving(answer.model) or leader

    def _tell(self, key: str, **params: Any) -> None:
        self._notify(Notice(key, params))


def _about_fields(detail: str) -> bool:
    """Whether an error complains about fields it does not know."""
    said = detail.lower()
    unknown = ("unrecognized", "unknown", "unexpected", "extra", "not permitted", "not allowed", "unsupported")
    return any(word in said for word in unknown) and any(
        f in said for f in ("field", "argument", "param", "input", "key", "models", "provider", "reasoning")
    )
