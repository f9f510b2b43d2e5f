"""What is no text, or too much of it, is refused in one clear line, before it does harm."""

from __future__ import annotations

import io
import os
import random
import re
import zipfile
from pathlib import Path

import pytest

from tests.tools.retrieval.library.files import ZH, archive, saved
from tools.retrieval.library import (
    BadName,
    DamagedFile,
    EncryptedFile,
    FileMissing,
    Library,
    LibraryError,
    NoText,
    OverLimit,
    ReadingCancelled,
    UnsupportedKind,
)
from tools.retrieval.library.limits import MAX_ARCHIVE_MEMBERS, MAX_CHARACTERS, MAX_FILE_BYTES
from tools.words import Words

LONG = "".join(ZH)
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600


def docx_bytes() -> bytes:
    import docx

    made = docx.Document()
    made.add_paragraph(LONG)
    return saved(made)


def repacked(data: bytes, **more: bytes) -> bytes:
    """The archive with other members put in, or in place of its own."""
    out, names = io.BytesIO(), {name.replace("__", "/") + ".xml": body for name, body in more.items()}
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for member in source.infolist():
            if member.filename not in names:
                target.writestr(member.filename, source.read(member))
        for name, body in names.items():
            target.writestr(name, body)
    return out.getvalue()


def locked(data: bytes) -> bytes:
    """The archive with every member marked as encrypted."""
    out = bytearray(data)
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = out.find(mark)
        while at >= 0:
            out[at + offset] |= 1
            at = out.find(mark, at + 4)
    return bytes(out)


def refused(home: Path, data: bytes, name: str) -> LibraryError:
    """The error that adding gives; nothing may be left behind by it."""
    with Library(home) as library:
        before = library.signature()
        with pytest.raises(LibraryError) as caught:
            library.add(data, name)
        assert library.collections() == [] and library.signature() == before
    error = caught.value
    for lang in ("zh", "en"):
        assert "\n" not in error.message(lang) and name in error.message(lang)  # type: ignore[arg-type]
    return error


@pytest.mark.parametrize("data", [b"", b"   \r\n\t ", b"\xef\xbb\xbf", "\u200b\u3000\n".encode()])
def test_nothing_is_no_text(tmp_path: Path, data: bytes) -> None:
    for name in ("a.txt", "a.md", "a.html"):
        assert isinstance(refused(tmp_path, data, name), NoText)


@pytest.mark.parametrize(
    "page", [b"<html><body><script>x()</script></body></html>", b"<html></html>", b"<html><!-- a -->"]
)
def test_a_page_without_words_is_no_text(tmp_path: Path, page: bytes) -> None:
    assert isinstance(refused(tmp_path, page, "a.html"), NoText)


def test_a_docx_without_words_is_no_text(tmp_path: Path) -> None:
    import docx

    assert isinstance(refused(tmp_path, saved(docx.Document()), "a.docx"), NoText)


@pytest.mark.parametrize(
    ("data", "shown"),
    [
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "PNG"),
        (b"\xff\xd8\xff\xe0" + bytes(100), "JPEG"),
        (b"\x00\x00\x00\x18ftypmp42" + bytes(100), "不是文字"),
        (archive(xl__workbook=b"<x/>"), "XLSX"),
        (archive(ppt__presentation=b"<x/>"), "PPTX"),
        (archive(other=b"<x/>"), "ZIP"),
        (b"\x7fELF" + bytes(100), "ELF"),
        (b"{\\rtf1 hello}", "RTF"),
        (OLE, "OLE"),
    ],
)
def test_other_kinds_say_what_they_are_and_what_is_supported(tmp_path: Path, data: bytes, shown: str) -> None:
    error = refused(tmp_path, data, "檔案.md")
    assert isinstance(error, UnsupportedKind) and shown in str(error)
    assert all(kind in str(error) for kind in ("Markdown", "TXT", "HTML", "PDF", "DOCX"))


def test_old_word_files_say_how_to_convert_them(tmp_path: Path) -> None:
    error = refused(tmp_path, OLE + "WordDocument".encode("utf-16-le"), "舊.doc")
    assert error.key == "old_word" and ".docx" in str(error)


@pytest.mark.parametrize("seed", range(8))
def test_rubbish_is_refused_whatever_it_is_called(tmp_path: Path, seed: int) -> None:
    data = random.Random(seed).randbytes(3_000)
    for name in ("a.txt", "a.md", "a.html", "a.pdf", "a.docx", "a"):
        assert isinstance(refused(tmp_path, data, name), UnsupportedKind)


def test_a_docx_with_a_password_is_refused(tmp_path: Path) -> None:
    for data in (OLE + "EncryptedPackage".encode("utf-16-le"), locked(docx_bytes())):
        assert isinstance(refused(tmp_path, data, "a.docx"), EncryptedFile)


@pytest.mark.parametrize("size", [300 * 2**20, 30 * 2**20])
def test_a_zip_bomb_is_refused_before_it_is_unpacked(tmp_path: Path, size: int) -> None:
    bomb = repacked(docx_bytes(), word__media=bytes(size))
    error = refused(tmp_path, bomb, "a.docx")
    assert error.key == "zip_bomb"


