"""One reply as a row: what came, when, and what is measured of it in code."""

from __future__ import annotations

from collections.abc import Sequence

from agents.compare.say import words
from agents.compare.state import Column, Round
from tools.compare import Check, CheckResult, Reply, measure, run_checks
from tools.llm import Trial

__all__ = ["combined", "no_reply", "reply_of"]


def reply_of(one: Round, column: Column, trial: Trial, *, formed: bool | None) -> Reply:
    """The row of a trial. `formed`: whether it had the form that a step wants (None: prose); that counts as a check of its own.

    The prompt itself is left out here: it stands once in the inputs.
    """
    row = _row(one, column).model_copy(
        update={
            "served_by": trial.served_by or (trial.asked if trial.answered else ""),
            "provider": trial.provider,
            "text": trial.text,
            "thought_s": trial.first_thought_s,
            "ttft_s": trial.first_text_s,
            "seconds": trial.seconds,
            "tokens": trial.completion_tokens or None,
            "tokens_s": trial.tokens_s,
            "finish": trial.finish_reason,
            "error": "" if trial.error == "bad_answer" else trial.error,
            "error_text": trial.error_text,
            "cut": trial.cut,
            "stored": trial.stored,
        }
    )
    return _measured(row, one.item.checks, formed) if row.answered else row


def no_reply(one: Round, column: Column, error: str, text: str) -> Reply:
    """The row of a cell in which no model said anything."""
    return _row(one, column).model_copy(update={"error": error, "error_text": text})


def combined(trials: Sequence[Trial]) -> Trial:
    """Several questions of one cell as one trial: the last one's text, with the time and the tokens of all."""
    last = trials[-1]
    if len(trials) == 1:
        return last
    before = sum(trial.seconds or 0.0 for trial in trials[:-1])
    told = [None if time is None else before + time for time in (last.first_thought_s, last.first_text_s, last.seconds)]
    return Trial(
        **{
            **last.__dict__,
            "first_thought_s": told[0],
            "first_text_s": told[1],
            "seconds": told[2],
            "prompt_tokens": sum(trial.prompt_tokens for trial in trials),
            "completion_tokens": sum(trial.completion_tokens for trial in trials),
            "reasoning_tokens": sum(trial.reasoning_tokens for trial in trials),
            "requests": sum(trial.requests for trial in trials),
            "stored": all(trial.stored for trial in trials),
            # Of a pair, both are named: what one wrote rests on what the other planned.
            "served_by": " → ".join(dict.fromkeys(trial.served_by or trial.asked for trial in trials)),
        }
    )


def _row(one: Round, column: Column) -> Reply:
    return Reply(id=one.cell(column.name), prompt_id=one.item.id, model=column.name, repeat=one.repeat)


def _measured(row: Reply, checks: Sequence[Check], formed: bool | None) -> Reply:
    found = measure(row.text)
    results = run_checks(row.text, checks)
    if formed is not None:
        why = {} if formed else {"zh": row.error_text, "en": row.error_text}
        results.append(CheckResult(name=words().say("form", "zh"), ok=formed, why=why))
    return row.model_copy(
        update={
            "length": found.length,
            "language": found.language,
            "characters": found.characters,
            "simplified_chars": found.simplified_chars,
            "terms": found.terms,
            "leak": found.leak if found.characters else None,
            "cut": row.cut or found.loops,
            "checks": results,
            "error_text": "",
        }
    )
