"""Themes that are not drawn: words of rag_data/styles/refused.yaml found in a wish, after what is harmless has been taken out of it."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from tools.images.prompt.errors import BadPromptData, WishRefused
from tools.images.prompt.lexicon import same_length_fold
from tools.settings import data_dir

__all__ = ["refuse", "refused_topic"]


# Cyrillic and Greek letters that look like Latin ones (the commonest of Unicode's confusables, UTS #39).
_ALIKE = str.maketrans("аеорсухіјѕԁһӏкмтвнАЕОРСУХІЈЅКМТВНαεορυικντ", "aeopcyxijsdhlkmtbhAEOPCYXIJSKMTBHaeopuiknt")
# A word spelt letter by letter: n.u.d.e, n u d e.
_SPELT = re.compile(r"(?<![a-z0-9])(?:[a-z][\s.\-_*·]){2,}[a-z](?![a-z0-9])")


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Said(_Strict):
    zh: str = Field(min_length=1)
    en: str = Field(min_length=1)


class _Words(_Strict):
    """`zh`: words divided by spaces; `en`: words or phrases, * for any ending."""

    zh: str = ""
    en: tuple[str, ...] = ()


class _Together(_Strict):
    """Lists of which one word each has to stand in the theme, in either language."""

    zh: tuple[str, ...]
    en: tuple[tuple[str, ...], ...]


class _Topic(_Strict):
    id: str
    why: _Said
    instead: _Said
    words: _Words
    together: tuple[_Together, ...] = ()


class _File(_Strict):
    harmless: _Words
    topics: tuple[_Topic, ...] = Field(min_length=1)


@dataclass(frozen=True)
class _Gate:
    topic: _Topic
    alone: re.Pattern[str]
    together: tuple[tuple[re.Pattern[str], ...], ...]

    def holds(self, text: str) -> bool:
        return bool(self.alone.search(text)) or any(
            all(pattern.search(text) for pattern in group) for group in self.together
        )


def refuse(text: str) -> None:
    """Let a theme pass, or raise.

    Raises:
        WishRefused: the theme is one that is not drawn; its message says why, and what to do.
        BadPromptData: refused.yaml breaks its format.
    """
    topic = refused_topic(text)
    if topic is not None:
        raise WishRefused(why=topic.why, instead=topic.instead)


def refused_topic(text: str, path: Path | None = None) -> _Topic | None:
    """The first topic of refused.yaml that `text` falls under, or None."""
    harmless, gates = _gates(path)
    plain = re.sub(r"(?<=[^\x00-\x7f])[\s·.\-_*]+(?=[^\x00-\x7f])", "", same_length_fold(_bare(text)))  # 裸 體 is 裸體
    plain = _SPELT.sub(lambda found: re.sub(r"[\s.\-_*·]", "", found[0]), plain)
    plain = harmless.sub("\0", plain)
    return next((gate.topic for gate in gates if gate.holds(plain)), None)


def _bare(text: str) -> str:
    """`text` without accents on Latin letters, invisible characters, and letters borrowed from other alphabets to look alike."""
    apart = unicodedata.normalize("NFKD", text.translate(_ALIKE))
    kept = (char for char in apart if unicodedata.category(char) not in ("Mn", "Cf"))
    return unicodedata.normalize("NFKC", "".join(kept))


@cache
def _gates(path: Path | None) -> tuple[re.Pattern[str], tuple[_Gate, ...]]:
    import yaml

    path = path or data_dir() / "styles" / "refused.yaml"
    try:
        data = _File.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "-"
        raise BadPromptData(file=path.name, where=where, detail=first["msg"]) from error
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise BadPromptData(file=path.name, where="-", detail=str(error).splitlines()[0]) from error
    gates = []
    for topic in data.topics:
        for group in topic.together:
            if len(group.zh) != len(group.en):
                raise BadPromptData(file=path.name, where=f"{topic.id}.together", detail="zh and en need as many lists")
        together = tuple(
            tuple(_pattern(zh, en) for zh, en in zip(group.zh, group.en, strict=True)) for group in topic.together
        )
        gates.append(_Gate(topic, _pattern(topic.words.zh, topic.words.en), together))
    return _pattern(data.harmless.zh, data.harmless.en), tuple(gates)


def _pattern(chinese: str, english: tuple[str, ...]) -> re.Pattern[str]:
    """One pattern for all the words: Chinese anywhere, words in Latin letters (in either list) only whole."""
    forms = []
    for word in sorted({*chinese.split(), *english}, key=len, reverse=True):
        folded = same_length_fold(word)
        body = re.escape(folded.removesuffix("*")).replace(r"\ ", r"[\s-]+")
        if not folded.isascii():
            forms.append(body)
        else:
            forms.append(rf"(?<![a-z0-9]){body}" + ("[a-z]*" if folded.endswith("*") else "(?![a-z0-9])"))
    return re.compile("|".join(forms))
