"""A RowStep: one question about many rows at once, with every row's answer found by its id.

Scoring two hundred articles one by one would take four days of a free key. A batch saves that, but models lose rows, double
them, or write one row's answer under another's id. So ids are echoed and the set is checked: what holds is kept, only what
is missing is asked again, once, and what is still missing gets the row's offline answer. Each row is remembered by itself,
so that a run that is killed, stopped by the quota or upgraded asks only for the rows that no model has answered.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ValidationError, create_model

from agents.events import Answered, Progress
from agents.prompts import Prompt
from agents.step import Answer, StepContext, in_taiwan_script, told, why_offline
from tools.llm import Cancelled, NoReply, Question
from tools.words import Lang

__all__ = ["RowStep"]


def _anything(row: Mapping[str, Any], value: Mapping[str, Any]) -> bool:
    return True


@dataclass(frozen=True)
class RowStep:
    """One question about many rows.

    The prompt gets the inputs and `rows` (each with a unique `id`); `row` is the pydantic type of one row's answer and has
    an `id` of type str. `offline(inputs, row)` answers one row without a model. `fits(row, answer)` may refuse an answer
    that belongs to another row (it shares no word with this one): it is then asked again like a missing one.
    """

    name: str
    prompt: Prompt
    row: type[BaseModel]
    offline: Callable[[Mapping[str, Any], Mapping[str, Any]], Any]
    what: Mapping[Lang, str]
    size: int = 20
    max_tokens: int = 6_000
    temperature: float = 0.3
    fits: Callable[[Mapping[str, Any], Mapping[str, Any]], bool] = _anything

    def requests(self, rows: int) -> tuple[int, int]:
        """How many requests `rows` rows need at least, and at most (each batch tried three times, repaired, asked again)."""
        batches = -(-rows // self.size)
        return batches, batches * 8

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
        for start in range(0, len(left), self.size):
            batch = left[start : start + self.size]
            done = len(rows) - len(left) + start
            context.emit(Progress(step=self.name, what=self.what[context.lang], done=done, of=len(rows)))
            found |= self._batch(batch, inputs, context)
        self._announce(found, context)
        return {row["id"]: found[row["id"]] for row in rows}

    def _batch(
        self, batch: Sequence[Mapping[str, Any]], inputs: Mapping[str, Any], context: StepContext
    ) -> dict[str, Answer]:
        why, found = "", dict[str, Answer]()
        try:
            if context.offline:
                why = why_offline(None, context)
            else:
                found = self._from_model(batch, inputs, context)
                missing = [row for row in batch if row["id"] not in found]
                if found and missing:  # a model that answered no row at all would not do so the second time
                    found |= self._from_model(missing, inputs, context)
        except Cancelled:
            raise
        except NoReply as reason:
            why = why_offline(reason, context)
        for row in batch:
            if row["id"] not in found:
                answer = Answer(self._offline(row, inputs), "offline", why=why or "bad_answer")
                found[row["id"]] = answer
                context.remember(self.name, row["id"], answer)
        return found

    def _from_model(
        self, batch: Sequence[Mapping[str, Any]], inputs: Mapping[str, Any], context: StepContext
    ) -> dict[str, Answer]:
        """The rows that a model answered soundly; they are remembered at once.

        Raises:
            NoReply, Cancelled
        """
        question = Question(
            messages=self.prompt.messages({**inputs, "rows": list(batch)}),
            answer=_rows_of(self.row),
            model=context.model_for(self.name),
            max_tokens=self.max_tokens,
            temperature=self.temperature,
            run=context.run,
            step=self.name,
            version=context.version,
            purpose=context.purpose,
        )
        reply = context.gateway.ask(
            question,
            notify=lambda notice: context.emit(told(notice, self.name, context.lang)),
            cancelled=context.cancelled,
        )
        sound = in_taiwan_script(self._sound(batch, reply.value["rows"]), context)
        found = {
            name: Answer(value, "model", reply.model, reply.provider, stored=reply.stored)
            for name, value in sound.items()
        }
        for name, answer in found.items():
            context.remember(self.name, name, answer)
        return found

    def _sound(self, batch: Sequence[Mapping[str, Any]], answered: Sequence[Any]) -> dict[str, dict[str, Any]]:
        """Answers by id that are valid, asked for, unambiguous and fitting."""
        asked = {row["id"]: row for row in batch}
        sound: dict[str, dict[str, Any]] = {}
        torn: set[str] = set()
        for item in answered:
            try:
                value = self.row.model_validate(_with_text_id(item)).model_dump(mode="json")
            except ValidationError:
                continue
            name = value["id"]
            if name not in asked or not self.fits(asked[name], value):
                continue
            if sound.get(name, value) != value:
                torn.add(name)  # two different answers for one row: neither can be trusted
            sound[name] = value
        return {name: value for name, value in sound.items() if name not in torn}

    def _offline(self, row: Mapping[str, Any], inputs: Mapping[str, Any]) -> dict[str, Any]:
        value = self.offline(inputs, row)
        if not isinstance(value, BaseModel):
            value = self.row.model_validate(value)
        return value.model_dump(mode="json")

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


def _with_text_id(item: Any) -> Any:
    """`item` with its id as text: models like to answer the id "7" as the number 7."""
    return {**item, "id": str(item["id"]).strip()} if isinstance(item, Mapping) and "id" in item else item


def _rows_of(row: type[BaseModel]) -> type[BaseModel]:
    """The type to ask for: the schema names every field of a row, but one bad row does not spoil the others."""
    strict = create_model(f"{row.__name__}Rows", rows=(list[row], ...))

    class Rows(BaseModel):
        rows: list[Any]

        @classmethod
        def model_json_schema(cls, *args: Any, **kwargs: Any) -> dict[str, Any]:
            return strict.model_json_schema(*args, **kwargs)

    return Rows
