"""What a model's replies are like, from real traffic: how soon, how fast, in which script, in the wanted form or not.

Health says whether a model answers at all; traits say how. Only the newest replies of each model count, since a free name
is routed to another machine from one week to the next.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from tools.llm.ledger import Ledger
from tools.llm.wire import WireAnswer
from tools.words import Lang, Words

__all__ = ["Observation", "TraitStore", "Traits", "observed", "tokens_per_second"]

_NEWEST = 60  # replies of a model that count
_FEW = 3  # fewer observations than this say nothing
_FAST_S, _SLOW_S = 2.5, 12.0  # to the first visible text
_WELL, _BADLY = 0.9, 0.6
_OFTEN = 0.2
_MIN_STREAM_S = 0.05  # a reply that came in one piece has no rate


@dataclass(frozen=True)
class Observation:
    """One reply. Times are seconds; None where the reply could not tell (`leak`: no Chinese in it; `formed`: prose)."""

    first_text_s: float | None = None
    tokens_s: float | None = None
    leak: bool | None = None
    formed: bool | None = None


@dataclass(frozen=True)
class Traits:
    """What the newest replies of a model add up to: medians in seconds and tokens a second, shares 0..1, None where unknown."""

    replies: int = 0
    first_text_s: float | None = None
    tokens_s: float | None = None
    leak_share: float | None = None
    formed_share: float | None = None

    @property
    def codes(self) -> tuple[str, ...]:
        """What is worth saying, as keys of messages.yaml; nothing where too little was seen."""
        found = []
        if self.first_text_s is not None and self.first_text_s <= _FAST_S:
            found.append("trait_fast")
        if self.first_text_s is not None and self.first_text_s >= _SLOW_S:
            found.append("trait_slow")
        if self.formed_share is not None and self.formed_share >= _WELL:
            found.append("trait_formed")
        if self.formed_share is not None and self.formed_share < _BADLY:
            found.append("trait_unformed")
        if self.leak_share:
            found.append("trait_leaks_often" if self.leak_share > _OFTEN else "trait_leaks")
        return tuple(found)

    def phrase(self, lang: Lang) -> str:
        """The codes in words, for a menu: 快、守格式、偶有簡體."""
        words = Words.load(Path(__file__).with_name("messages.yaml"))
        return words.say("trait_between", lang).join(words.say(code, lang) for code in self.codes)


class TraitStore:
    """The observations of one server's models, beside the ledger."""

    def __init__(self, ledger: Ledger, server: str) -> None:
        self._ledger = ledger
        self._server = server

    def add(self, model: str, seen: Observation) -> None:
        """Remember one reply of `model`; the oldest beyond the newest 60 are forgotten."""
        with self._ledger.database.transaction() as db:
            db.execute(
                "INSERT INTO traits (server, model, at, first_text_s, tokens_s, leak, formed) VALUES (?,?,?,?,?,?,?)",
                (
                    self._server, model, self._ledger.clock(), seen.first_text_s, seen.tokens_s,
                    None if seen.leak is None else int(seen.leak), None if seen.formed is None else int(seen.formed),
                ),
            )  # fmt: skip
            db.execute(
                "DELETE FROM traits WHERE server=? AND model=? AND id NOT IN"
                " (SELECT id FROM traits WHERE server=? AND model=? ORDER BY id DESC LIMIT ?)",
                (self._server, model, self._server, model, _NEWEST),
            )

    def all(self) -> dict[str, Traits]:
        """Traits by model."""
        rows = self._ledger.database.rows("SELECT * FROM traits WHERE server=? ORDER BY id", self._server)
        by_model: dict[str, list[Observation]] = {}
        for row in rows:
            flags = [None if row[name] is None else bool(row[name]) for name in ("leak", "formed")]
            by_model.setdefault(row["model"], []).append(Observation(row["first_text_s"], row["tokens_s"], *flags))
        return {model: _summed(seen) for model, seen in by_model.items()}


def observed(answer: WireAnswer, text: str, formed: bool | None) -> Observation:
    """What one answer shows. `text` is what people see of it, `formed` whether it had the wanted form (None: prose)."""
    from tools.chinese import inspect

    report = inspect(text)
    leak = bool(report.simplified_count) if report.characters else None
    return Observation(answer.first_text_s, tokens_per_second(answer), leak, formed)


def tokens_per_second(answer: WireAnswer) -> float | None:
    """The rate after the first token; None where the server counted none, or all came at once."""
    if answer.first_token_s is None or not answer.completion_tokens:
        return None
    streamed = answer.seconds - answer.first_token_s
    return answer.completion_tokens / streamed if streamed >= _MIN_STREAM_S else None


def _summed(seen: list[Observation]) -> Traits:
    return Traits(
        len(seen),
        _median(one.first_text_s for one in seen),
        _median(one.tokens_s for one in seen),
        _share(one.leak for one in seen),
        _share(one.formed for one in seen),
    )


def _median(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return median(known) if len(known) >= _FEW else None


def _share(values: Iterable[bool | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if len(known) >= _FEW else None
