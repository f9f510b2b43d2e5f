"""User-facing words: both languages for every key, the same places to fill, no Simplified characters, none unused."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from tools.chinese import inspect

ROOT = Path(__file__).resolve().parents[2]
FILES = [
    *sorted((ROOT / "apps" / "words").glob("*.yaml")),
    *sorted(ROOT.glob("tools/**/messages.yaml")),
    *sorted(ROOT.glob("agents/**/messages.yaml")),
]


@pytest.mark.parametrize("path", FILES, ids=lambda path: "/".join(path.relative_to(ROOT).parts))
def test_both_languages_with_the_same_places(path: Path) -> None:
    for key, line in yaml.safe_load(path.read_text(encoding="utf-8")).items():
        assert set(line) == {"zh", "en"}, key
        places = {lang: set(re.findall(r"(?<!\{)\{(\w+)", line[lang])) for lang in line}
        assert places["zh"] == places["en"], key
        assert inspect(line["zh"]).clean, (key, inspect(line["zh"]))


@pytest.mark.parametrize("path", sorted((ROOT / "apps" / "words").glob("*.yaml")), ids=lambda path: path.name)
def test_no_line_is_dead(path: Path) -> None:
    code = "\n".join(file.read_text(encoding="utf-8") for file in (ROOT / "apps").rglob("*.py"))
    families = re.findall(r"""f["'](\w+_)\{""", code)
    prefixes = tuple(families)
    for key in yaml.safe_load(path.read_text(encoding="utf-8")):
        assert (
            f'"{key}"' in code
            or f"'{key}'" in code
            or (prefixes and key.startswith(prefixes))
            or key.endswith(("_text", "_open"))
        ), key
