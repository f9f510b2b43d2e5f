"""Why a picture could not be opened, written or signed.

PictureError              a family name: never raised itself
├── NotAPicture           the bytes are no PNG, WebP or JPEG, or they are broken
├── PictureTooLarge       too many pixels or bytes; told before anything is decoded
├── NotWritable           a recipe cannot be written into this kind of file
├── NotSignable           a picture that does not say how it was made cannot be signed
├── BadCertificate        certificate or key cannot sign
└── SignerMissing         the library that signs is not installed
"""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from tools.errors import FinaleError

__all__ = [
    "BadCertificate",
    "NotAPicture",
    "NotSignable",
    "NotWritable",
    "PictureError",
    "PictureTooLarge",
    "SignerMissing",
]


class PictureError(FinaleError):
    """Raised, as one of the classes below, for a picture file that cannot be used."""

    code = "picture_failed"
    words_file: ClassVar[Path] = Path(__file__).with_name("messages.yaml")


class NotAPicture(PictureError):
    """Raised when bytes are no picture we read; key `broken_picture` where they begin like one, `picture_missing` for no file."""

    code = "not_a_picture"


class PictureTooLarge(PictureError):
    """Raised before decoding; key `picture_too_heavy` where it is the bytes and not the pixels."""

    code = "picture_too_large"


class NotWritable(PictureError):
    """Raised when a recipe should be written into anything but PNG or WebP."""

    code = "recipe_not_writable"


class NotSignable(PictureError):
    """Raised when a picture should be signed that does not say how it was made."""

    code = "not_signable"


class BadCertificate(PictureError):
    """Raised when certificate and key cannot sign.

    Keys: `certificate_missing` (no such file), `certificate_half` (one of the two is not set), `certificate_unreadable`,
    `certificate_expired`, `certificate_refused` (not what the standard asks for), `key_unreadable`, `key_locked` (a passphrase),
    `key_of_another` (the two do not belong together).
    """

    code = "certificate_unreadable"


class SignerMissing(PictureError):
    """Raised when c2pa-python is not installed."""

    code = "signer_missing"
