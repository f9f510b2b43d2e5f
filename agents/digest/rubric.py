"""Rubrics: what makes a story worth reading, as files people edit. Weights are applied here, in code, never by a model."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from agents.errors import BadInput
from tools.settings import data_dir
from tools.words import Lang

__all__ = ["Criterion", "Rubric", "load_rubric", "shipped_rubrics", "weighted"]

_FILE_LIMIT = 64 * 1024


class _Data(BaseModel):
    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


class Name(_Data):
    """A name in both languages; a plain text in the file stands for both."""

    zh: str = Field(min_length=1, max_length=40)
    en: str = Field(min_length=1, max_length=60)

    def say(self, lang: Lang) -> str:
        return self.zh if lang == "zh" else self.en


def _named(value: Any) -> Any:
    return {"zh": value, "en": value} if isinstance(value, str) else value


class Criterion(_Data):
    """One thing that is scored from 0 to 10. `cues` are words that speak for it where no model is asked."""

    id: str = Field(pattern=r"^[a-z][a-z0-9_]{0,23}$")
    name: Name
    description: str = Field(min_length=4, max_length=400)
    weight: float = Field(1.0, ge=0, le=10)
    cues: list[str] = Field(default_factory=list, max_length=200)

    _name = field_validator("name", mode="before")(_named)


class About(_Data):
    zh: str = ""
    en: str = ""


class Rubric(_Data):
    """The whole file."""

    name: Name
    about: About = About()
    criteria: list[Criterion] = Field(min_length=1, max_length=8)

    _name = field_validator("name", mode="before")(_named)

    @field_validator("criteria")
    @classmethod
    def _each_once(cls, value: list[Criterion]) -> list[Criterion]:
        ids = [criterion.id for criterion in value]
        if len(set(ids)) < len(ids):
            raise ValueError("two criteria share an id")
        return value

    def weights(self) -> dict[str, float]:
        return {criterion.id: criterion.weight for criterion in self.criteria}


def shipped_rubrics() -> list[str]:
    """The names of the rubrics that come with Finale, sorted."""
    return sorted(path.stem for path in (data_dir() / "rubrics").glob("*.yaml"))


def load_rubric(which: str | Path | Mapping[str, Any]) -> Rubric:
    """A rubric by the name of a shipped one, by a file's path, or from plain data.

    Raises:
        BadInput: there is none of that name, or the file is not a rubric; says what is wrong where.
    """
    import yaml

    if isinstance(which, Mapping):
        data, shown = which, "rubric"
    else:
        known = data_dir() / "rubrics" / f"{which}.yaml"
        path = known if str(which) in shipped_rubrics() else Path(which)
        shown = path.name
        try:
            if path.stat().st_size > _FILE_LIMIT:
                raise BadInput("bad_rubric", file=shown, why=f"> {_FILE_LIMIT // 1024} KiB")
            data = yaml.safe_load(path.read_text(encoding="utf-8-sig"))
        except (OSError, ValueError):
            raise BadInput("no_rubric", name=shown, known="、".join(shipped_rubrics())) from None
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            where = f"line {mark.line + 1}: " if mark else ""
            raise BadInput("bad_rubric", file=shown, why=where + str(getattr(error, "problem", error))) from error
    try:
        return Rubric.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "rubric"
        raise BadInput("bad_rubric", file=shown, why=f"{where}: {first['msg']}") from error


def weighted(scores: Mapping[str, float], weights: Mapping[str, float]) -> float:
    """The weighted mean of `scores` (0..10), over the criteria that have a score; 0 where nothing counts.

    A criterion that could not be scored takes no part, so that it is "no data" and not a zero.
    """
    total = sum(weight for name, weight in weights.items() if name in scores and weight > 0)
    if not total:
        return 0.0
    return sum(scores[name] * weight for name, weight in weights.items() if name in scores and weight > 0) / total
