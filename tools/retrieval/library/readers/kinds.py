"""What kind a file is: by its beginning, and only then by its name."""

from __future__ import annotations

import io
import re
import zipfile

from tools.retrieval.library.errors import DamagedFile, EncryptedFile, OverLimit, UnsupportedKind
from tools.retrieval.library.limits import MAX_ARCHIVE_BYTES, MAX_ARCHIVE_MEMBERS, MAX_ARCHIVE_RATIO
from tools.retrieval.library.readers.decode import looks_binary
from tools.retrieval.library.records import Kind

__all__ = ["SUPPORTED", "expected_kind", "kind_of"]

SUPPORTED = "Markdown (.md), TXT, HTML, PDF, DOCX"

_ENDINGS: dict[str, Kind] = {
    "md": "markdown",
    "markdown": "markdown",
    "mdx": "markdown",
    "txt": "text",
    "text": "text",
    "htm": "html",
    "html": "html",
    "xhtml": "html",
    "pdf": "pdf",
    "docx": "docx",
}
_HTML = re.compile(
    rb"\s{0,1000}(?:<\?xml[^>]{0,200}>\s{0,100})?(?:<!--(?:[^-]|-(?!->)){0,2000}-->\s{0,100}){0,5}"
    rb"<(?:!doctype\s+html|html|head|body)\b",
    re.IGNORECASE,
)
_ATX = re.compile(rb"\s{0,1000}#{1,6}[ \t]+\S")
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# Names of parts in Microsoft's old container are UTF-16.
_PASSWORD_PART, _WORD_PART = ("".join(f"{c}\0" for c in name).encode() for name in ("EncryptedPackage", "WordDocument"))
_BINARY = (
    (b"\x89PNG", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"GIF8", "GIF"),
    (b"II*\0", "TIFF"),
    (b"MM\0*", "TIFF"),
    (b"Rar!", "RAR"),
    (b"7z\xbc\xaf", "7z"),
    (b"\x1f\x8b", "gzip"),
    (b"{\\rtf", "RTF"),
    (b"MZ", "EXE"),
    (b"\x7fELF", "ELF"),
    (b"ID3", "MP3"),
)
_OTHER_OFFICE = (("ppt/", "PPTX"), ("xl/", "XLSX"), ("META-INF/container.xml", "EPUB"), ("content.xml", "ODT"))


def expected_kind(name: str) -> Kind | None:
    """The kind that a file's name promises."""
    return _ENDINGS.get(name.rpartition(".")[2].lower()) if "." in name else None


def kind_of(data: bytes, name: str) -> Kind:
    """The kind of a file that is not empty.

    Raises:
        UnsupportedKind: no reader knows it; EncryptedFile: it asks for a password;
        DamagedFile, OverLimit: it is a DOCX whose archive is broken, or would fill the memory.
    """
    head = data[:8192]
    if b"%PDF-" in head[:1024]:
        return "pdf"
    if head.startswith(b"PK\x03\x04") or head.startswith(b"PK\x05\x06"):
        return _archive(data, name)
    if head.startswith(_OLE):
        if _PASSWORD_PART in data:
            raise EncryptedFile(file=name)
        raise UnsupportedKind("old_word" if _WORD_PART in data else None, **_facts(name, "OLE"))
    for magic, found in _BINARY:
        if head.startswith(magic) and (found not in ("EXE", "MP3") or looks_binary(data)):
            raise UnsupportedKind("rich_text" if found == "RTF" else None, **_facts(name, found))
    if looks_binary(data):
        raise UnsupportedKind("binary", file=name, supported=SUPPORTED)
    text = head.removeprefix(b"\xef\xbb\xbf")
    if _HTML.match(text):
        return "html"
    expected = expected_kind(name)
    if expected in ("markdown", "html"):
        return expected
    return "markdown" if _ATX.match(text) else "text"


def _facts(name: str, found: str) -> dict[str, str]:
    return {"file": name, "found": found, "supported": SUPPORTED}


def _archive(data: bytes, name: str) -> Kind:
    """Looks only at the list of members: nothing is unpacked before its size is known to be bearable."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError, RuntimeError, EOFError) as error:
        raise DamagedFile(file=name, why=type(error).__name__) from error
    names = {member.filename for member in members}
    if "word/document.xml" not in names:
        found = next((kind for part, kind in _OTHER_OFFICE if any(n.startswith(part) for n in names)), "ZIP")
        raise UnsupportedKind(**_facts(name, found))
    expanded = sum(member.file_size for member in members)
    if (
        len(members) > MAX_ARCHIVE_MEMBERS
        or expanded > MAX_ARCHIVE_BYTES
        # The list may claim any packed size, so the file's own length is what the expansion is held against.
        or expanded > MAX_ARCHIVE_RATIO * len(data)
    ):
        raise OverLimit("zip_bomb", file=name, limit=MAX_ARCHIVE_BYTES // 2**20, ratio=MAX_ARCHIVE_RATIO)
    if any(member.flag_bits & 0x1 for member in members):
        raise EncryptedFile(file=name)
    return "docx"
