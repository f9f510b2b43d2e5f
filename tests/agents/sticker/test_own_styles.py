"""Styles of a person's own files, beside the house's."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from agents import sticker
from agents.errors import BadInput
from tools.images.styles import house_styles, known_styles, own_styles
from tools.settings import home_dir


@pytest.fixture
def folder() -> Path:
    folder = home_dir() / "styles"
    folder.mkdir(parents=True)
    return folder


def test_a_fooocus_file_in_the_folder_is_found_by_name_and_used(folder: Path, tmp_path: Path) -> None:
    rows = [
        {"name": "ads-neon-sign", "prompt": "neon sign of {prompt}, glowing tubes", "negative_prompt": "daylight"},
        {"name": "Kawaii Sticker", "prompt": "not the house's {prompt}"},
        {"name": "does-nothing"},
    ]
    (folder / "mine.json").write_text(json.dumps(rows), encoding="utf-8")
    assert len(known_styles()) == len(house_styles()) + 1
    assert known_styles().get("Ads Neon Sign").id == "ads-neon-sign"
    assert "not the house's" not in known_styles().get("kawaii").prompt
    output = sticker.expand("柴犬", style="ads neon sign", offline=True).output
    assert (
        "neon sign of a shiba inu" in output.prompt
        and "daylight" in output.negative
        and output.style == "ads-neon-sign"
    )
    done = sticker.run("柴犬", style="ads-neon-sign", count=1, out=tmp_path, offline=True)
    assert len(done.output.images) == 1 and any("ads-neon-sign" in line for line in done.warnings)


def test_a_broken_file_is_named_and_hides_nothing(folder: Path) -> None:
    (folder / "bad.json").write_text("{", encoding="utf-8")
    (folder / "good.json").write_text(json.dumps([{"name": "mine", "prompt": "{prompt} in my way"}]), encoding="utf-8")
    found, broken = own_styles()
    assert [style.id for style in found] == ["mine"] and "bad.json" in broken[0].message("zh")
    assert known_styles().get("mine").source == "good.json"
    with pytest.raises(BadInput, match="沒有"):
        sticker.expand("柴犬", style="nobody's", offline=True)
