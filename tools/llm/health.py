"""What is known of each model from real traffic: how often it answered, what it lacks, how long to leave it alone.

Nothing is ever spent on probing. Cool-downs grow with each failure in a row and end with a success.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tools.llm.classify import Failure
from tools.llm.ledger import Ledger
from tools.llm.model import ROUTER, Model
from tools.llm.traits import Observation, Traits, TraitStore

__all__ = ["Health", "ModelHealth", "passed"]

# Seconds to leave a model alone after a failure of a kind, doubled with each further one in a row up to the cap.
_COOL = {
    "busy": (45, 1_800),
    "model_cap": (30, 300),
    "provider": (20, 900),
    "timeout": (60, 1_800),
    "broken": (15, 300),
    "empty": (30, 600),
    "bad_answer": (30, 600),
    "loop": (60, 900),
    "gone": (21_600, 21_600),
    "invalid_model": (21_600, 21_600),
    "forbidden": (21_600, 86_400),
    "privacy": (600, 600),
    "costs": (30 * 86_400, 30 * 86_400),
}


@dataclass(frozen=True)
class ModelHealth:
    """One model's record. `share` is answers per request, smoothed so that one failure does not condemn a model."""

    wins: int = 0
    losses: int = 0
    cooling_until: float = 0.0
    last_ok: float | None = None
    last_why: str = ""
    lacks: frozenset[str] = frozenset()
    traits: Traits = field(default_factory=Traits)

    @property
    def share(self) -> float:
        return (self.wins + 1.5) / (self.wins + self.losses + 2.5)


class Health:
    """The records of one server's models, kept beside the ledger so that all processes learn together."""

    def __init__(self, ledger: Ledger, server: str) -> None:
        self._ledger = ledger
        self._server = server
        self._traits = TraitStore(ledger, server)

    def of(self, model: str) -> ModelHealth:
        return self._records({}).get(model, ModelHealth())

    def all(self) -> dict[str, ModelHealth]:
        """Every model's record, with its traits (the other questions asked here do without them)."""
        return self._records(self._traits.all())

    def _records(self, traits: Mapping[str, Traits]) -> dict[str, ModelHealth]:
        rows = self._ledger.database.rows("SELECT * FROM health WHERE server=?", self._server)
        return {
            row["model"]: ModelHealth(
                wins=row["wins"],
                losses=row["losses"],
                cooling_until=row["cooling_until"],
                last_ok=row["last_ok"],
                last_why=row["last_why"],
                lacks=frozenset(filter(None, row["lacks"].split(","))),
                traits=traits.get(row["model"], Traits()),
            )
            for row in rows
        }

    def won(self, model: str) -> None:
        with self._ledger.database.transaction() as db:
            self._touch(db, model)
            db.execute(
                "UPDATE health SET wins=wins+1, streak=0, cooling_until=0, last_ok=? WHERE server=? AND model=?",
                (self._ledger.clock(), self._server, model),
            )

    def observed(self, model: str, seen: Observation) -> None:
        """Remember what a reply of `model` was like."""
        self._traits.add(model, seen)

    def lost(self, model: str, kind: str, retry_after: float | None = None) -> None:
        """Record a failure of `kind`; `retry_after` is the server's own hint in seconds."""
        now = self._ledger.clock()
        base, cap = _COOL.get(kind, (0, 0))
        with self._ledger.database.transaction() as db:
            self._touch(db, model)
            streak = db.execute(
                "SELECT streak FROM health WHERE server=? AND model=?", (self._server, model)
            ).fetchone()[0]
            cool = min(cap, base * 2 ** min(streak, 10))
            if retry_after and base:
                cool = max(cool, min(retry_after, 3_600))
            db.execute(
                "UPDATE health SET losses=losses+1, streak=streak+1, last_fail=?, last_why=?,"
                " cooling_until=max(cooling_until, ?)"
                " WHERE server=? AND model=?",
                (now, kind, now + cool, self._server, model),
            )

    def failed(self, models: Sequence[str], failure: Failure, served: str = "") -> frozenset[str]:
        """Record the failure of one request that offered `models` in this order; the models that it has used up.

        `served` is the model whose answer broke off, where one had begun.
        """
        used = models if failure.refused else passed(models, served)
        last = next((model for model in used if model in failure.detail), used[-1])
        earlier = dict(failure.earlier)
        for model in used:
            if model == last:
                self.lost(model, failure.kind, failure.retry_after)
            else:
                self.lost(model, earlier.get(model, "provider"))
        return frozenset(used)

    def charging(self) -> frozenset[str]:
        """The models that charged for a reply of late: never to be asked."""
        now = self._ledger.clock()
        records = self._records({}).items()
        return frozenset(name for name, one in records if one.last_why == "costs" and one.cooling_until > now)

    def lacks(self, model: str, capability: str) -> None:
        """Remember that `model` refused a request because of `capability` ("schema", "object"), whatever its listing says."""
        with self._ledger.database.transaction() as db:
            self._touch(db, model)
            row = db.execute("SELECT lacks FROM health WHERE server=? AND model=?", (self._server, model)).fetchone()
            known = set(filter(None, row[0].split(","))) | {capability}
            db.execute(
                "UPDATE health SET lacks=? WHERE server=? AND model=?",
                (",".join(sorted(known)), self._server, model),
            )

    def ranked(self, models: list[Model], *, structured: bool) -> list[Model]:
        """`models` in the order in which to try them: healthy first, then able, then good; those cooling come last.

        Vendors alternate at the top, since models of one vendor tend to fail together. The router is always last.
        """
        records = self.all()
        now = self._ledger.clock()

        def merit(model: Model) -> tuple[bool, bool, float]:
            record = records.get(model.id, ModelHealth())
            score = record.share + model.intelligence / 200
            score -= _likeness_to_avoid(record.traits, structured)
            if structured and model.structured == "schema":
                score += 0.2
            if model.reasoning_mandatory:
                score -= 0.1  # thinking cannot be turned down, so an answer is slow and may eat its budget
            return (model.id != ROUTER, record.cooling_until <= now, score)

        ordered = sorted(models, key=merit, reverse=True)
        spread: list[Model] = []
        rest = ordered
        while rest:
            seen: set[str] = set()
            later: list[Model] = []
            for model in rest:
                (later if model.vendor in seen else spread).append(model)
                seen.add(model.vendor)
            rest = later
            if len(spread) >= 6:
                break
        spread += [model for model in ordered if model not in spread]
        cooling = [m for m in spread if records.get(m.id, ModelHealth()).cooling_until > now and m.id != ROUTER]
        router = [m for m in spread if m.id == ROUTER]
        return [m for m in spread if m not in cooling and m not in router] + cooling + router

    def _touch(self, db, model: str) -> None:  # noqa: ANN001 (sqlite3.Connection, private)
        db.execute("INSERT OR IGNORE INTO health (server, model) VALUES (?,?)", (self._server, model))


def _likeness_to_avoid(traits: Traits, structured: bool) -> float:
    """What a model's replies so far take from its merit: a reader waits, a script leaks, a form breaks."""
    late = min(traits.first_text_s or 0.0, 30.0) / 30.0
    broken = 1.0 - traits.formed_share if structured and traits.formed_share is not None else 0.0
    return 0.1 * late + 0.3 * (traits.leak_share or 0.0) + 0.3 * broken


def passed(models: Sequence[str], served: str) -> Sequence[str]:
    """The models of a request that had their turn when `served` took it: all before it, and itself."""
    return models[: models.index(served) + 1] if served in models else models[:1]
