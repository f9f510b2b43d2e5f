"""The small pictures of the styles are there, small, and show what the artist draws today."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tools.images.artist.previews import MOST_BYTES, PREVIEW_SIDE, drawn_preview, preview_path, write_previews
from tools.images.styles import house_styles

STYLES = [style.id for style in house_styles()]


def on_grey(data: bytes) -> np.ndarray:
    picture = Image.open(io.BytesIO(data)).convert("RGBA")
    assert picture.size == (PREVIEW_SIDE, PREVIEW_SIDE)
    ground = Image.new("RGBA", picture.size, "#808080")
    ground.alpha_composite(picture)
    return np.asarray(ground.convert("RGB")).astype(int)


@pytest.mark.parametrize("style", STYLES)
def test_a_preview_is_what_the_style_draws(style: str) -> None:
    path = preview_path(style)
    assert path is not None
    kept = path.read_bytes()
    assert len(kept) <= MOST_BYTES
    assert np.abs(on_grey(kept) - on_grey(drawn_preview(style))).mean() < 3


def test_no_two_previews_are_alike_and_no_file_is_left_over() -> None:
    pictures = [on_grey(path.read_bytes()) for name in STYLES if (path := preview_path(name))]
    apart = [np.abs(one - other).mean() for k, one in enumerate(pictures) for other in pictures[k + 1 :]]
    assert min(apart) > 1.5
    folder = preview_path(STYLES[0]).parent
    assert {path.stem for path in folder.iterdir()} == set(STYLES)


def test_what_is_not_drawn_has_no_preview(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert preview_path("oil-on-canvas") is None
    monkeypatch.setattr("tools.images.artist.previews._styles", lambda: {"pixel": "pixel", "line-art": "line"})
    assert [path.name for path in write_previews(tmp_path)] == ["pixel.png", "line-art.png"]
    assert preview_path("kawaii") is None
