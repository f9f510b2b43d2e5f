"""Packs as files: a folder or a ZIP read within limits, a ZIP written the same way each time."""

from __future__ import annotations

import io
import zipfile
import zlib
from pathlib import Path, PurePosixPath

from tools.images.packs.errors import BrokenPack

__all__ = ["read_files", "zipped"]

_MAX_FILES = 400
_MAX_BYTES = 200 * 1024 * 1024
_STAMP = (1980, 1, 1, 0, 0, 0)  # the same pack gives the same bytes


def read_files(path: Path) -> dict[str, bytes]:
    """Every file of a pack by its bare name; folders inside an archive are looked through, the system's own left out.

    Nothing is ever unpacked onto the disk, so a name like `../../x` does no harm.

    Raises:
        BrokenPack: it is no ZIP, or holds more than a pack can.
    """
    try:
        if path.is_dir():
            found = [each for each in sorted(path.iterdir()) if each.is_file() and not each.name.startswith(".")]
            if len(found) > _MAX_FILES or sum(each.stat().st_size for each in found) > _MAX_BYTES:
                raise BrokenPack("pack_bomb", name=path.name, files=_MAX_FILES, size=_MAX_BYTES // 2**20)
            return {each.name: each.read_bytes() for each in found}
        with zipfile.ZipFile(path) as archive:
            members = [each for each in archive.infolist() if not each.is_dir() and _ours(each.filename)]
            if len(members) > _MAX_FILES or sum(each.file_size for each in members) > _MAX_BYTES:
                raise BrokenPack("pack_bomb", name=path.name, files=_MAX_FILES, size=_MAX_BYTES // 2**20)
            return {PurePosixPath(each.filename).name: _member(archive, each, path.name) for each in members}
    except (OSError, zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError):
        raise BrokenPack(name=path.name) from None


def zipped(files: dict[str, bytes]) -> bytes:
    """A ZIP of the files. Pictures are compressed already and are stored as they are."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name, data in files.items():
            archive.writestr(zipfile.ZipInfo(name, _STAMP), data)
    return buffer.getvalue()


def _member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, name: str) -> bytes:
    """A member's bytes, read no further than its header promises: headers can lie."""
    with archive.open(member) as file:
        data = file.read(member.file_size + 1)
    if len(data) > member.file_size:
        raise BrokenPack("pack_bomb", name=name, files=_MAX_FILES, size=_MAX_BYTES // 2**20)
    return data


def _ours(name: str) -> bool:
    path = PurePosixPath(name)
    return not path.name.startswith(".") and "__MACOSX" not in path.parts
