"""A model as judge: it sees every pair in both orders, and where it changes its mind with the seats that is a tie.

Its votes are counted in the plan and never the only evidence: a rank needs votes by people (tools/compare/strength.py).
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel

from agents.compare.state import CompareInputs, Prompted
from agents.context import RunContext
from agents.events import Progress
from agents.prompts import Prompt
from agents.step import Answer, Step, why_offline
from tools.compare import Reply, Vote, Winner, judge_verdict
from tools.llm import NoReply, UnknownModel

__all__ = ["JUDGE", "judge", "judged_pairs"]

_SHOWN = 6_000  # characters of a reply that the judge is shown


class Verdict(BaseModel):
    """What the judge says of two replies."""

    winner: Literal["left", "right", "tie"]
    why: str = ""


JUDGE = Step(
    name="judge",
    prompt=Prompt(Path(__file__).parent / "prompts" / "verdict.md"),
    # Without a model nothing is judged: a rule that prefers one reply would pretend to be an opinion.
    offline=lambda inputs: {"winner": "tie", "why": ""},
    what={"zh": "請模型評審", "en": "Asking the judge"},
    answer=Verdict,
    max_tokens=2_000,
    temperature=0.0,
)


def judged_pairs(inputs: CompareInputs, columns: Sequence[str]) -> list[tuple[str, str, str]]:
    """(prompt id, one column, another) that the judge is shown: around a ring in an order drawn anew for each prompt.

    Every column is judged against two others a prompt, where all pairs would cost the square of the columns.
    """
    if len(columns) < 2:
        return []
    pairs = []
    for item in inputs.prompts:
        ring = list(columns)
        random.Random(f"{inputs.seed}|{item.id}").shuffle(ring)
        edges = zip(ring, [*ring[1:], ring[0]], strict=True) if len(ring) > 2 else [(ring[0], ring[1])]
        pairs += [(item.id, one, other) for one, other in edges]
    return pairs


def judge(inputs: CompareInputs, replies: Mapping[tuple[str, str], Reply], context: RunContext) -> list[Vote]:
    """The judge's votes on the first repeat's replies, by (prompt id, column). What it cannot be asked about is no vote.

    Raises:
        Cancelled: the person stopped the run.
    """
    prompts = {item.id: item for item in inputs.prompts}
    pairs = judged_pairs(inputs, list(dict.fromkeys(column for _, column in replies)))
    votes: list[Vote] = []
    for done, (prompt, one, other) in enumerate([] if context.offline else pairs):
        left, right = replies.get((prompt, one)), replies.get((prompt, other))
        if not (left and right and left.answered and right.answered):
            continue
        context.emit(Progress(step=JUDGE.name, what=JUDGE.what[context.lang], done=done, of=len(pairs)))
        try:
            said = judge_verdict(
                _opinion(prompts[prompt], left, right, inputs, context),
                _opinion(prompts[prompt], right, left, inputs, context),
            )
        except (NoReply, UnknownModel) as reason:
            context.check_stop()
            _tell(reason, context)
            break
        if said:
            votes.append(_vote(left, right, said))
    return votes


def _opinion(item: Prompted, left: Reply, right: Reply, inputs: CompareInputs, context: RunContext) -> Winner | None:
    """What the judge says with these seats; None where it says nothing usable."""
    slot = f"{left.id}>{right.id}"
    known = context.recall(JUDGE.name, slot)
    if known is None:
        given = {"prompt": item.text or str(item.inputs), "left": left.text[:_SHOWN], "right": right.text[:_SHOWN]}
        question = replace(JUDGE.question(given, context), model=inputs.judge)
        trial = context.gateway.trial(question, cancelled=context.cancelled)
        if trial.value is None:
            return None
        known = Answer(trial.value, "model", trial.served_by, trial.provider, stored=trial.stored)
        context.remember(JUDGE.name, slot, known)
    return known.value["winner"]


def _tell(reason: Any, context: RunContext) -> None:
    """Why the judging ended early: a warning, and a mark by which the run can be taken up again."""
    from agents.events import Warned

    if isinstance(reason, NoReply):
        code = why_offline(reason, context)
    else:
        code = reason.key
        context.emit(Warned(code=code, message=reason.message(context.lang)))
    context.remember(JUDGE.name, "left", Answer(None, "none", why=code))


def _vote(left: Reply, right: Reply, winner: Winner) -> Vote:
    return Vote(
        prompt=left.prompt_id,
        left=left.model,
        right=right.model,
        winner=winner,
        by="judge",
        at=datetime.now(UTC).isoformat(timespec="seconds"),
        left_reply=left.id,
        right_reply=right.id,
    )
