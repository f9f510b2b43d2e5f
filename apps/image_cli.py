"""`finale expand`, `finale sticker` and `finale pack`: what they take. What they do is in image_commands.py."""

from __future__ import annotations

from typing import Annotated

import typer

from apps.options import Fresh, Json, LangOption, Offline, PlanOnly, say

__all__ = ["expand", "pack", "sticker"]

Theme = Annotated[str, typer.Argument(metavar="THEME", help=say("arg_theme"))]
StyleName = Annotated[str, typer.Option(metavar="STYLE", help=say("opt_style"))]
ArtistName = Annotated[str, typer.Option("--artist", metavar="auto|house|sdxl", help=say("opt_artist"))]
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
    sheet: Annotated[str, typer.Option(metavar="FILE", help=say("opt_sheet"))] = "",
    compare: Annotated[bool, typer.Option("--compare", help=say("opt_compare"))] = False,
    artist: ArtistName = "auto",
    size: Annotated[int, typer.Option(help=say("opt_size"))] = 0,
    steps: Annotated[int | None, typer.Option(help=say("opt_steps"))] = None,
    cfg: Annotated[float | None, typer.Option(help=say("opt_cfg"))] = None,
    sampler: Annotated[str, typer.Option(help=say("opt_sampler"))] = "",
    guide: Annotated[str, typer.Option(metavar="img2img|edges", help=say("opt_guide"))] = "",
    strength: Annotated[float, typer.Option(help=say("opt_strength"))] = 0.6,
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
        "captions": not no_captions, "sheet": sheet, "compare": compare, "artist": artist, "size": size, "steps": steps,
        "cfg": cfg, "sampler": sampler, "guide": guide, "strength": strength,
    }  # fmt: skip
    image_command("sticker", given, model, offline, fresh, lang, plan, as_json)


def pack(
    pictures: Annotated[list[str], typer.Argument(metavar="PICTURE...", help=say("arg_pictures"))],
    platform: Annotated[str, typer.Option("--for", metavar="PLATFORM", help=say("opt_pack"))] = "line",
    title: Annotated[str, typer.Option(help=say("opt_title"))] = "",
    caption: Annotated[list[str] | None, typer.Option(metavar="TEXT", help=say("opt_caption"))] = None,
    no_border: Annotated[bool, typer.Option("--no-border", help=say("opt_no_border"))] = False,
    cover: Annotated[int, typer.Option(min=1, help=say("opt_cover"))] = 1,
    out: Annotated[str, typer.Option(metavar="DIR", help=say("opt_sticker_out"))] = "",
    lang: LangOption = "",
    as_json: Json = False,
) -> None:
    """Pictures of one's own, packed."""
    from apps.image_commands import pack_command

    given = {
        "pictures": pictures, "pack": platform, "title": title, "captions": caption or [], "border": not no_border,
        "cover": cover - 1, "out": out,
    }  # fmt: skip
    pack_command(given, lang, as_json)
