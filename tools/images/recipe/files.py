"""Recipes in picture files: written into PNG and WebP, read back from ours and from four other programs'.

Text in a file is data: it is cut to size, freed of control characters and never evaluated.
"""

from __future__ import annotations

import contextlib
import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from tools.images.recipe.a1111 import looks_like_a1111, read_a1111, write_a1111
from tools.images.recipe.comfyui import looks_like_comfyui, read_comfyui
from tools.images.recipe.errors import NotWritable
from tools.images.recipe.model import Made, Recipe
from tools.images.recipe.opening import BROKEN, decode_picture, header_of, picture_bytes
from tools.images.recipe.others import read_fooocus, read_invokeai
from tools.images.recipe.xmp import packet, read_packet

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = ["Kind", "encode", "read_made", "read_recipe", "resize_file", "save_options"]

Kind = Literal["PNG", "WEBP"]
_EXIF, _COMMENT, _MAKE, _MODEL = 0x8769, 0x9286, 0x010F, 0x0110
_MAX_JSON = 1_000_000


def save_options(kind: Kind, made: Made, recipe: Recipe | None) -> dict[str, Any]:
    """Keyword arguments for Pillow's `save` that put the mark and, where given, the recipe into the file."""
    from PIL import Image, PngImagePlugin

    if kind not in ("PNG", "WEBP"):
        raise NotWritable(kind=kind)
    mark = packet(made, recipe)
    text = write_a1111(recipe) if recipe else ""
    if kind == "PNG":
        chunks = PngImagePlugin.PngInfo()
        if text:
            chunks.add_text("parameters", text)
        chunks.add_itxt("XML:com.adobe.xmp", mark)
        return {"pnginfo": chunks}
    options: dict[str, Any] = {"xmp": mark.encode()}
    if text:
        exif = Image.Exif()
        exif.get_ifd(_EXIF)[_COMMENT] = b"UNICODE\0" + text.encode("utf-16-be", "replace")
        options["exif"] = exif
    return options


def encode(
    picture: Image, kind: Kind, *, made: Made = "trained", recipe: Recipe | None = None, **options: Any
) -> bytes:
    """The file of `picture`, marked as AI-made and with its recipe inside."""
    buffer = io.BytesIO()
    picture.save(buffer, kind, **save_options(kind, made, recipe), **options)
    return buffer.getvalue()


def read_recipe(source: Path | bytes, name: str = "") -> Recipe | None:
    """The recipe in a PNG, WebP or JPEG, whichever program wrote it; None where there is none.

    Raises:
        NotAPicture, PictureTooLarge.
    """
    info, exif, size = _metadata(source, name)
    made, ours = read_packet(info.get("xmp"))
    if data := _json(ours):
        return Recipe.from_json(data)
    if data := _json(info.get("invokeai_metadata")):
        return read_invokeai(data)
    for text in (info.get("parameters"), exif.get("comment")):
        if isinstance(text, str) and text.strip():
            if (data := _json(text)) and not looks_like_comfyui(data):
                return read_fooocus(data).sized(*size)
            if looks_like_a1111(text):
                return read_a1111(text).sized(*size)
    for text in (info.get("prompt"), exif.get("model"), exif.get("make")):
        if isinstance(text, str) and (data := _json(text.removeprefix("prompt:"))) and looks_like_comfyui(data):
            return read_comfyui(data).sized(*size)
    return Recipe(made=made, width=size[0], height=size[1]) if made else None


def read_made(source: Path | bytes, name: str = "") -> Made | None:
    """How the picture says it was made, by its IPTC digital source type; None where it does not say.

    Raises:
        NotAPicture, PictureTooLarge.
    """
    return read_packet(_metadata(source, name)[0].get("xmp"))[0]


def resize_file(source: Path | bytes, width: int, height: int, kind: Kind = "PNG") -> bytes:
    """The picture in another size, with its recipe and its mark kept.

    Raises:
        NotAPicture, PictureTooLarge.
    """
    from PIL import Image

    data, _ = picture_bytes(source)
    recipe, made = read_recipe(data), read_made(data)
    picture = decode_picture(data).resize((width, height), Image.Resampling.LANCZOS)
    return encode(picture, kind, made=made or (recipe.made if recipe else "trained"), recipe=recipe)


def _metadata(source: Path | bytes, name: str) -> tuple[dict[str, Any], dict[str, str], tuple[int, int]]:
    """The file's text chunks, the EXIF fields programs write recipes into, and its size."""
    data, name = picture_bytes(source, name)
    picture = header_of(data, name)
    if picture.format == "PNG":
        with contextlib.suppress(BROKEN):  # a picture that breaks off may still say what it was
            picture.load()  # text may stand behind the pixels
    fields: dict[str, str] = {}
    with contextlib.suppress(BROKEN):  # EXIF is an extra; a broken one tells nothing
        exif = picture.getexif()
        inner = exif.get_ifd(_EXIF)
        pairs = {"comment": inner.get(_COMMENT), "make": exif.get(_MAKE), "model": exif.get(_MODEL)}
        fields = {key: _text(value) for key, value in pairs.items() if value}
    return dict(picture.info), fields, picture.size


def _text(value: object) -> str:
    """An EXIF value as text; a user comment begins with the name of its encoding in eight bytes."""
    if not isinstance(value, bytes):
        return value if isinstance(value, str) else ""
    head, body = value[:8], value[8:]
    if head == b"UNICODE\0":
        big = body[:1] == b"\0" or body[:2] == b"\xfe\xff" or body[1:2] != b"\0"
        return body.decode("utf-16-be" if big else "utf-16-le", "replace")
    return (body if head in (b"ASCII\0\0\0", bytes(8)) else value).decode("utf-8", "replace").strip("\0")


def _json(text: object) -> Mapping[str, Any] | None:
    if not isinstance(text, str) or not text.lstrip().startswith("{") or len(text) > _MAX_JSON:
        return None
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return data if isinstance(data, dict) else None
