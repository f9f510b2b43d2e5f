"""What paints pictures, behind one interface: SDXL where its weights are, the house artist everywhere.

from tools.images.backend import chosen, open_backend
offer = chosen("auto", settings)  # shown to the person
painting = open_backend(offer.name, settings).paint(recipe, on_stage=print, cancelled=lambda: False)
"""

from tools.images.backend.choose import AUTO, HOUSE, SDXL, Offer, chosen, offers, open_backend
from tools.images.backend.errors import (
    BadLora,
    MissingWeights,
    NoSuchBackend,
    NotSdxl,
    OutOfMemory,
    PackageMissing,
    PaintCancelled,
    PaintError,
    UnsafeWeights,
)
from tools.images.backend.house import SIDE, HouseBackend
from tools.images.backend.model import Backend, Painting, Stage

__all__ = [
    "AUTO",
    "HOUSE",
    "SDXL",
    "SIDE",
    "Backend",
    "BadLora",
    "HouseBackend",
    "MissingWeights",
    "NoSuchBackend",
    "NotSdxl",
    "Offer",
    "OutOfMemory",
    "PackageMissing",
    "PaintCancelled",
    "PaintError",
    "Painting",
    "Stage",
    "UnsafeWeights",
    "chosen",
    "offers",
    "open_backend",
]
