"""The copy as files: a text for each product, a table of all for a shop's own system, and a ZIP of both with the pictures.

Every file carries the mark of how it was made, which is also how Finale knows its own files: no other is overwritten.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from agents.copywriter.errors import WORDS, FolderTaken
from agents.copywriter.state import CopyOutput, ProductCopy
from tools.storage import writing
from tools.words import Lang, Words

__all__ = ["File", "as_csv", "as_markdown", "as_text", "check_folder", "files_of", "write_files"]

_ZIP_MARK = b"Finale copy"
_TEXT_MARK = "期末工坊 Finale"
_COLUMNS = ("name", "title", "bullets", "description", "social", "alt", "mark", "removed", "pictures")
_UNSAFE = re.compile(r'[\\/:*?"<>|\x00-\x1f]')


@dataclass(frozen=True)
class File:
    """One file to write: its name, its bytes, and its media type."""

    name: str
    data: bytes
    media_type: str


def mark_of(copy: ProductCopy, lang: Lang) -> str:
    """How a product's copy was made, in a sentence that goes with it."""
    if copy.by == "model":
        return _say("mark_model", lang, model=copy.model or "?")
    return _say("mark_offline", lang)


def as_text(copy: ProductCopy, lang: Lang) -> str:
    """One product as text, ready to be pasted part by part."""
    parts = [
        f"【{_say('label_title', lang)}】\n{copy.title}",
        f"【{_say('label_bullets', lang)}】\n" + "\n".join(f"・{bullet}" for bullet in copy.bullets),
        f"【{_say('label_description', lang)}】\n{copy.description}",
        f"【{_say('label_social', lang)}】\n{copy.social}",
        f"【{_say('label_alt', lang)}】\n{copy.alt}",
        f"—\n{mark_of(copy, lang)}（{_TEXT_MARK}）",
    ]
    return "\n\n".join(parts) + "\n"


def as_csv(copies: Sequence[ProductCopy], lang: Lang) -> str:
    """All products as a table. No cell begins like a formula: spreadsheets would run it."""
    sheet = io.StringIO()
    table = csv.writer(sheet, lineterminator="\r\n")
    table.writerow(_say(f"label_{column}", lang) for column in _COLUMNS)
    for copy in copies:
        cells = {
            **{column: str(getattr(copy, column)) for column in ("name", "title", "description", "social", "alt")},
            "bullets": "\n".join(copy.bullets),
            "mark": mark_of(copy, lang),
            "removed": "\n".join(f"{one.text}（{one.why}）" for one in copy.removed),
            "pictures": "\n".join(Path(path).name for path in copy.pictures),
        }
        table.writerow(_harmless(cells[column]) for column in _COLUMNS)
    return sheet.getvalue()


def as_markdown(output: CopyOutput, lang: Lang) -> str:
    """The run as a document. What looks like Markdown or HTML stays text."""
    parts = [f"# {_line(str(output.shop.get('name', '')))}"]
    for copy in output.products:
        parts.append(f"## {_line(copy.name)}")
        parts.append(f"**{_line(copy.title)}**")
        parts.append("\n".join(f"- {_line(bullet)}" for bullet in copy.bullets))
        parts += [_line(copy.description), "\n".join(f"> {_line(line)}" for line in copy.social.split("\n"))]
        parts.append(f"{_say('label_alt', lang)}：{_line(copy.alt)}")
        if copy.removed:
            removed = "\n".join(f"- {_line(one.text)}（{_line(one.why)}）" for one in copy.removed)
            parts.append(f"{_say('label_removed', lang)}\n\n{removed}")
        parts.append(f"*{_line(mark_of(copy, lang))}*")
    return "\n\n".join(parts) + "\n"


def files_of(copies: Sequence[ProductCopy], lang: Lang) -> list[File]:
    """Every file of a run but the pictures, which are there already; the ZIP last."""
    files = [File(_name(copy), as_text(copy, lang).encode("utf-8"), "text/plain") for copy in copies]
    # Excel takes a CSV for Big5 unless it begins with a mark.
    files.append(File(_say("file_all", lang), as_csv(copies, lang).encode("utf-8-sig"), "text/csv"))
    box = io.BytesIO()
    with zipfile.ZipFile(box, "w", zipfile.ZIP_DEFLATED) as pack:
        pack.comment = _ZIP_MARK
        for file in files:
            pack.writestr(_entry(file.name), file.data)
        for picture in dict.fromkeys(path for copy in copies for path in copy.pictures):
            pack.writestr(_entry(Path(picture).name), Path(picture).read_bytes())
    return [*files, File(_say("file_zip", lang), box.getvalue(), "application/zip")]


def check_folder(folder: Path, names: Sequence[str], lang: Lang) -> None:
    """Told before anything is asked: a file of somebody else's stands where the run would write.

    Raises:
        FolderTaken: it does.
    """
    for name in [*names, _say("file_all", lang), _say("file_zip", lang)]:
        if (folder / name).exists() and not _is_ours(folder / name, lang):
            raise FolderTaken(path=folder / name)


def write_files(folder: Path, files: Sequence[File], lang: Lang) -> list[Path]:
    """Write the files; each is there whole or not at all.

    Raises:
        FolderTaken: a file of somebody else's is in the way.
        StorageError: the folder cannot be written.
    """
    check_folder(folder, [file.name for file in files], lang)
    written = []
    for file in files:
        path = folder / file.name
        part = path.with_name(f"{path.name}.part")
        with writing(path):
            folder.mkdir(parents=True, exist_ok=True)
            part.write_bytes(file.data)
            part.replace(path)
        written.append(path)
    return written


def text_name(id: str, name: str) -> str:
    """The file name of a product's text."""
    plain = _UNSAFE.sub("", name).strip(". ")[:40] or "product"
    return f"{id}-{plain}.txt"


def _name(copy: ProductCopy) -> str:
    return text_name(copy.id, copy.name)


def _is_ours(path: Path, lang: Lang) -> bool:
    try:
        if path.suffix == ".zip":
            with zipfile.ZipFile(path) as pack:
                return pack.comment == _ZIP_MARK
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError, zipfile.BadZipFile):
        return False
    if path.suffix == ".csv":
        # Either language's: a folder may have been written in the other.
        heads = [",".join(_say(f"label_{column}", one) for column in _COLUMNS) for one in ("zh", "en")]
        return text.splitlines()[:1] != [] and text.splitlines()[0] in heads
    return text.rstrip().endswith(f"（{_TEXT_MARK}）")


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))  # the same copy makes the same file
    entry.compress_type = zipfile.ZIP_DEFLATED
    return entry


def _harmless(cell: str) -> str:
    return f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell


def _line(text: str) -> str:
    plain = " ".join(text.split())
    for mark in "\\`*_[]<>#|!~":
        plain = plain.replace(mark, "\\" + mark)
    return plain


def _say(key: str, lang: Lang, **params: str) -> str:
    return Words.load(WORDS).say(key, lang, **params)
