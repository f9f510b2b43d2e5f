"""A TrialStep: the same questions to several models side by side, where a failure is a result and no model stands in for another.

A sibling of Step and RowStep. Every column works in a thread of its own, its requests paced by the shared ledger and shared
out fairly (turns.py). Each reply is remembered the moment it is there, so a run that is killed or stopped by the quota goes on
where it was; replies are not kept in memory.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from agents.compare.live import Live
from agents.compare.row import combined, no_reply, reply_of
from agents.compare.say import words
from agents.compare.state import Column, CompareInputs, Round
from agents.compare.targets import FreePrompt, Seat, Target, inputs_of, offline_text, shaped
from agents.compare.turns import Turns
from agents.context import RunContext
from agents.events import Answered, Progress, Warned
from agents.step import Answer, told
from tools.compare import OFFLINE, Reply, measure, why
from tools.llm import Cancelled, NoReply, Trial, UnknownModel

__all__ = ["Aside", "TrialStep"]

_GIVE_UP = 3  # times in a row without a reply, after which a model is asked no more in this run
_HOPELESS = frozenset({"gone", "invalid_model", "forbidden", "privacy", "unknown_model"})  # once is enough


@dataclass
class Aside:
    """What the history does not give back by itself: rows without a model's reply, and why not all was asked."""

    rows: list[Reply] = field(default_factory=list)
    halted: NoReply | None = None


@dataclass(frozen=True)
class TrialStep:
    """The questions of a comparison. `targets` are those of one cell, in order."""

    inputs: CompareInputs
    targets: tuple[Target, ...]

    def ask(self, rounds: Sequence[Round], columns: Sequence[Column], context: RunContext) -> Aside:
        """Put every round to every column; replies of models are remembered under (column, round).

        Raises:
            Cancelled: the person stopped the run; what was answered is remembered.
            StorageError: FINALE_HOME cannot be written.
        """
        measure("先載入")  # what measuring needs holds up every stream while it loads: before there is one
        work = _Work(self, rounds, columns, context)
        with Live(context.emit) as live:
            threads = [
                threading.Thread(target=work.column, args=(column, live), name=f"finale-column-{n}", daemon=True)
                for n, column in enumerate(columns)
            ]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        if work.raised:
            raise work.raised
        return work.close()


class _NoTurn(Exception):
    """Raised where a column waits for its turn and none will come any more; never leaves this module."""


