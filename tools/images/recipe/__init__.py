"""The recipe travels with the picture: written into PNG and WebP, marked as AI-made, read back from five programs.

from tools.images.recipe import Recipe, encode, read_recipe
data = encode(picture, "PNG", recipe=Recipe(prompt="shiba dog", seed=7))
"""

from tools.images.recipe.errors import NotAPicture, NotWritable, PictureError, PictureTooLarge
from tools.images.recipe.files import encode, read_made, read_recipe, resize_file, save_options
from tools.images.recipe.model import SOURCE_TYPES, Lora, Made, Recipe
from tools.images.recipe.opening import MAX_PIXELS, decode_picture

__all__ = [
    "MAX_PIXELS",
    "SOURCE_TYPES",
    "Lora",
    "Made",
    "NotAPicture",
    "NotWritable",
    "PictureError",
    "PictureTooLarge",
    "Recipe",
    "decode_picture",
    "encode",
    "read_made",
    "read_recipe",
    "resize_file",
    "save_options",
]
