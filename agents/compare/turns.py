"""Whose turn it is to send a request: fair where requests are scarce, and no column waits for another where they are not."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

__all__ = ["Turns"]

_LOOK_S = 0.2  # how often a waiting column looks again at the stop and at what is left


class Turns:
    """Hands out turns to the columns of a comparison, which wait in threads of their own.

    One column at a time asks for a grant, and of those that wait the one that has begun the fewest rounds: where the minute is
    full, places go round. No column begins its second round before every column has begun its first. And where there is not
    enough for all that is left to ask (`scarce`), no column begins any round before every other has begun the one before.
    """

    def __init__(self, columns: Sequence[str], scarce: Callable[[int], bool], stopped: Callable[[], bool]) -> None:
        """`scarce(left)`: whether fewer requests are to be had than `left`; `stopped`: whether waiting makes no sense any more."""
        self._begun = dict.fromkeys(columns, 0)
        self._left = dict.fromkeys(columns, 0)
        self._order = {name: place for place, name in enumerate(columns)}
        self._waiting: set[str] = set()
        self._holder = ""
        self._changed = threading.Condition()
        self._scarce = scarce
        self._stopped = stopped

    def take(self, column: str, left: int) -> bool:
        """Wait for this column's turn; `left` is how many rounds it still has to ask. False when all was stopped meanwhile."""
        with self._changed:
            self._left[column] = left
            self._waiting.add(column)
            try:
                while not self._stopped():
                    if self._may(column):
                        self._holder = column
                        self._begun[column] += 1
                        return True
                    self._changed.wait(_LOOK_S)
                return False
            finally:
                self._waiting.discard(column)
                self._changed.notify_all()

    def give(self, column: str) -> None:
        """The turn is over: the request was granted, or none was needed. Giving twice is harmless."""
        with self._changed:
            if self._holder == column:
                self._holder = ""
                self._changed.notify_all()

    def leave(self, column: str) -> None:
        """This column asks nothing more: nobody waits for it."""
        with self._changed:
            self._begun.pop(column, None)
            self._left.pop(column, None)
            if self._holder == column:
                self._holder = ""
            self._changed.notify_all()

    def _may(self, column: str) -> bool:
        if self._holder:
            return False
        begun = self._begun[column]
        if min(self._waiting, key=lambda name: (self._begun[name], self._order[name])) != column:
            return False
        behind = min(self._begun.values())
        if behind >= begun:
            return True
        return behind > 0 and not self._scarce(sum(self._left.values()))
