"""What the counselor keeps about a person between conversations, where the person switched that on: short notes they can
see, edit and delete. Nothing is kept otherwise, and nothing ever of a message that speaks of harm.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from agents.counselor.asking import only_types, own_type
from agents.counselor.gate import CrisisKind, screen
from agents.errors import BadInput
from agents.inputs import text_input
from tools.storage import Database

__all__ = ["NOTES", "NOTE_LIMIT", "Memory", "Note", "noticed", "open_memory"]

NOTES = 40
NOTE_LIMIT = 120  # characters
_A_TURN = 2
_MIGRATIONS = ("CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT NOT NULL, run TEXT NOT NULL, at REAL NOT NULL)",)
# A sentence in which somebody says what they are or do; kept word for word.
_ABOUT_ME = re.compile(
    r"我(?:現在|目前|今年|已經|最近)?(?:是|在|正在|念|讀|唸|就讀|主修|修|住|做|當|準備|剛|有(?:一?個|兩個)?(?:男友|女友|弟|妹|哥|姊|小孩|工作)|喜歡|討厭|害怕|想考|想當|打算)[^，。！？,.!?\n]{2,40}"
    r"|\bI(?:'m| am| work| study| live| have been| like| hate| want to be)\b[^.!?\n]{3,80}",
)
_PASSING = re.compile(r"怎麼|嗎|呢|什麼|為什麼|不知道|\?|？|是不是|該不該|how|what|why|should", re.I)


@dataclass(frozen=True)
class Note:
    """One thing kept. `run` is the turn it was noticed in ("" if the person wrote it), `at` Unix seconds."""

    id: int
    text: str
    run: str
    at: float


class Memory:
    """The notes under one FINALE_HOME.

    Raises:
        StorageError: FINALE_HOME cannot be written.
    """

    def __init__(self, home: Path) -> None:
        self._database = Database(home / "counselor.db", _MIGRATIONS)

    def all(self) -> list[Note]:
        """Every note, oldest first."""
        return [Note(*row) for row in self._database.rows("SELECT id, text, run, at FROM notes ORDER BY id")]

    def add(self, text: str, run: str = "") -> Note | None:
        """Keep `text`; None if it says what another note says already. The oldest give way when there are too many.

        Nobody has two types: where `text` tells one, notes that told another tell this one, or go if they told no more.

        Raises:
            BadInput: it is empty, too long, or speaks of harm (which is never kept).
        """
        text = _fit(text)
        self._correct_type(own_type(text))
        if any(_same(text, note.text) for note in self.all()):
            return None
        with self._database.transaction() as db:
            at = time.time()
            row = db.execute("INSERT INTO notes (text, run, at) VALUES (?,?,?)", (text, run, at)).lastrowid
            db.execute("DELETE FROM notes WHERE id NOT IN (SELECT id FROM notes ORDER BY id DESC LIMIT ?)", (NOTES,))
        return Note(int(row), text, run, at)

    def _correct_type(self, told: str) -> None:
        for note in self.all() if told else ():
            before = own_type(note.text)
            if not before or before == told:
                continue
            corrected = re.sub(rf"{before}(?:-[AT])?", told, note.text, flags=re.I)
            if only_types(note.text) or corrected == note.text:
                self.delete(note.id)
            else:
                with self._database.transaction() as db:
                    db.execute("UPDATE notes SET text=? WHERE id=?", (corrected, note.id))

    def edit(self, note: int, text: str) -> None:
        """Change a note's words; a note that is gone stays gone.

        Raises:
            BadInput: as `add`.
        """
        text = _fit(text)
        with self._database.transaction() as db:
            db.execute("UPDATE notes SET text=? WHERE id=?", (text, note))

    def delete(self, note: int) -> None:
        with self._database.transaction() as db:
            db.execute("DELETE FROM notes WHERE id=?", (note,))

    def clear(self) -> None:
        with self._database.transaction() as db:
            db.execute("DELETE FROM notes")

    def keep(self, texts: Iterable[str], run: str) -> list[str]:
        """Keep what a turn noticed, as far as it may be kept; returns what is new."""
        kept = []
        for text in list(texts)[:_A_TURN]:
            try:
                note = self.add(text, run)
            except BadInput:
                continue
            if note:
                kept.append(note.text)
        return kept


@cache
def open_memory(home: Path) -> Memory:
    """The memory of `home`, one object a process."""
    return Memory(home)


def noticed(question: str) -> list[str]:
    """What the writer says of themselves in `question`, word for word: what is kept where no model picked it."""
    found = [match.group().strip() for match in _ABOUT_ME.finditer(question)]
    return [text for text in found if not _PASSING.search(text)][:_A_TURN]


def _fit(text: str) -> str:
    text = " ".join(text_input("note", text, NOTE_LIMIT).split())
    if screen(text).kind not in (CrisisKind.NONE, CrisisKind.CHECK):
        raise BadInput("note_of_harm")
    return text


def _same(one: str, other: str) -> bool:
    from tools.chinese import fold

    one, other = ("".join(c for c in fold(text) if c.isalnum()) for text in (one, other))
    return one in other or other in one
