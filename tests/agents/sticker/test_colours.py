"""Whose a colour is: the subject's, or that of what it wears."""

from __future__ import annotations

import pytest

from agents.sticker.house import cast
from tools.images.prompt import to_prompt, wish


@pytest.mark.parametrize(
    ("theme", "coloured"),
    [
        ("紅色的柴犬", True),
        ("戴紅圍巾的柴犬", False),
        ("藍色的兔子拿著紅色雨傘", True),
        ("柴犬", False),
    ],
)
def test_a_red_scarf_makes_no_red_dog(theme: str, coloured: bool) -> None:
    said = wish(theme)
    drawn = cast(said, "kawaii", prompt=to_prompt(said).prompt)
    assert ("main" in drawn.palette) is coloured
