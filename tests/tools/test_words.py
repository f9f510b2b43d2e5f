"""Words for people: every line in two languages, every error with its line, in Taiwan's characters."""

from __future__ import annotations

import re
import string
from pathlib import Path

import pytest

import tools.llm.errors
import tools.storage
from tools.errors import FinaleError
from tools.words import Words

TOOLS = Path(tools.storage.__file__).parent
FILES = sorted(TOOLS.rglob("messages.yaml"))
MAINLAND = re.compile(
    "視頻|軟件|硬件|信息|默認|網絡|屏幕|激活|反饋|服務器|程序|賬號|登錄|用戶|鏈接|文檔|數據庫|內存|緩存|隊列"
)


def places(line: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(line) if name is not None}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.parent.name)
def test_every_line_is_there_in_both_languages_with_the_same_places(path: Path) -> None:
    """Stops: a KeyError in the middle of telling a person what went wrong."""
    words = Words.load(path)
    assert words.keys()
    for key in words.keys():  # noqa: SIM118 - Words is no dict
        found = {lang: places(words._lines[key][lang]) for lang in ("zh", "en")}
        assert found["zh"] == found["en"], key
        assert all(name.isidentifier() for name in found["zh"]), key
        params = dict.fromkeys(found["zh"], "甲")
        assert all(words.say(key, lang, **params) for lang in ("zh", "en"))  # type: ignore[arg-type]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.parent.name)
def test_chinese_lines_are_those_of_taiwan(path: Path) -> None:
    """Stops: a Simplified character or a mainland word on a Taiwanese screen."""
    words = Words.load(path)
    for key in words.keys():  # noqa: SIM118
        line = words._lines[key]["zh"]
        line.encode("big5hkscs")  # what Big5 cannot write is no character of ours
        assert not MAINLAND.search(line), key


def errors(kind: type[FinaleError]) -> list[type[FinaleError]]:
    return [kind, *(each for child in kind.__subclasses__() for each in errors(child))]


def test_every_error_has_its_line() -> None:
    """Stops: an error class whose words nobody wrote."""
    ours = [kind for kind in errors(FinaleError) if kind.__module__ in ("tools.storage", "tools.llm.errors")]
    ours.remove(tools.llm.errors.LLMError)  # a family name: never raised itself
    assert len(ours) > 15
    for kind in ours:
        assert Words.load(kind.words_file).has(kind.code), kind.__name__


def test_values_are_inserted_never_interpreted() -> None:
    """Stops: text of a server or a person read as a format, down to the attributes of our objects."""
    words = Words({"k": {"zh": "「{what}」", "en": "{what}"}})
    for hostile in ("{what}", "{0}", "{what.__class__}", "{", "%s", "{{}}"):
        assert words.say("k", what=hostile) == f"「{hostile}」"


def test_a_missing_line_or_value_is_an_error() -> None:
    """Stops: a person reading `{model}` or an empty line."""
    words = Words({"k": {"zh": "{what}", "en": "{what}"}, "half": {"zh": "只有中文"}})
    for key, lang, params in (("none", "zh", {}), ("half", "en", {}), ("k", "zh", {"other": 1})):
        with pytest.raises(KeyError):
            words.say(key, lang, **params)  # type: ignore[arg-type]
    assert words.has("k") and not words.has("none")


def test_an_error_speaks_both_languages() -> None:
    """Stops: `str(error)` being a code, or English on a Chinese page."""
    error = tools.storage.DiskFull(path="ledger.db", why="full")
    assert str(error) == error.message("zh") and "磁碟空間不足" in str(error)
    assert "No space left to write ledger.db" in error.message("en")
