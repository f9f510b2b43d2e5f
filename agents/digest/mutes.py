"""Muted words as a person's data: what a run is given, what a page keeps, and the tool's rules made of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, Field

from agents.inputs import Refused
from tools.errors import FinaleError

if TYPE_CHECKING:
    from tools.news.mute import Mutes

__all__ = ["MuteRule", "as_mutes", "mute_rules"]

_FIELDS = ("title", "body", "author", "source")
_LONGEST = 200  # the tool refuses what is longer, in words


class MuteRule(BaseModel):
    """One rule; its fields are those of `tools.news.mute.Mute`. Just the words stand for a rule over all fields for ever."""

    model_config = ConfigDict(extra="forbid")

    pattern: str
    fields: list[str] = Field(default_factory=lambda: list(_FIELDS))
    until: date | None = None
    exceptions: list[str] = Field(default_factory=list, max_length=50)
    allowed: list[str] = Field(default_factory=list, max_length=500)
    enabled: bool = True


def as_mutes(rules: Sequence[MuteRule]) -> Mutes:
    """The rules as the tool takes them.

    Raises:
        BadInput: a rule could never work; says why.
    """
    from tools.news.mute import Mute, Mutes

    try:
        return Mutes(
            [
                Mute(
                    pattern=rule.pattern,
                    fields=tuple(name for name in _FIELDS if name in rule.fields),  # type: ignore[misc]
                    until=rule.until,
                    exceptions=tuple(rule.exceptions),
                    allowed=tuple(rule.allowed),
                    enabled=rule.enabled,
                )
                for rule in rules
            ]
        )
    except FinaleError as error:
        raise Refused(error) from error


def mute_rules(given: Sequence[str | Mapping[str, Any] | MuteRule]) -> list[MuteRule]:
    """Words or rules as rules, each pattern once.

    Raises:
        BadInput: a rule could never work.
    """
    rules: dict[str, MuteRule] = {}
    for one in given:
        if isinstance(one, str):
            if not one.strip():
                continue
            rule = MuteRule(pattern=one.strip()[: _LONGEST + 1])
        else:
            rule = MuteRule.model_validate(one)
        rules[rule.pattern] = rule
    as_mutes(list(rules.values()))
    return list(rules.values())
