"""Backgrounds taken away: exactly where a drawing has alpha, by colour where the background is flat, by a model else.

The model is an option of its own: `rembg` (MIT; it runs ISNet, Apache-2.0, or BiRefNet, MIT, on onnxruntime).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from tools.images.packs.edges import distance, mean_near, outside
from tools.images.packs.errors import NoBackground, RemoverMissing

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = ["BestRemover", "FlatRemover", "RembgRemover", "Remover", "card", "cut_out", "has_alpha"]

# Colours this near (largest difference of a channel) are the background; JPEG noise stays below it.
_NEAR = 18
# This much of the rim must be of one colour for the background to count as flat.
_RIM = 0.9
_CORNER = 0.09  # radius of a card's corners, as a share of its shorter side


class Remover(Protocol):
    """Takes the background of an RGBA picture away; gives an RGBA picture of the same size."""

    def remove(self, picture: Image) -> Image: ...


def has_alpha(picture: Image) -> bool:
    """Whether an RGBA picture is cut out already: a good part of its rim is transparent."""
    alpha = np.asarray(picture.getchannel("A"))
    rim = np.concatenate([alpha[0], alpha[-1], alpha[:, 0], alpha[:, -1]])
    return bool((alpha > 0).any()) and float((rim < 8).mean()) > 0.05


def cut_out(picture: Image, remover: Remover | None = None) -> Image:
    """The picture without its background. One that has alpha comes back as it is, to the pixel.

    Raises:
        NoBackground: the background is not flat and no other remover was given. RemoverMissing.
    """
    return picture if has_alpha(picture) else (remover or FlatRemover()).remove(picture)


def card(picture: Image) -> Image:
    """The whole picture with round corners: a sticker all the same, where the background cannot be taken away."""
    from PIL import Image as Pillow
    from PIL import ImageDraw

    width, height = picture.size
    mask = Pillow.new("L", (width * 2, height * 2), 0)  # drawn twice as large: smooth corners
    radius = round(min(width, height) * _CORNER * 2)
    ImageDraw.Draw(mask).rounded_rectangle((0, 0, width * 2 - 1, height * 2 - 1), radius, fill=255)
    out = picture.convert("RGBA")
    out.putalpha(mask.resize(picture.size, Pillow.Resampling.BOX))
    return out


class FlatRemover:
    """For pictures on one flat colour: what is like the rim and connected with it goes, the edge is freed of its colour."""

    def remove(self, picture: Image) -> Image:
        from PIL import Image as Pillow

        pixels = np.asarray(picture.convert("RGB")).astype(np.int16)
        rim = np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]])
        colour = np.median(rim, axis=0)
        if float((np.abs(rim - colour).max(axis=1) <= _NEAR).mean()) < _RIM:
            raise NoBackground()
        gone = outside(np.abs(pixels - colour).max(axis=2) <= _NEAR)
        alpha = np.where(gone, 0.0, 1.0)
        # Pixels beside the background are mixed with it: their share is read from the subject's colour just inside.
        away = distance(gone, 3)
        edge = ~gone & (away < 2)
        sure = ~gone & (away >= 2)
        inside = mean_near(pixels.astype(np.float32), sure)
        span = np.abs(inside - colour).max(axis=2)
        share = np.clip(np.abs(pixels - colour).max(axis=2) / np.maximum(span, 1), 0, 1)
        known = edge & (inside.sum(axis=2) > 0) & (span > 2 * _NEAR)
        alpha[known] = share[known]
        out = np.dstack([pixels, np.round(alpha * 255)]).astype(np.uint8)
        out[known, :3] = np.round(inside[known])
        out[gone] = 0
        return Pillow.fromarray(out)


class RembgRemover:
    """Cuts any picture with a model by the `rembg` library, which is imported when it is first needed.

    Args:
        model: `isnet-anime` for drawings, `birefnet-general-lite` for photographs (both free for any use).
    """

    def __init__(self, model: str = "isnet-anime") -> None:
        self.model = model
        self._session: Any = None

    def remove(self, picture: Image) -> Image:
        """The picture cut out.

        Raises:
            RemoverMissing: `rembg` is not installed, or the model's file can be neither found nor fetched.
        """
        try:
            from rembg import new_session, remove
        except (ImportError, SystemExit):  # without onnxruntime it ends the whole program instead of raising
            raise RemoverMissing(library="rembg") from None
        self._session = self._session or self._open(new_session)
        return remove(picture, session=self._session, post_process_mask=False).convert("RGBA")

    def _open(self, new_session: Callable[[str], Any]) -> object:
        try:
            return new_session(self.model)
        except (OSError, ValueError, *_runtime_errors()) as error:  # a failed download is an OSError
            raise RemoverMissing("model_missing", model=self.model, why=type(error).__name__) from error


class BestRemover:
    """A flat background goes by its colour, any other by a model where there is one on this machine."""

    def __init__(self) -> None:
        self._flat, self._model = FlatRemover(), RembgRemover()

    def remove(self, picture: Image) -> Image:
        """The picture cut out.

        Raises:
            NoBackground: the background is not flat, and no model can take it away here.
        """
        try:
            return self._flat.remove(picture)
        except NoBackground as plain:
            try:
                return self._model.remove(picture)
            except RemoverMissing:
                raise plain from None


def _runtime_errors() -> tuple[type[Exception], ...]:
    """What onnxruntime raises for a model's file that is missing or broken; its classes have no parent of their own."""
    try:
        from onnxruntime.capi import onnxruntime_pybind11_state as state
    except ImportError:
        return ()
    return tuple(each for each in vars(state).values() if isinstance(each, type) and issubclass(each, Exception))
