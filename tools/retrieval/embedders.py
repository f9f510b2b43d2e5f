"""Which embedder the settings name, and the gloss table where that one cannot be had.

FINALE_EMBEDDER: "" or "gloss" | "hub" or "hub:<model>[@<revision>]" | "api:<model>"
"""

from __future__ import annotations

import logging
from pathlib import Path

from tools.errors import FinaleError
from tools.retrieval.embed import Embedder
from tools.retrieval.errors import Degraded, EmbedderUnavailable
from tools.settings import Settings

__all__ = ["choose_embedder", "embedder_trouble", "make_embedder"]

logger = logging.getLogger(__name__)


def choose_embedder(settings: Settings, home: Path, troubles: list[FinaleError] | None = None) -> Embedder:
    """The embedder that `settings` name, ready to use. Where it cannot be had: the gloss table, with one warning, which
    is also added to `troubles`.

    Raises:
        GlossError: the gloss table itself is missing or damaged.
    """
    try:
        return make_embedder(settings, home)
    except FinaleError as error:
        if _kind(settings.finale_embedder) == "gloss":
            raise
        logger.warning("searching with the gloss table: %s", error.message("en"))
        if troubles is not None:
            troubles.append(embedder_trouble("degraded_gloss", error, settings.finale_embedder))
    from tools.retrieval.gloss import GlossEmbedder

    return GlossEmbedder()


def make_embedder(settings: Settings, home: Path) -> Embedder:
    """The embedder that `settings` name, ready to use.

    Raises:
        EmbedderUnavailable: the name is unknown, a package is missing, or the model cannot be had.
        NoReply: the server of an api embedder says why it does not embed.
        GlossError: the gloss table is missing or damaged.
    """
    spec = settings.finale_embedder
    model = spec.partition(":")[2].strip()
    match _kind(spec):
        case "gloss":
            from tools.retrieval.gloss import GlossEmbedder

            return GlossEmbedder()
        case "hub":
            from tools.retrieval.embed_hub import HubEmbedder

            return HubEmbedder.load(model)
        case "api" if model:
            from tools.retrieval.embed_api import ApiEmbedder

            return ApiEmbedder.connect(settings, model, home)
    raise EmbedderUnavailable(spec=spec[:80])


def embedder_trouble(key: str, error: FinaleError, embedder: str) -> Degraded:
    """That `embedder` failed, for the person who named it. What the gateway says is about answers: the settings to look at
    are others."""
    if "FINALE_EMBEDDER" not in error.message("en"):
        error = EmbedderUnavailable("embedder_failing", model=embedder[:80], why=error.params.get("detail") or error)
    return Degraded(key, error)


def _kind(spec: str) -> str:
    return spec.partition(":")[0].strip().lower() if spec else "gloss"
