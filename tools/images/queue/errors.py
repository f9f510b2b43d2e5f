"""Why the picture queue refuses something.

QueueError                a family name: never raised itself
├── NoSuchJob             there is no job with this number
├── WrongState            the job is not in a state in which this can be done
└── FolderTaken           a picture's place is held by a file that Finale did not make
"""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from tools.errors import FinaleError

__all__ = ["FolderTaken", "NoSuchJob", "QueueError", "WrongState"]


class QueueError(FinaleError):
    """Raised, as one of the classes below, for anything about the queue."""

    code = "no_such_job"
    words_file: ClassVar[Path] = Path(__file__).with_name("messages.yaml")


class NoSuchJob(QueueError):
    """Raised when no job has this number."""

    code = "no_such_job"


class WrongState(QueueError):
    """Raised when only waiting jobs are moved (key `not_waiting`), or when what is not over is tried again (`not_over`)."""

    code = "not_waiting"


class FolderTaken(QueueError):
    """Raised when a picture's place is held by a file that Finale did not make."""

    code = "folder_taken"
