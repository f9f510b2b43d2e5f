"""Small real files made by hand: PDFs whose font maps glyphs to Chinese, DOCX, archives."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Sequence

ZH = (
    "期末報告的第一步不是寫程式，而是弄清楚自己想解決什麼問題；如果連問題都說不清楚，再好的工具也幫不上忙。",
    "我們訪談了十二位同學，發現多數人卡在題目太大，總想一次做完所有功能，結果每一項都只做到一半。",
    "後來大家把範圍縮小到一個使用者、一個情境，兩週內就做出可以展示的版本，而且每個人都說得出它解決了什麼。",
)
EN = (
    "The first step of a project is to say whose problem it solves, and why nobody has solved it yet. "
    "We asked twelve students, and most of them had chosen a topic that was far too large for one term. "
)


class Pdf:
    """A PDF of pages of lines, with a Type0 font whose glyph numbers mean nothing without its ToUnicode map."""

    def __init__(self, *, mapped: bool = True) -> None:
        self.mapped = mapped
        self.glyphs: dict[str, int] = {}
        self.contents: list[bytes] = []
        self.outline: list[tuple[str, int]] = []

    def page(self, *lines: str) -> Pdf:
        """Adds a page; lines stand 20 points apart from the top down."""
        drawn = []
        for number, line in enumerate(lines):
            codes = "".join(f"{self.glyphs.setdefault(char, len(self.glyphs) + 1):04X}" for char in line)
            drawn.append(f"BT /F1 12 Tf 72 {780 - 20 * number} Td <{codes}> Tj ET")
        return self.raw("\n".join(drawn).encode())

    def raw(self, content: bytes) -> Pdf:
        """Adds a page with this content."""
        self.contents.append(content)
        return self

    def mark(self, title: str) -> Pdf:
        """Adds an entry of the outline that points at the last page."""
        self.outline.append((title, len(self.contents) - 1))
        return self

    def build(self) -> bytes:
        objects: list[bytes] = []

        def add(body: bytes) -> int:
            objects.append(body)
            return len(objects)

        def stream(data: bytes) -> bytes:
            packed = zlib.compress(data)
            return b"<< /Length %d /Filter /FlateDecode >>\nstream\n%s\nendstream" % (len(packed), packed)

        catalog, tree, font = add(b""), add(b""), add(b"")
        cid = b"<< /Type /Font /Subtype /CIDFontType2 /BaseFont /X /DW 1000 /CIDSystemInfo << /Registry (Adobe) "
        descendant = add(cid + b"/Ordering (Identity) /Supplement 0 >> >>")
        to_unicode = b"/ToUnicode %d 0 R" % add(stream(self._map())) if self.mapped else b""
        objects[font - 1] = (
            b"<< /Type /Font /Subtype /Type0 /BaseFont /X /Encoding /Identity-H /DescendantFonts [%d 0 R] %s >>"
            % (descendant, to_unicode)
        )
        pages = []
        for content in self.contents:
            body = add(stream(content))
            head = b"<< /Type /Page /Parent %d 0 R /MediaBox [0 0 595 842] /Contents %d 0 R" % (tree, body)
            pages.append(add(head + b" /Resources << /Font << /F1 %d 0 R >> >> >>" % font))
        kids = b" ".join(b"%d 0 R" % page for page in pages)
        objects[tree - 1] = b"<< /Type /Pages /Count %d /Kids [%s] >>" % (len(pages), kids)
        objects[catalog - 1] = b"<< /Type /Catalog /Pages %d 0 R %s>>" % (tree, self._outlines(add, pages))
        return self._file(objects, catalog)

    def _map(self) -> bytes:
        lines = "".join(
            f"<{code:04X}> <{char.encode('utf-16-be').hex().upper()}>\n" for char, code in self.glyphs.items()
        )
        head = "/CIDInit /ProcSet findresource begin 12 dict begin begincmap\n1 begincodespacerange <0000> <FFFF> "
        return f"{head}endcodespacerange\n{len(self.glyphs)} beginbfchar\n{lines}endbfchar endcmap end end".encode()

    def _outlines(self, add: object, pages: Sequence[int]) -> bytes:
        if not self.outline:
            return b""
        root = add(b"")  # type: ignore[operator]
        first = root + 1
        for number, (title, page) in enumerate(self.outline):
            name = ("\ufeff" + title).encode("utf-16-be").hex().upper().encode()
            after = b" /Next %d 0 R" % (first + number + 1) if number + 1 < len(self.outline) else b""
            dest = b"<< /Title <%s> /Parent %d 0 R /Dest [%d 0 R /Fit]%s >>"
            add(dest % (name, root, pages[page], after))  # type: ignore[operator]
        add_root = b"<< /Type /Outlines /First %d 0 R /Last %d 0 R >>" % (first, first + len(self.outline) - 1)
        return b"/Outlines %d 0 R " % add(add_root)  # type: ignore[operator]

    @staticmethod
    def _file(objects: Sequence[bytes], catalog: int) -> bytes:
        out, places = io.BytesIO(), []
        out.write(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
        for number, body in enumerate(objects, 1):
            places.append(out.tell())
            out.write(b"%d 0 obj\n%s\nendobj\n" % (number, body or b"null"))
        table = out.tell()
        out.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1))
        out.write(b"".join(b"%010d 00000 n \n" % place for place in places))
        out.write(b"trailer << /Size %d /Root %d 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, catalog, table))
        return out.getvalue()


def encrypted(pdf: bytes, password: str) -> bytes:
    """The same PDF, to be opened only with `password` ("" for one that merely restricts printing)."""
    from pypdf import PdfReader, PdfWriter

    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(pdf)))
    writer.encrypt(password, "owner", algorithm="RC4-128")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def saved(document: object) -> bytes:
    """A python-docx document as a file."""
    out = io.BytesIO()
    document.save(out)  # type: ignore[attr-defined]
    return out.getvalue()


def archive(**members: bytes) -> bytes:
    """A zip of members; "__" in a name stands for "/"."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name, data in members.items():
            target.writestr(name.replace("__", "/") + ".xml", data)
    return out.getvalue()
