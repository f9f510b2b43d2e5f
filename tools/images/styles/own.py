"""A person's own styles: files in Fooocus' format in FINALE_HOME/styles, beside the house's."""

from __future__ import annotations

import logging
from pathlib import Path

from tools.images.styles.errors import BadStyleFile
from tools.images.styles.fooocus import load_styles
from tools.images.styles.house import Styles, house_styles
from tools.images.styles.model import Style
from tools.settings import home_dir

__all__ = ["known_styles", "own_styles"]

_LOG = logging.getLogger("finale.images")


def own_styles(folder: Path | None = None) -> tuple[list[Style], list[BadStyleFile]]:
    """(the styles of every *.json in `folder`, what is wrong with those that cannot be read); by default FINALE_HOME/styles.

    A style with neither words nor objections would do nothing and is left out.
    """
    folder = folder or home_dir() / "styles"
    found: list[Style] = []
    broken: list[BadStyleFile] = []
    for path in sorted(folder.glob("*.json")) if folder.is_dir() else []:
        try:
            found += [style for style in load_styles(path) if style.prompt.strip() or style.negative.strip()]
        except BadStyleFile as error:
            broken.append(error)
    return found, broken


def known_styles() -> Styles:
    """The house's styles, and the person's own behind them; a name of the house stays the house's.

    A file that cannot be read is logged and left out: one bad download must not hide the other styles.
    """
    own, broken = own_styles()
    for error in broken:
        _LOG.warning("%s", error.message("en"))
    house = house_styles()
    taken = {name.casefold() for style in house for name in (style.id, style.name_zh, style.name_en)}
    fresh = [style for style in own if not {style.id.casefold(), style.name_en.casefold()} & taken]
    return Styles([*house, *fresh])
