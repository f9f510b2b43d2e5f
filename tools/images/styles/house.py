"""The styles at hand: the house's own (rag_data/styles/house.yaml) and files in Fooocus' format, found by id or name."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints, TypeAdapter, ValidationError

from tools.images.styles.errors import BadStyleFile, NoSuchStyle
from tools.images.styles.model import Style
from tools.settings import data_dir

__all__ = ["Styles", "house_styles"]

_Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=600)]


class _Entry(BaseModel):
    """One entry of house.yaml."""

    model_config = ConfigDict(extra="forbid")
    id: Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
    zh: _Text
    en: _Text
    prompt: _Text
    negative: _Text


_LIST = TypeAdapter(list[_Entry])


class Styles:
    """Styles by id; a later one with the same id takes the place of the earlier."""

    def __init__(self, styles: Iterable[Style]) -> None:
        self._styles = {style.id: style for style in styles}
        self._names = {
            name.casefold(): style
            for style in self._styles.values()
            for name in (style.name_en, style.name_zh, style.id)
        }

    def __iter__(self) -> Iterator[Style]:
        return iter(self._styles.values())

    def __len__(self) -> int:
        return len(self._styles)

    def get(self, name: str) -> Style:
        """The style of this id, Chinese or English name; case does not count.

        Raises:
            NoSuchStyle: no loaded style is called so.
        """
        found = self._names.get(name.strip().casefold())
        if found is None:
            near = difflib.get_close_matches(name.casefold(), self._names, n=3, cutoff=0.3) or list(self._names)[1:4]
            raise NoSuchStyle(name=name[:60], near=", ".join(near))
        return found


def house_styles(path: Path | None = None) -> Styles:
    """The house's own styles, in the order of the file.

    Raises:
        BadStyleFile: the file is missing, is no YAML, or an entry breaks the schema.
    """
    import yaml

    path = path or data_dir() / "styles" / "house.yaml"
    try:
        entries = _LIST.validate_python(yaml.safe_load(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError) as error:
        raise BadStyleFile(file=path.name, where="-", detail=str(error)) from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise BadStyleFile(
            file=path.name, where=f"line {mark.line + 1}" if mark else "-", detail=getattr(error, "problem", "no YAML")
        ) from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "-"
        raise BadStyleFile(file=path.name, where=where, detail=first["msg"]) from error
    seen: set[str] = set()
    for entry in entries:
        if entry.id in seen:
            raise BadStyleFile(file=path.name, where=entry.id, detail="the id stands twice")
        seen.add(entry.id)
        if entry.prompt.count("{prompt}") != 1:
            raise BadStyleFile(file=path.name, where=entry.id, detail="the prompt needs {prompt} exactly once")
    return Styles(Style(entry.id, entry.zh, entry.en, entry.prompt, entry.negative) for entry in entries)
