"""The recipe travels with the picture: written into PNG and WebP, marked as AI-made, read back from five programs.

from tools.images.recipe import Recipe, encode, read_recipe
data = encode(picture, "PNG", recipe=Recipe(prompt="shiba dog", seed=7))
"""

from tools.images.recipe.errors import (
    BadCertificate,
    NotAPicture,
    NotSignable,
    NotWritable,
    PictureError,
    PictureTooLarge,
    SignerMissing,
)
from tools.images.recipe.files import encode, read_made, read_recipe, resize_file, save_options
from tools.images.recipe.model import SOURCE_TYPES, Lora, Made, Recipe
from tools.images.recipe.opening import MAX_PIXELS, decode_picture
from tools.images.recipe.signing import ROOM, Signature, read_signature, sign, sign_file, signer

__all__ = [
    "MAX_PIXELS",
    "ROOM",
    "SOURCE_TYPES",
    "BadCertificate",
    "Lora",
    "Made",
    "NotAPicture",
    "NotSignable",
    "NotWritable",
    "PictureError",
    "PictureTooLarge",
    "Recipe",
    "Signature",
    "SignerMissing",
    "decode_picture",
    "encode",
    "read_made",
    "read_recipe",
    "read_signature",
    "resize_file",
    "save_options",
    "sign",
    "sign_file",
    "signer",
]
