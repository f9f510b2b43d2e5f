"""What a reader wants every day: topic, muted words, rubric and weights, kept so that one command makes the day's digest."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from agents.digest.memo import digest_database
from agents.digest.mutes import MuteRule, mute_rules
from agents.digest.state import DEFAULT_POINTS, DEFAULT_RUBRIC

__all__ = ["Reader", "Wishes"]


class Wishes(BaseModel):
    """A reader's lasting wishes. They become a run's inputs; the sources are those switched on in the list."""

    model_config = ConfigDict(extra="ignore")

    topic: str = ""
    mute: list[MuteRule] = []
    rubric: str | dict[str, Any] = DEFAULT_RUBRIC
    weights: dict[str, float] = {}
    limit: int = 20
    hours: int = 36
    length: int = 120
    points: list[str] = Field(default_factory=lambda: list(DEFAULT_POINTS))

    def inputs(self, **more: Any) -> dict[str, Any]:
        """Inputs of a run; `more` takes the place of what is kept."""
        return {**self.model_dump(mode="json"), **more}


class Reader:
    """The wishes kept under `home`."""

    def __init__(self, home: Path) -> None:
        self._database = digest_database(home)

    def wishes(self) -> Wishes:
        """What is kept; the defaults where nothing is, or where it cannot be read any more."""
        row = self._database.row("SELECT data FROM wishes WHERE id=1")
        try:
            return Wishes.model_validate_json(row["data"]) if row else Wishes()
        except ValidationError:
            return Wishes()

    def keep(self, **changes: Any) -> Wishes:
        """Change some wishes.

        Raises:
            BadInput: a muted word could never work; nothing was changed.
        """
        if "mute" in changes:
            changes["mute"] = mute_rules(changes["mute"])
        wishes = Wishes.model_validate({**self.wishes().model_dump(), **changes})
        with self._database.transaction() as db:
            db.execute("INSERT OR REPLACE INTO wishes (id, data) VALUES (1, ?)", (wishes.model_dump_json(),))
        return wishes

    def mute(self, rule: MuteRule) -> Wishes:
        """Add a rule; one with the same words is replaced."""
        return self.keep(mute=[*(one for one in self.wishes().mute if one.pattern != rule.pattern), rule])

    def unmute(self, pattern: str) -> Wishes:
        """Take a rule away."""
        return self.keep(mute=[one for one in self.wishes().mute if one.pattern != pattern])

    def allow(self, pattern: str, article: str) -> Wishes:
        """Let one article through a rule: the undo of one hit. A rule of a single run is not kept for it."""
        rules = self.wishes().mute
        for rule in rules:
            if rule.pattern == pattern and article not in rule.allowed:
                rule.allowed.append(article)
        return self.keep(mute=rules)
