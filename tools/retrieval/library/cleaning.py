"""Text without what nobody can see, and names without what no name should hold."""

from __future__ import annotations

import re
import unicodedata
from pathlib import PureWindowsPath

from tools.retrieval.library.errors import BadName
from tools.retrieval.library.limits import MAX_FILE_NAME, MAX_NAME

__all__ = ["anchor", "clean_text", "collection_name", "document_name", "name_key", "one_line"]

# Line and paragraph separators, form feeds and the like are line ends; "\r\n" is one.
_NEWLINES = re.compile("\r\n|[\r\v\f\x85\u2028\u2029]")
# Control characters, lone surrogates, noncharacters, byte-order marks and zero-width spaces; signs that turn the
# reading direction and the invisible "tag" letters, both used to hide words from a reader. Joiners stay: emoji need them.
_UNSEEN = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f\u00ad\u200b\u202a-\u202e\u2060-\u2064\u2066-\u2069\ud800-\udfff"
    "\ufeff\ufff9-\ufffb\ufffe\uffff\U000e0000-\U000e007f]"
)
_TRAILING = re.compile(r"[^\S\n]+(?=\n|\Z)")
_GAP = re.compile(r"\n{3,}")
_WIDE = re.compile(r"[^\S\n]{100,}")
# Pictures written into a text as letters (HackMD, Google Docs): no words in them.
_EMBEDDED = re.compile(r"data:[\w.+-]{1,40}/[\w.+-]{1,80};base64,[A-Za-z0-9+/=]{40,}")
_ANCHOR_CHARACTERS = 40


def clean_text(text: str) -> str:
    """`text` with its words as they stand, without characters nobody can see and with at most one empty line in a row."""
    text = _UNSEEN.sub("", _NEWLINES.sub("\n", text))
    text = _WIDE.sub(" ", _EMBEDDED.sub("", text))  # before _TRAILING, which would take long over a wide gap
    return _GAP.sub("\n\n", _TRAILING.sub("", text)).strip("\n")


def one_line(text: str, limit: int) -> str:
    """`text` on one line of at most `limit` characters."""
    line = " ".join(clean_text(text).split())
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def collection_name(name: str) -> str:
    """A collection's name as it is shown.

    Raises:
        BadName: it is empty or longer than `MAX_NAME` characters.
    """
    shown = unicodedata.normalize("NFC", " ".join(clean_text(name).split()))
    if not 1 <= len(shown) <= MAX_NAME:
        raise BadName(name=shown[:MAX_NAME], length=len(shown), limit=MAX_NAME)
    return shown


def name_key(name: str) -> str:
    """What two collections may not share: the name regardless of case and width."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())


def document_name(name: str) -> str:
    """A file's own name, whatever path stood before it; a very long one is cut before its ending.

    Raises:
        BadName: nothing is left.
    """
    # Windows' rules take both kinds of slash, and a drive, for what they are.
    last = PureWindowsPath(unicodedata.normalize("NFC", clean_text(name).replace("\n", " "))).name.strip()
    if not last.strip(". "):
        raise BadName("no_file_name")
    if len(last) <= MAX_FILE_NAME:
        return last
    stem, dot, ending = last.rpartition(".")
    if not dot or len(ending) > 10:
        return last[: MAX_FILE_NAME - 1] + "…"
    return stem[: MAX_FILE_NAME - len(ending) - 2] + "…." + ending


def anchor(heading: str) -> str:
    """A heading as part of an id: letters and digits of any script, joined by "-"."""
    plain = unicodedata.normalize("NFKC", heading).casefold()
    return re.sub(r"[\W_]+", "-", plain).strip("-")[:_ANCHOR_CHARACTERS].strip("-")
