"""`finale copy`: what it takes. What it does is in copy_commands.py."""

from __future__ import annotations

from typing import Annotated

import typer

from apps.options import Fresh, Json, LangOption, Offline, PlanOnly, say

__all__ = ["copy"]


def copy(
    shop: Annotated[str, typer.Option(metavar="FILE", help=say("opt_shop"))],
    product: Annotated[str, typer.Option(metavar="FILE", help=say("opt_product"))],
    style: Annotated[str, typer.Option(metavar="STYLE", help=say("opt_copy_style"))] = "",
    pictures: Annotated[int, typer.Option(help=say("opt_pictures"))] = 0,
    out: Annotated[str, typer.Option(metavar="DIR", help=say("opt_copy_out"))] = "",
    model: Annotated[str, typer.Option(help=say("opt_model"))] = "",
    offline: Offline = False,
    fresh: Fresh = False,
    lang: LangOption = "",
    plan: PlanOnly = False,
    as_json: Json = False,
) -> None:
    """Copy for a shop's products."""
    from apps.copy_commands import copy_command

    given = {"shop": shop, "product": product, "style": style, "pictures": pictures, "out": out}
    copy_command(given, model, offline, fresh, lang, plan, as_json)
