"""What a library takes: every limit with its reason, once."""

from __future__ import annotations

__all__ = [
    "DEFAULT_COLLECTION",
    "MAX_ARCHIVE_BYTES",
    "MAX_ARCHIVE_MEMBERS",
    "MAX_ARCHIVE_RATIO",
    "MAX_CHARACTERS",
    "MAX_COLLECTIONS",
    "MAX_FILE_BYTES",
    "MAX_FILE_NAME",
    "MAX_HEADING",
    "MAX_NAME",
    "MAX_PAGES",
    "MAX_PASSAGES",
    "MAX_TAGS",
    "READER_VERSION",
]

# The collection that texts go to when nobody names one.
DEFAULT_COLLECTION = "我的筆記"

# A file is held in memory while it is read; a thesis with pictures is well below this.
MAX_FILE_BYTES = 20 * 1024 * 1024
# A long page of a PDF takes a tenth of a second, so this is the most a person should wait for.
MAX_PAGES = 500
# About three novels; all of it is split, embedded and kept.
MAX_CHARACTERS = 1_000_000
# Exact search over one collection stays within its time up to here.
MAX_PASSAGES = 5_000
# Tags of an HTML file, end tags included: the largest pages of an encyclopedia have half of it. At this many reading takes
# three seconds; 20 MB of nothing but tags took half a minute.
MAX_TAGS = 300_000
MAX_COLLECTIONS = 50
MAX_NAME = 60
MAX_FILE_NAME = 120
MAX_HEADING = 100

# A DOCX is a zip. Text in XML shrinks to a tenth or so; beyond these it was made to fill the memory.
MAX_ARCHIVE_BYTES = 200 * 1024 * 1024
MAX_ARCHIVE_RATIO = 200
MAX_ARCHIVE_MEMBERS = 5_000

# Raised when files are read or split differently: the same file added again is then read again, not "already there".
READER_VERSION = 1