def test_an_archive_of_very_many_members_is_refused(tmp_path: Path) -> None:
    many = {f"m{number}": b"" for number in range(MAX_ARCHIVE_MEMBERS)}
    assert refused(tmp_path, repacked(docx_bytes(), **many), "a.docx").key == "zip_bomb"


def test_entities_of_a_docx_are_not_resolved(tmp_path: Path) -> None:
    """Stops: a document reading a file of this machine, or filling its memory with ten words."""
    secret = tmp_path / "secret.txt"
    secret.write_text("機密內容", encoding="utf-8")
    billion = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
    doctype = f'<!DOCTYPE x [<!ENTITY leak SYSTEM "{secret.as_uri()}"><!ENTITY e0 "哈哈哈哈">{billion}]>'
    space = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    body = f'<w:document xmlns:w="{space}"><w:body><w:p><w:r><w:t>前面{{}}後面</w:t></w:r></w:p></w:body></w:document>'
    for entity in ("&leak;", "&e9;"):
        data = repacked(docx_bytes(), word__document=(doctype + body.format(entity)).encode())
        with Library(tmp_path / "home") as library:
            try:
                added = library.add(data, "a.docx", collection=entity)
                text = "".join(chunk.text for chunk in library.chunks(added.collection.id))
            except DamagedFile:
                continue
            assert "機密" not in text and "哈" not in text and len(text) < 100


@pytest.mark.parametrize("part", ["word__document", "word__styles", "[Content_Types]"])
@pytest.mark.parametrize("body", [b"", b"<not closed", b"<x/>", b"\xff\xfe\x00", b"<a>" * 5_000])
def test_a_broken_docx_is_damaged(tmp_path: Path, part: str, body: bytes) -> None:
    data = repacked(docx_bytes(), **{part: body})
    try:
        with Library(tmp_path) as library:
            library.add(data, "a.docx")
    except (DamagedFile, NoText) as error:
        assert "a.docx" in str(error)


def test_a_docx_cut_short_is_damaged(tmp_path: Path) -> None:
    data = docx_bytes()
    for keep in (30, len(data) // 2, len(data) - 10):
        assert isinstance(refused(tmp_path, data[:keep], "a.docx"), DamagedFile)


def test_too_large_a_file_is_refused_unread(tmp_path: Path) -> None:
    big = tmp_path / "big.txt"
    with big.open("wb") as file:
        file.truncate(21 * 2**20)
    with Library(tmp_path / "home") as library:
        for source in (big, bytes(MAX_FILE_BYTES + 1)):
            with pytest.raises(OverLimit) as caught:
                library.add(source, "big.txt")
            assert "20 MB" in str(caught.value)


def test_too_long_a_text_is_refused(tmp_path: Path) -> None:
    text = ("字" * 99 + "\n") * (MAX_CHARACTERS // 100 + 1)
    for name, data in (("a.txt", text), ("a.md", text), ("a.html", f"<html><p>{text}</p></html>")):
        error = refused(tmp_path, data.encode(), name)
        assert error.key == "too_long" and "1,000,000" in str(error)


@pytest.mark.skipif(os.name == "nt", reason="no such files there")
def test_only_files_are_read(tmp_path: Path) -> None:
    """Stops: an `add` that waits for ever at a pipe, or reads a device without end."""
    os.mkfifo(tmp_path / "pipe.txt")
    with Library(tmp_path / "home") as library:
        for path in (
            tmp_path,
            tmp_path / "none.md",
            tmp_path / "pipe.txt",
            Path("/dev/zero"),
            Path("x" * 300),
            Path("a\0b"),
        ):
            with pytest.raises((FileMissing, BadName)):
                library.add(path)


@pytest.mark.parametrize("name", ["", ".", "..", "/", "../..", "\u202e", "C:\\"])
def test_bytes_need_a_file_name(tmp_path: Path, name: str) -> None:
    with Library(tmp_path) as library, pytest.raises(BadName):
        library.add(b"words", name)


def test_every_error_and_note_has_its_words() -> None:
    words = Words.load(LibraryError.words_file)
    assert all(words.has(kind.code) for kind in LibraryError.__subclasses__())
    assert len(LibraryError.__subclasses__()) == 12
    code = "".join(file.read_text("utf-8") for file in LibraryError.words_file.parent.rglob("*.py"))
    keys = re.findall(r"\b(?:UnsupportedKind|NoText|OverLimit|BadName|Note|say)\(\s*\"(\w+)\"", code)
    assert len(keys) > 12 and all(words.has(key) for key in keys)


def test_a_page_of_nothing_but_tags_is_refused_at_once(tmp_path: Path) -> None:
    tags = b"<html><body>" + b"<p>a</p>" * 200_000
    with Library(tmp_path) as library:
        with pytest.raises(OverLimit, match="400,002"):
            library.add(tags, "x.html")
        assert library.collections() == []


def test_reading_a_page_can_be_stopped_on_the_way(tmp_path: Path) -> None:
    page = b"<html><body>" + "<p>一段文字。</p>".encode() * 100_000
    asked: list[int] = []

    def enough() -> bool:
        asked.append(1)
        return len(asked) > 8

    with Library(tmp_path) as library:
        with pytest.raises(ReadingCancelled):
            library.add(page, "x.html", cancelled=enough)
        assert len(asked) == 9 and library.collections() == []
