"""A RowStep: one question about many rows at once, with every row's answer found by its id.

Scoring two hundred articles one by one would take four days of a free key. A batch saves that, but models lose rows, double
them, or write one row's answer under another's id. So ids are echoed and the set is checked: what holds is kept, only what
is missing is asked again, once, and what is still missing gets the row's offline answer. Each row is remembered by itself,
so that a run that is killed, stopped by the quota or upgraded asks only for the rows that no model has answered.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pydantic import BaseModel, ValidationError, create_model

from agents.events import Answered, Progress
from agents.prompts import Prompt
from agents.step import Answer, StepContext, asking, in_taiwan_script, told, why_offline
from tools.llm import Cancelled, NoReply
from tools.words import Lang

__all__ = ["RowStep"]


def _sound(inputs: Mapping[str, Any], row: Mapping[str, Any], value: Mapping[str, Any]) -> str:
    return ""


def _lost(inputs: Mapping[str, Any], row: Mapping[str, Any], value: Mapping[str, Any]) -> dict[str, Any] | None:
    return None


@dataclass(frozen=True)
class RowStep:
    """One question about many rows.

    The prompt gets the inputs and `rows` (each with a unique `id`, and a `problem`, "" at first); `row` is the pydantic type of one row's answer and has
    an `id` of type str. `offline(inputs, row)` answers one row without a model. `problem(inputs, row, answer)` says what is
    wrong with an answer, "" for nothing: the row is then asked again once, with that in `row["problem"]`. What is still
    wrong goes to `settle(inputs, row, answer)`, which mends it, or gives None for the offline answer.
    """

    name: str
    prompt: Prompt
    row: type[BaseModel]
    offline: Callable[[Mapping[str, Any], Mapping[str, Any]], Any]
    what: Mapping[Lang, str]
    size: int = 20
    max_tokens: int = 6_000
    temperature: float = 0.3
    problem: Callable[[Mapping[str, Any], Mapping[str, Any], Mapping[str, Any]], str] = _sound
    settle: Callable[[Mapping[str, Any], Mapping[str, Any], Mapping[str, Any]], dict[str, Any] | None] = _lost

    def requests(self, rows: int) -> int:
        """How many requests `rows` rows need where nothing goes wrong."""
        return -(-rows // self.size)

    def ask(
        self, rows: Sequence[Mapping[str, Any]], inputs: Mapping[str, Any], context: StepContext
    ) -> dict[str, Answer]:
        """Every row's answer by id, in the order of `rows`.

        Raises:
            Cancelled: the person stopped the run; rows that were answered are remembered.
        """
        found: dict[str, Answer] = {}
        for row in rows:
            known = context.recall(self.name, row["id"])
            if known is not None:
                found[row["id"]] = known
        left = [row for row in rows if row["id"] not in found]
        work = _Work(self, inputs, context, len(rows), found)
        for batch in self._batches(left):
            work.ask(batch)
        # All that is missing or wrong is asked again together: one request more, not one for each batch.
        for batch in self._batches(work.again(left)):
            work.ask(batch)
        work.close(left)
        self._announce(found, context)
        return {row["id"]: found[row["id"]] for row in rows}

    def _batches(self, rows: Sequence[Mapping[str, Any]]) -> list[Sequence[Mapping[str, Any]]]:
        return [rows[start : start + self.size] for start in range(0, len(rows), self.size)]

    def offline_value(self, row: Mapping[str, Any], inputs: Mapping[str, Any]) -> dict[str, Any]:
        """The offline answer to one row, as plain data."""
        value = self.offline(inputs, row)
        if not isinstance(value, BaseModel):
            value = self.row.model_validate(value)
        return value.model_dump(mode="json")

    def valid(self, batch: Sequence[Mapping[str, Any]], answered: Sequence[Any]) -> dict[str, dict[str, Any]]:
        """Answers by id that are valid, asked for and unambiguous."""
        asked = {row["id"] for row in batch}
        sound: dict[str, dict[str, Any]] = {}
        torn: set[str] = set()
        for item in answered:
            try:
                value = self.row.model_validate(_with_text_id(item)).model_dump(mode="json")
            except ValidationError:
                continue
            name = value["id"]
            if name not in asked:
                continue
            if sound.get(name, value) != value:
                torn.add(name)  # two different answers for one row: neither can be trusted
            sound[name] = value
        return {name: value for name, value in sound.items() if name not in torn}

    def _announce(self, found: Mapping[str, Answer], context: StepContext) -> None:
        offline = [answer for answer in found.values() if answer.by == "offline"]
        by_model = [answer for answer in found.values() if answer.by == "model"]
        context.emit(
            Answered(
                step=self.name,
                by="model" if by_model else "offline",
                value={"rows": len(found), "offline": len(offline)},
                model=by_model[-1].model if by_model else "",
                provider=by_model[-1].provider if by_model else "",
                why=offline[0].why if offline else "",
                stored=bool(by_model) and all(answer.stored for answer in by_model),
            )
        )


class _Work:
    """The rows of one RowStep on their way to their answers, which go into `found`."""

    def __init__(
        self, step: RowStep, inputs: Mapping[str, Any], context: StepContext, of: int, found: dict[str, Answer]
    ) -> None:
        self._step = step
        self._inputs = inputs
        self._context = context
        self._of = of
        self._found = found
        self._drafts: dict[str, tuple[Answer, str]] = {}  # answers with what is wrong with them
        self._hopeless: set[str] = set()  # rows of a batch in which a model answered nothing, or none was reached
        self._why: dict[str, str] = {}

    def ask(self, batch: Sequence[Mapping[str, Any]]) -> None:
        """Put one batch to a model; what is sound is found, and remembered at once."""
        step, context = self._step, self._context
        context.emit(Progress(step=step.name, what=step.what[context.lang], done=len(self._found), of=self._of))
        ids = [row["id"] for row in batch]
        try:
            if context.offline:
                self._refuse(ids, why_offline(None, context))
            elif not self._from_model(batch):
                self._hopeless.update(ids)
        except Cancelled:
            raise
        except NoReply as reason:
            self._refuse(ids, why_offline(reason, context))

    def again(self, rows: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
        """The rows to ask a second time, with what was wrong with their first answer."""
        left = [row for row in rows if row["id"] not in self._found and row["id"] not in self._hopeless]
        return [{**row, "problem": self._drafts[row["id"]][1] if row["id"] in self._drafts else ""} for row in left]

    def close(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Mend what can be mended; the rest gets its offline answer."""
        for row in rows:
            name = row["id"]
            if name in self._found:
                continue
            draft = self._drafts.get(name)
            mended = self._step.settle(self._inputs, row, draft[0].value) if draft else None
            if draft and mended is not None:
                answer = replace(draft[0], value=mended)
            else:
                value = self._step.offline_value(row, self._inputs)
                answer = Answer(value, "offline", why=self._why.get(name, "bad_answer"))
            self._keep(name, answer)

    def _refuse(self, ids: Sequence[str], why: str) -> None:
        self._hopeless.update(ids)
        self._why.update(dict.fromkeys(ids, why))

    def _from_model(self, batch: Sequence[Mapping[str, Any]]) -> bool:
        """Whether a model answered any of these rows.

        Raises:
            NoReply, Cancelled
        """
        step, context = self._step, self._context
        reply = context.gateway.ask(
            asking(
                step,
                step.prompt.messages({**self._inputs, "rows": [{"problem": "", **row} for row in batch]}),
                _rows_of(step.row),
                context,
            ),
            notify=lambda notice: context.emit(told(notice, step.name, context.lang)),
            cancelled=context.cancelled,
        )
        answered = in_taiwan_script(step.valid(batch, reply.value["rows"]), context)
        by_id = {row["id"]: row for row in batch}
        for name, value in answered.items():
            answer = Answer(value, "model", reply.model, reply.provider, stored=reply.stored)
            problem = step.problem(self._inputs, by_id[name], value)
            if problem:
                self._drafts[name] = answer, problem
            else:
                self._keep(name, answer)
        return bool(answered)

    def _keep(self, name: str, answer: Answer) -> None:
        self._found[name] = answer
        self._context.remember(self._step.name, name, answer)


def _with_text_id(item: Any) -> Any:
    """`item` with its id as text: models like to answer the id "7" as the number 7."""
    return {**item, "id": str(item["id"]).strip()} if isinstance(item, Mapping) and "id" in item else item


class _AnyRows(BaseModel):
    """What is read: one bad row does not spoil the others."""

    rows: list[Any]


def _rows_of(row: type[BaseModel]) -> type[BaseModel]:
    """The type to ask for: its schema names every field of a row, but what comes back is taken row by row."""
    strict = create_model(f"{row.__name__}Rows", rows=(list[row], ...))

    class Rows(_AnyRows):
        @classmethod
        def model_json_schema(cls, *args: Any, **kwargs: Any) -> dict[str, Any]:
            return strict.model_json_schema(*args, **kwargs)

    return Rows
