"""`finale expand` and `finale sticker`: what they take. What they do is in image_commands.py."""

from __future__ import annotations

from typing import Annotated

import typer

from apps.options import Fresh, Json, LangOption, Offline, PlanOnly, say

__all__ = ["expand", "sticker"]

Theme = Annotated[str, typer.Argument(metavar="THEME", help=say("arg_theme"))]
StyleName = Annotated[str, typer.Option(metavar="STYLE", help=say("opt_style"))]
Count = Annotated[int, typer.Option(help=say("opt_count"))]


def expand(
    theme: Theme,
    style: StyleName = "",
    count: Count = 8,
    model: Annotated[str, typer.Option(help=say("opt_model"))] = "",
    offline: Offline = False,
    fresh: Fresh = False,
    lang: LangOption = "",
    plan: PlanOnly = False,
    as_json: Json = False,
) -> None:
    """A prompt from a theme."""
    from apps.image_commands import image_command

    given = {"theme": theme, "style": style, "count": count}
    image_command("expand", given, model, offline, fresh, lang, plan, as_json)


def sticker(
    theme: Theme,
    style: StyleName = "",
    seed: Annotated[int, typer.Option(help=say("opt_seed"))] = 0,
    count: Count = 8,
    pack: Annotated[str, typer.Option(metavar="PLATFORM", help=say("opt_pack"))] = "",
    out: Annotated[str, typer.Option(metavar="DIR", help=say("opt_sticker_out"))] = "",
    no_captions: Annotated[bool, typer.Option("--no-captions", help=say("opt_no_captions"))] = False,
    model: Annotated[str, typer.Option(help=say("opt_model"))] = "",
    offline: Offline = False,
    fresh: Fresh = False,
    lang: LangOption = "",
    plan: PlanOnly = False,
    as_json: Json = False,
) -> None:
    """Stickers from a theme."""
    from apps.image_commands import image_command

    given = {
        "theme": theme, "style": style, "seed": seed, "count": count, "pack": pack, "out": out,
        "captions": not no_captions,
    }  # fmt: skip
    image_command("sticker", given, model, offline, fresh, lang, plan, as_json)
