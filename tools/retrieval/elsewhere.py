"""What people ask about that the house knowledge says nothing of, so that such a question is known when it comes."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from tools.retrieval.yaml_list import read_list

__all__ = ["Matter", "read_elsewhere"]


class Matter(BaseModel):
    """One kind of thing that is not in the notes. `everywhere`: its words may stand in any question."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    about: str = Field(min_length=1)
    everywhere: bool = False
    words_zh: list[str] = Field(min_length=1)
    words_en: list[str] = Field(min_length=1)

    def text(self) -> str:
        return "\n".join([self.about, *self.words_zh, *self.words_en])


def read_elsewhere(path: Path) -> list[str]:
    """One text for each matter of a YAML file: the words that a question about it is made of. None if there is no file.

    Raises:
        BadDocument: the file is no YAML, or breaks the schema.
    """
    matters = read_list(path, TypeAdapter(list[Matter])) if path.is_file() else []
    always = [matter.text() for matter in matters if matter.everywhere]
    return ["\n".join([matter.text(), *always]) for matter in matters if not matter.everywhere]
