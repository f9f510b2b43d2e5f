"""What every reader gives: sections of text under their headings."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass, field

from tools.retrieval.library.cleaning import clean_text, one_line
from tools.retrieval.library.errors import OverLimit, ReadingCancelled
from tools.retrieval.library.limits import MAX_CHARACTERS, MAX_HEADING
from tools.retrieval.library.records import Kind, Note

__all__ = ["Outline", "Progress", "Reading", "Section", "Watch"]

# (how much is done, of how much, what is being done: "read", "split" or "store")
Progress = Callable[[int, int, str], None]


@dataclass(frozen=True)
class Section:
    """Text under one heading. `headings` is its path from the outermost in; `pages` holds (offset, page from 1), rising."""

    headings: tuple[str, ...]
    text: str
    pages: tuple[tuple[int, int], ...] = ()

    def page_at(self, offset: int) -> int:
        """The page that the character at `offset` stands on; 0 where there are none."""
        at = bisect_right(self.pages, (offset, 10**9)) - 1
        return self.pages[at][1] if at >= 0 else 0


@dataclass(frozen=True)
class Reading:
    """A whole text. `pages` is 0 for kinds without; `type` is what the text declares about itself."""

    kind: Kind
    sections: tuple[Section, ...]
    title: str = ""
    pages: int = 0
    type: str = ""
    notes: tuple[Note, ...] = ()


class Watch:
    """Tells how far a reading is, stops it when asked, and keeps it within the limit of characters."""

    def __init__(
        self, file: str, on_progress: Progress | None = None, cancelled: Callable[[], bool] | None = None
    ) -> None:
        self.file = file
        self._on_progress = on_progress
        self._cancelled = cancelled

    def step(self, done: int, of: int, what: str) -> None:
        """Raises: ReadingCancelled."""
        if self._cancelled and self._cancelled():
            raise ReadingCancelled(file=self.file)
        if self._on_progress:
            self._on_progress(done, of, what)

    def within(self, characters: int) -> None:
        """Raises: OverLimit: the text is longer than a document may be."""
        if characters > MAX_CHARACTERS:
            raise OverLimit("too_long", file=self.file, limit=f"{MAX_CHARACTERS:,}")


@dataclass
class Outline:
    """Gathers headings and blocks of text in reading order into sections.

    A heading that nothing stands under is kept as text: some people style every line as a heading.
    """

    _path: list[tuple[int, str]] = field(default_factory=list)
    _blocks: list[str] = field(default_factory=list)
    _bare: list[str] = field(default_factory=list)
    _bare_path: tuple[str, ...] = ()
    _empty: bool = False
    _tight: bool = False
    _done: list[Section] = field(default_factory=list)

    def heading(self, level: int, text: str) -> None:
        """A heading; 1 is outermost."""
        line = one_line(text, MAX_HEADING)
        if not line:
            return
        self._close()
        if self._empty and self._path and self._path[-1][0] >= level:
            self._set_bare()
        while self._path and self._path[-1][0] >= level:
            self._path.pop()
        self._path.append((level, line))
        self._empty = True

    def block(self, text: str, *, tight: bool = False) -> None:
        """A paragraph or a whole run of text under the heading last given; `tight` ones follow each other like rows."""
        cleaned = clean_text(text)
        if cleaned.strip():
            self._flush_bare()
            if self._blocks:
                self._blocks.append("\n" if tight and self._tight else "\n\n")
            self._blocks.append(cleaned)
            self._empty, self._tight = False, tight

    def sections(self) -> tuple[Section, ...]:
        """All of it; nothing can be added afterwards."""
        self._close()
        if self._empty:
            self._set_bare()
            self._empty = False
        self._flush_bare()
        return tuple(self._done)

    def _close(self) -> None:
        if self._blocks:
            self._done.append(Section(tuple(line for _, line in self._path), "".join(self._blocks)))
            self._blocks = []

    def _set_bare(self) -> None:
        parents = tuple(line for _, line in self._path[:-1])
        if self._bare and parents != self._bare_path:
            self._flush_bare()
        self._bare_path = parents
        self._bare.append(self._path[-1][1])

    def _flush_bare(self) -> None:
        if self._bare:
            self._done.append(Section(self._bare_path, "\n".join(self._bare)))
            self._bare = []
