"""Rubrics: what makes a story worth reading, as files people edit. Weights are applied here, in code, never by a model."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from agents.errors import BadInput
from tools.settings import Settings, data_dir
from tools.storage import writing
from tools.words import Lang

__all__ = [
    "Criterion",
    "Rubric",
    "delete_rubric",
    "load_rubric",
    "rubric_names",
    "save_rubric",
    "shipped_rubrics",
    "weighted",
]

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


def rubric_names() -> list[str]:
    """The rubrics that can be named: the shipped ones, then a person's own."""
    return list(_named_files())


def own_rubrics_dir() -> Path:
    """Where a person's own rubrics are, as files they may edit."""
    return Settings().home / "rubrics"


def save_rubric(rubric: Rubric) -> Path:
    """Keep a person's own rubric under its name, in place of one that is there.

    Raises:
        BadInput: it has the name of a shipped one, or a name no file can have.
    """
    import yaml

    name = rubric.name.zh
    if name in shipped_rubrics():
        raise BadInput("rubric_taken", name=name)
    if name != name.strip(". ") or any(char in name for char in '/\\:*?"<>|') or not name.isprintable():
        raise BadInput("rubric_name", name=name)
    folder = own_rubrics_dir()
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{name}.yaml"
        path.write_text(yaml.safe_dump(rubric.model_dump(), allow_unicode=True, sort_keys=False), encoding="utf-8")
    return path


def delete_rubric(name: str) -> None:
    """Delete a person's own rubric; a shipped one stays."""
    if name in _own_files():
        _own_files()[name].unlink(missing_ok=True)


def _own_files() -> dict[str, Path]:
    return {path.stem: path for path in sorted(own_rubrics_dir().glob("*.yaml"))}


def _named_files() -> dict[str, Path]:
    shipped = {path.stem: path for path in sorted((data_dir() / "rubrics").glob("*.yaml"))}
    return {**shipped, **{name: path for name, path in _own_files().items() if name not in shipped}}


def load_rubric(which: str | Path | Mapping[str, Any]) -> Rubric:
    """A rubric by the name of a shipped one, by a file's path, or from plain data.

    Raises:
        BadInput: there is none of that name, or the file is not a rubric; says what is wrong where.
    """
    import yaml

    if isinstance(which, Mapping):
        data, shown = which, "rubric"
    else:
        path = _named_files().get(str(which), Path(which))
        shown = path.name
        try:
            with path.open("rb") as file:
                held = file.read(_FILE_LIMIT + 1)
            if len(held) > _FILE_LIMIT:
                raise BadInput("bad_rubric", file=shown, why=f"> {_FILE_LIMIT // 1024} KiB")
            data = yaml.safe_load(held.decode("utf-8-sig"))
        except (OSError, ValueError):
            raise BadInput("no_rubric", name=shown, known="、".join(rubric_names())) from None
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