class _Work:
    """One run of a TrialStep, shared by the threads of its columns."""

    def __init__(
        self, step: TrialStep, rounds: Sequence[Round], columns: Sequence[Column], context: RunContext
    ) -> None:
        self._step = step
        self._rounds = rounds
        self._columns = columns
        self._context = context
        self._guard = threading.Lock()
        self._turns = Turns([column.name for column in columns], self._scarce, self._over)
        self._done = 0
        self._aside = Aside()
        self._open: dict[str, list[Round]] = {column.name: [] for column in columns}
        self.raised: BaseException | None = None

    def column(self, column: Column, live: Live) -> None:
        """Everything one column has to say. Runs in a thread: what goes wrong is kept for the one who waits."""
        try:
            left = [one for one in self._rounds if self._context.recall(column.name, one.slot) is None]
            self._progressed(len(self._rounds) - len(left))
            (self._offline if column.offline else self._from_models)(column, left, live)
        except BaseException as error:  # noqa: BLE001 - boundary of this thread: raised again where the run waits
            with self._guard:
                self.raised = self.raised or error
        finally:
            self._turns.leave(column.name)

    def close(self) -> Aside:
        """What was not asked, told once; its rows are marked so that the run can be taken up again."""
        left = sum(len(rounds) for rounds in self._open.values())
        reason = self._aside.halted
        if reason is None or not left:
            return self._aside
        context, code = self._context, _code(reason)
        message = words().say("halted", context.lang, left=left, why=reason.message(context.lang))
        context.emit(Warned(code=code, message=message))
        for column in self._columns:
            for one in self._open[column.name]:
                self._aside.rows.append(no_reply(one, column, code, reason.message(context.lang)))
            if self._open[column.name]:
                context.remember(column.name, "left", Answer(None, "none", why=code))
        return self._aside

    def _from_models(self, column: Column, left: Sequence[Round], live: Live) -> None:
        misses = 0
        if self._context.offline:
            for one in left:
                self._miss(column, one, "asked_offline", why("asked_offline", self._context.lang))
            return
        for at, one in enumerate(left):
            if misses >= _GIVE_UP:
                self._miss(column, one, "skipped", why("skipped", self._context.lang))
                continue
            try:
                trial, formed = self._tried(column, one, live, len(left) - at)
            except UnknownModel as error:
                self._warn("unknown_model", model=column.name)
                said = error.message(self._context.lang)
                trial, formed = Trial(column.name, error="unknown_model", error_text=said), None
            except Cancelled:
                raise
            except (NoReply, _NoTurn) as reason:
                self._context.check_stop()
                self._halt(column, left[at:], reason)
                return
            finally:
                self._turns.give(column.name)
            if trial.answered:
                misses = 0
                self._keep(column, one, trial, formed)
                continue
            misses = _GIVE_UP if trial.error in _HOPELESS else misses + 1
            self._miss(column, one, trial.error, trial.error_text, trial)
            if misses == _GIVE_UP and trial.error not in _HOPELESS and at + 1 < len(left):
                self._warn("given_up", model=column.name, times=_GIVE_UP)

    def _halt(self, column: Column, left: Sequence[Round], reason: NoReply | _NoTurn) -> None:
        """Nothing more can be asked; the first column that finds out says why."""
        self._open[column.name] += left
        if isinstance(reason, NoReply):
            with self._guard:
                self._aside.halted = self._aside.halted or reason

    def _tried(self, column: Column, one: Round, live: Live, left: int) -> tuple[Trial, bool | None]:
        """One cell: its questions in order, each to this column's model for it, and whether the last had its form.

        Raises:
            UnknownModel, NoReply: as the gateway does.
            _NoTurn: the run was halted before this column's turn came.
        """
        context, step, cell = self._context, self._step, one.cell(column.name)
        seat = Seat(context, column, one.repeat)
        given: dict[str, Any] = inputs_of(one.item, step.inputs, context.lang)
        trials: list[Trial] = []
        formed: bool | None = None
        thinking = words().say("thinking", context.lang, model=column.name)
        for at, target in enumerate(step.targets):
            question = target.question(given, seat)
            question = shaped(question, column, step.inputs, plain=isinstance(target, FreePrompt))
            # Later than any attempt at this cell so far, in this run's earlier lives too.
            live.begin(cell, context.gateway.ledger.requests_of(context.run) + at + 1)
            try:
                trial = context.gateway.trial(
                    question,
                    on_text=lambda text: live.feed(cell, text),
                    on_thought=lambda: context.emit(Progress(step=cell, what=thinking)),
                    before_grant=self._waiting(column, left),
                    on_granted=lambda: self._turns.give(column.name),
                    notify=lambda notice: context.emit(told(notice, cell, context.lang)),
                    cancelled=context.cancelled,
                )
            finally:
                live.end(cell)
            trials.append(trial)
            formed = None if question.answer is None else trial.value is not None
            if trial.error:
                break
            given |= trial.value if isinstance(trial.value, Mapping) else {}
        return combined(trials), formed

    def _waiting(self, column: Column, left: int) -> Callable[[], None]:
        """Waits for the column's turn, once for each question: what a question is sent again for is not its model's doing."""
        taken = False

        def wait() -> None:
            nonlocal taken
            if not taken and not self._turns.take(column.name, left):
                raise _NoTurn
            taken = True

        return wait

    def _keep(self, column: Column, one: Round, trial: Trial, formed: bool | None) -> None:
        row = reply_of(one, column, trial, formed=formed)
        answer = Answer(row.model_dump(mode="json"), "model", row.served_by, row.provider, stored=row.stored)
        self._context.remember(column.name, one.slot, answer)
        self._tell(column, one, row, "model")
        self._progressed(1, words().say("answered", self._context.lang, model=column.name, n=one.n))

    def _miss(self, column: Column, one: Round, error: str, text: str, trial: Trial | None = None) -> None:
        """A cell without a reply: no data, kept in the words in which it was told."""
        row = reply_of(one, column, trial, formed=None) if trial else no_reply(one, column, error, text)
        self._context.remember(column.name, one.slot, Answer(None, "none", why=error))
        self._set_aside(row)
        self._tell(column, one, row, "model")
        what = why(error, self._context.lang)
        self._progressed(1, words().say("no_data", self._context.lang, model=column.name, n=one.n, why=what))

    def _offline(self, column: Column, left: Sequence[Round], live: Live) -> None:
        context, step = self._context, self._step
        for one in left:
            context.check_stop()
            try:
                text = offline_text(step.targets, inputs_of(one.item, step.inputs, context.lang), context.lang)
            except (KeyError, TypeError, ValueError, AttributeError) as error:  # inputs that somebody wrote by hand
                self._miss(column, one, "no_offline", f"{type(error).__name__}: {error}"[:200])
                continue
            cell = one.cell(column.name)
            live.begin(cell, 1)
            live.feed(cell, text)
            live.end(cell)
            row = reply_of(one, column, Trial(OFFLINE, text, served_by=OFFLINE), formed=None)
            context.remember(column.name, one.slot, Answer(None, "offline", why="asked_offline"))
            self._set_aside(row)
            self._tell(column, one, row, "offline")
            self._progressed(1, words().say("answered", context.lang, model=column.name, n=one.n))

    def _tell(self, column: Column, one: Round, row: Reply, by: Any) -> None:
        """The row as an event, without its text: that has been told while it streamed."""
        value = row.model_dump(mode="json", exclude={"text", "prompt"})
        self._context.emit(
            Answered(
                step=one.cell(column.name), by=by, value=value, model=row.served_by, provider=row.provider,
                why=row.error, cut=row.cut, stored=row.stored,
            )
        )  # fmt: skip

    def _set_aside(self, row: Reply) -> None:
        with self._guard:
            self._aside.rows.append(row)

    def _progressed(self, done: int, what: str = "") -> None:
        with self._guard:
            self._done += done
            so_far = self._done
        if what:
            self._context.emit(Progress(step="ask", what=what, done=so_far, of=len(self._rounds) * len(self._columns)))

    def _warn(self, key: str, **params: Any) -> None:
        self._context.emit(Warned(code=key, message=words().say(key, self._context.lang, **params)))

    def _scarce(self, left: int) -> bool:
        """Whether the account, or what the run may still send, does not reach for `left` requests."""
        context = self._context
        if context.ceiling is not None and context.ceiling - context.gateway.ledger.requests_of(context.run) < left:
            return True
        quota = context.gateway.quota()
        return quota.limited and quota.left_for(context.purpose) < left

    def _over(self) -> bool:
        return self._aside.halted is not None or self.raised is not None or self._context.cancelled()


def _code(reason: NoReply) -> str:
    """The reason's code, one for all days that are spent: the run's status goes by it."""
    return reason.code if reason.code in ("quota_spent", "run_limit") else reason.key
