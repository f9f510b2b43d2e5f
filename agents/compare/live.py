"""Replies on their way to whoever watches: what many models write at once, as few events, never more than a moment late."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from agents.events import Event, Text

__all__ = ["Live"]

_EVERY_S = 0.09  # between two events of one cell: what waits for the next one is still less than 0.1 s late


@dataclass
class _Cell:
    attempt: int
    text: str = ""
    told: float = 0.0


class Live:
    """Gathers pieces of text by cell and tells them as Text events. Use as a context manager; safe from several threads.

    A piece that comes after a pause is told at once; what follows within the next moment is told together when that has
    passed, by a thread of this object, so that no piece waits for the next one to come.
    """

    def __init__(self, emit: Callable[[Event], None]) -> None:
        self._emit = emit
        self._cells: dict[str, _Cell] = {}
        self._due = threading.Condition(threading.RLock())
        self._ended = False
        self._thread = threading.Thread(target=self._flush, name="finale-live", daemon=True)

    def __enter__(self) -> Live:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        with self._due:
            self._ended = True
            self._due.notify()
        self._thread.join()

    def begin(self, cell: str, attempt: int) -> None:
        """A reply begins; a later `attempt` at the same cell starts its text over."""
        with self._due:
            self._cells[cell] = _Cell(attempt)

    def feed(self, cell: str, piece: str) -> None:
        """Text has come."""
        with self._due:
            one = self._cells[cell]
            one.text += piece
            if time.monotonic() - one.told >= _EVERY_S:
                self._tell(cell, one)
            else:
                self._due.notify()

    def end(self, cell: str) -> None:
        """The reply is over: what is left of it is told now."""
        with self._due:
            self._tell(cell, self._cells.pop(cell))

    def _tell(self, cell: str, one: _Cell) -> None:
        if one.text:
            text, one.text, one.told = one.text, "", time.monotonic()
            self._emit(Text(step=cell, text=text, attempt=one.attempt))

    def _flush(self) -> None:
        with self._due:
            while not self._ended:
                now = time.monotonic()
                waiting = [(one.told + _EVERY_S, cell, one) for cell, one in self._cells.items() if one.text]
                for due, cell, one in waiting:
                    if due <= now:
                        self._tell(cell, one)
                later = [due for due, _, one in waiting if one.text]
                self._due.wait(max(0.0, min(later) - time.monotonic()) if later else None)
