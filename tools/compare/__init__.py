"""Comparing models: prompts and checks read from files, replies measured, votes made into strengths.

from tools.compare import measure, rank, read_prompts, run_checks
items = read_prompts(Path("prompts.yaml")).items

The report of it all is `tools.compare.report`.
"""

from tools.compare.checks import CHECK_KINDS, parse_checks, run_checks
from tools.compare.errors import BadCheck, BadPrompts, BadReport, CompareError, ReportNotWritten
from tools.compare.intervals import Spread, bootstrap_rate, spread, wilson
from tools.compare.measures import Measured, language, loop_start, measure, tokens_per_second
from tools.compare.model import (
    NOT_ASKED,
    OFFLINE,
    Check,
    CheckKind,
    CheckResult,
    Comparison,
    Interval,
    PromptItem,
    Ranking,
    Reply,
    Said,
    Standing,
    Vote,
    Winner,
)
from tools.compare.prompts import MAX_PROMPT, MAX_ROWS, Problem, Prompts, parse_prompts, read_prompts, source_of
from tools.compare.reasons import why
from tools.compare.strength import VOTES_PER_PAIR, rank
from tools.compare.summary import ModelSummary, in_order, summarise
from tools.compare.votes import Pair, judge_verdict, next_pair, vote

__all__ = [
    "CHECK_KINDS",
    "MAX_PROMPT",
    "MAX_ROWS",
    "NOT_ASKED",
    "OFFLINE",
    "VOTES_PER_PAIR",
    "BadCheck",
    "BadPrompts",
    "BadReport",
    "Check",
    "CheckKind",
    "CheckResult",
    "CompareError",
    "Comparison",
    "Interval",
    "Measured",
    "ModelSummary",
    "Pair",
    "Problem",
    "PromptItem",
    "Prompts",
    "Ranking",
    "Reply",
    "ReportNotWritten",
    "Said",
    "Spread",
    "Standing",
    "Vote",
    "Winner",
    "bootstrap_rate",
    "in_order",
    "judge_verdict",
    "language",
    "loop_start",
    "measure",
    "next_pair",
    "parse_checks",
    "parse_prompts",
    "rank",
    "read_prompts",
    "run_checks",
    "source_of",
    "spread",
    "summarise",
    "tokens_per_second",
    "vote",
    "why",
    "wilson",
]
