"""What a comparison is made of: prompts with checks, replies, votes, a ranking. Plain records that come and go as JSON."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from tools.words import Lang

__all__ = [
    "NOT_ASKED",
    "OFFLINE",
    "Check",
    "CheckKind",
    "CheckResult",
    "Comparison",
    "Interval",
    "PromptItem",
    "Ranking",
    "Reply",
    "Said",
    "Standing",
    "Vote",
    "Winner",
]

OFFLINE = "offline"  # the column that no model answered
NOT_ASKED = "not_asked"  # the error of a reply that was planned and not asked for yet
CheckKind = Literal[
    "contains",
    "excludes",
    "regex",
    "json",
    "json_schema",
    "min_length",
    "max_length",
    "language",
    "no_simplified",
]
Winner = Literal["left", "right", "tie"]
Said = dict[Lang, str]  # one line for people, in both languages


class _Record(BaseModel):
    # A report made by a newer Finale may hold more; what this one does not know is left out, not refused.
    model_config = ConfigDict(extra="ignore", frozen=True)


class Check(_Record):
    """A rule in code that a reply passes or fails. `value` is what the kind needs: a text, a number, a schema, or nothing."""

    kind: CheckKind
    value: Any = None
    name: str = ""

    @property
    def label(self) -> str:
        """How the check is called in tables: its name, else its kind with what it asks for."""
        if self.name:
            return self.name
        shown = "" if self.value is None or isinstance(self.value, dict | bool) else str(self.value)
        return f"{self.kind}: {shown[:40]}" if shown else self.kind


class CheckResult(_Record):
    """What a check said of one reply. `ok` is None where it could not be told (an expression out of time)."""

    name: str
    ok: bool | None
    why: Said = Field(default_factory=dict)


class PromptItem(_Record):
    """One prompt, ready to be sent: `text` has its variables filled in; `variables` keeps them for the record."""

    id: str
    text: str
    variables: dict[str, str] = Field(default_factory=dict)
    checks: list[Check] = Field(default_factory=list)
    system: str = ""


class Reply(_Record):
    """One model's reply to one prompt, or why there is none.

    Times are seconds without our own waiting: `thought_s` to the first token of reasoning, `ttft_s` to the first visible one,
    `seconds` to the end. `tokens` are those the server counted, `tokens_s` those a second after the first. What could not be
    measured is None, never 0. `simplified_chars` and `terms` are counts outside quotations, `characters` the Chinese characters
    they are counted in, `length` all characters. `error` is a short kind, `error_text` the server's own words; `cut`: an endless
    repetition was cut off; `stored`: an earlier reply was used, with the times it had then.
    """

    id: str
    prompt_id: str
    prompt: str = ""
    model: str
    repeat: int = 1
    served_by: str = ""
    provider: str = ""
    text: str = ""
    thought_s: float | None = None
    ttft_s: float | None = None
    seconds: float | None = None
    tokens: int | None = None
    tokens_s: float | None = None
    finish: str = ""
    error: str = ""
    error_text: str = ""
    simplified_chars: int | None = None
    terms: int | None = None
    characters: int | None = None
    leak: bool | None = None
    length: int | None = None
    language: str = ""
    checks: list[CheckResult] = Field(default_factory=list)
    cut: bool = False
    stored: bool = False

    @property
    def answered(self) -> bool:
        """Whether there is a reply to judge. A model that was down gave no data, which is not the same as a bad reply."""
        return not self.error and bool(self.text.strip())


class Vote(_Record):
    """One judgement of two replies to one prompt: `left` and `right` are models, `winner` a side. `at` is an ISO date with zone.

    `left_reply` and `right_reply` are the ids of the replies that were shown.
    """

    prompt: str
    left: str
    right: str
    winner: Winner
    by: Literal["person", "judge"] = "person"
    at: str = ""
    left_reply: str = ""
    right_reply: str = ""


class Interval(_Record):
    """A number with what it may as well be (95 %), from `n` observations."""

    value: float
    low: float
    high: float
    n: int


class Standing(_Record):
    """One model among those it was compared with. `strength` is in log-odds around the mean of its group of connected models;
    `rank` is None where the votes do not carry one."""

    model: str
    strength: Interval
    rank: int | None = None
    wins: int = 0
    losses: int = 0
    ties: int = 0
    group: int = 0

    @property
    def votes(self) -> int:
        return self.wins + self.losses + self.ties


class Ranking(_Record):
    """Models by strength, best first within each group. `groups` lists sets of models that no vote connects: across them no
    strength can be compared. `enough`: every compared pair has the votes that a rank needs."""

    rows: list[Standing] = Field(default_factory=list)
    votes: int = 0
    groups: list[list[str]] = Field(default_factory=list)
    enough: bool = False
    seed: int = 0
    rounds: int = 0

    def of(self, model: str) -> Standing | None:
        return next((row for row in self.rows if row.model == model), None)


class Comparison(_Record):
    """Everything a report needs, and all that is needed to do the comparison again.

    `made` is an ISO date with zone; `settings` are those of the questions (temperature, max_tokens, step …), `plan` what was
    told before the start, `catalogue` what was known of the models then. All three are shown as they are. Strengths and intervals
    are not kept: they follow from the votes and the seed.
    """

    run: str = ""
    title: str = ""
    made: str = ""
    seed: int = 0
    models: list[str] = Field(default_factory=list)
    prompts: list[PromptItem] = Field(default_factory=list)
    replies: list[Reply] = Field(default_factory=list)
    votes: list[Vote] = Field(default_factory=list)
    plan: dict[str, Any] = Field(default_factory=dict)
    settings: dict[str, Any] = Field(default_factory=dict)
    catalogue: dict[str, Any] = Field(default_factory=dict)
    notes: list[str] = Field(default_factory=list)

    def texts(self) -> dict[str, tuple[str, str]]:
        """What was asked under each prompt's id, with the system prompt. A step's prompt has no text of its own: what its replies
        say was asked stands for it."""
        asked = {reply.prompt_id: reply.prompt for reply in reversed(self.replies)}
        found = {prompt.id: (prompt.text or asked.get(prompt.id, ""), prompt.system) for prompt in self.prompts}
        return found | {id: (text, "") for id, text in asked.items() if id not in found}
