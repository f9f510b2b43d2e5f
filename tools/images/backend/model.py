"""What a backend is: something that paints one picture from its recipe, says how far it is, and stops when told."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from tools.images.recipe import Recipe

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = ["Backend", "Painting", "Stage"]


@dataclass(frozen=True, slots=True)
class Stage:
    """How far one picture is: `done` steps `of` so many. `preview` is a small JPEG (at most 256 px) of it so far."""

    done: int
    of: int
    preview: bytes | None = None


@dataclass(frozen=True, slots=True)
class Painting:
    """A finished picture.

    Attributes:
        picture: RGB or RGBA.
        recipe: As it was really made: model, size, steps, scheduler filled in; `made` decides the file's mark.
        notes: Keys and parameters of this package's messages.yaml: what was done otherwise than asked.
    """

    picture: Image
    recipe: Recipe
    notes: tuple[tuple[str, Mapping[str, Any]], ...] = ()


class Backend(Protocol):
    """Paints pictures. `name` is that of its offer; `device` is "house", "cpu", "cuda:0", "mps"."""

    name: str
    device: str

    def paint(self, recipe: Recipe, *, on_stage: Callable[[Stage], None], cancelled: Callable[[], bool]) -> Painting:
        """The picture of `recipe`; the same recipe with a seed gives the same picture.

        `on_stage` is called as it goes on; `cancelled` is asked at least once a step.

        Raises:
            PaintCancelled: within one step after `cancelled` says so.
            PaintError: it cannot be painted.
        """
        ...
