"""The result of a comparison: every cell as one flat row, and the columns in an order that says what it rests on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from agents.compare.state import Column, CompareInputs, CompareOutput, Prompted, Round
from agents.context import RunContext
from agents.store import Papers
from tools.compare import Comparison, ModelSummary, PromptItem, Ranking, Reply, Vote, in_order, rank, summarise, why

__all__ = ["VOTES", "comparison", "gathered", "given_votes", "prompts_told", "ranked", "settings_of", "title_of"]

VOTES = "votes by people"


def gathered(
    every: Sequence[Round], columns: Sequence[Column], aside: Sequence[Mapping[str, Any]], context: RunContext
) -> list[Reply]:
    """Every cell's row in the order in which they were asked: from the run's history, or from those set aside."""
    known = {row["id"]: row for row in aside}
    rows = []
    for one in every:
        for column in columns:
            answer = context.recall(column.name, one.slot)
            row = answer.value if answer else known.get(one.cell(column.name))
            if row is None:
                said = why("not_asked", context.lang)
                row = Reply(id=one.cell(column.name), prompt_id=one.item.id, model=column.name, repeat=one.repeat,
                            error="not_asked", error_text=said).model_dump(mode="json")  # fmt: skip
            rows.append(Reply.model_validate({**row, "prompt": _shown(one.item)}))
    return rows


def ranked(replies: Sequence[Reply], columns: Sequence[str], votes: Sequence[Vote], seed: int) -> list[dict[str, Any]]:
    """One row for each column, best first; see `tools.compare.in_order` for what decides.

    People's votes come before all that is measured; a judge's only show in the strengths.
    """
    people = [vote for vote in votes if vote.by == "person"]
    strengths = rank(votes, columns, seed=seed) if votes else None
    by_people = rank(people, columns, seed=seed) if people else None
    ordered = in_order(summarise(replies, columns, seed=seed), by_people)
    return [_standing(summary, strengths) for summary in ordered]


def title_of(inputs: CompareInputs) -> str:
    """What a comparison is called in the history: its first prompt, and how many there are."""
    line = _shown(inputs.prompts[0]).split("\n")[0]
    more = f"（{len(inputs.prompts)}）" if len(inputs.prompts) > 1 else ""
    return f"{inputs.step} {line[:40]}{more}".strip()


def comparison(run: str, title: str, output: CompareOutput, votes: Sequence[Vote] = ()) -> Comparison:
    """All that a report needs of a run, with votes given since."""
    every = [*(Vote.model_validate(one) for one in output.votes), *votes]
    return Comparison(
        run=run,
        title=title,
        made=output.made,
        seed=int(output.settings.get("seed") or 0),
        models=output.models,
        prompts=[PromptItem.model_validate(one) for one in output.prompts],
        replies=[Reply.model_validate(row) for row in output.replies],
        votes=every,
        ranking=rank(every, output.models, seed=int(output.settings.get("seed") or 0)) if every else None,
        plan=output.plan,
        settings=output.settings,
        catalogue=output.catalogue,
    )


def given_votes(papers: Papers, run: str) -> list[Vote]:
    """People's votes on a run, in the order in which they were given; they are kept with the run under VOTES."""
    return [Vote.model_validate(one) for one in papers.material(run, VOTES) or []]


def settings_of(inputs: CompareInputs, lang: str) -> dict[str, Any]:
    """How the questions were asked, for whoever wants to ask them again."""
    kept = inputs.model_dump(mode="json", exclude={"prompts"})
    return {**kept, "lang": lang}


def _standing(summary: ModelSummary, strengths: Ranking | None) -> dict[str, Any]:
    one = strengths.of(summary.model) if strengths else None
    return {
        "model": summary.model,
        "rank": one.rank if one else None,
        "strength": one.strength.value if one else None,
        "low": one.strength.low if one else None,
        "high": one.strength.high if one else None,
        "votes": one.votes if one else 0,
        "asked": summary.asked,
        "answered": summary.answered,
        "errors": dict(summary.errors),
        "passed": summary.passed.value if summary.passed else None,
        "leak": summary.leak.value if summary.leak else None,
        "terms": summary.terms.value if summary.terms else None,
        "ttft_s": summary.ttft.median if summary.ttft else None,
        "seconds": summary.seconds.median if summary.seconds else None,
        "tokens_s": summary.tokens_s.median if summary.tokens_s else None,
        "length": summary.length.median if summary.length else None,
    }


def prompts_told(inputs: CompareInputs) -> list[dict[str, Any]]:
    """The prompts as a reader of the report sees them: of a step's inputs, their values."""
    items = [item.model_copy(update={"text": _shown(item)}) for item in inputs.prompts]
    return [item.model_dump(mode="json", exclude={"inputs"}) for item in items]


def _shown(item: Prompted) -> str:
    if item.text.strip():
        return item.text
    return "\n".join(f"{name}: {value}" for name, value in item.inputs.items())
