"""Why something cannot be a source of news.

    SourceError               a family name: never raised itself
    ├── NotASource            what stands at the address announces no news
    ├── SourceMissing         the list has no such source
    ├── SourceTaken           the list has this address already
    ├── BadChange             a value that a source cannot have
    ├── TooManySources        the list, or a file of sources, is full
    ├── BadOpml               the file is no OPML
    └── BadSourceList         rag_data/feeds/default.yaml breaks its format

An address that may not be asked at all is `tools.news.web`'s Refused. What is merely odd about a source (blank items,
no dates, repaired XML) is no error but a `Note` of the reading.
"""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from tools.errors import FinaleError

__all__ = [
    "BadChange",
    "BadOpml",
    "BadSourceList",
    "NotASource",
    "SourceError",
    "SourceMissing",
    "SourceTaken",
    "TooManySources",
]


class SourceError(FinaleError):
    """Raised, as one of the classes below, for anything about where news comes from."""

    code = "source_failed"
    words_file: ClassVar[Path] = Path(__file__).with_name("messages.yaml")


class NotASource(SourceError):
    """Raised when bytes are nothing that announces news.

    Key `broken_source` where a feed is past repair, `no_longer_a_feed` where one was promised, `no_links` where a page has
    no link to a story, `opml_not_a_source` for a list of sources.
    """

    code = "not_a_source"


class SourceMissing(SourceError):
    """Raised when the list has no source with this id."""

    code = "source_missing"


class SourceTaken(SourceError):
    """Raised when a source with the same address is in the list already."""

    code = "source_taken"


class BadChange(SourceError):
    """Raised when a name, language, topic, kind or permission is not one that a source can have."""

    code = "bad_change"


class TooManySources(SourceError):
    """Raised when more sources are wanted than the list or an OPML file may hold."""

    code = "too_many_sources"


class BadOpml(SourceError):
    """Raised when a file is no OPML, or so broken that no outline can be read."""

    code = "bad_opml"


class BadSourceList(SourceError):
    """Raised when the default list does not fit its schema; names the place in it."""

    code = "bad_source_list"
