"""Where news comes from: feeds, sitemaps and pages as entries, sources found from a site's address, the list of them."""

from __future__ import annotations

from tools.news.sources.collect import Get, Got, collect
from tools.news.sources.dates import TAIPEI, DateRead, DateWhy, home_zone, read_date
from tools.news.sources.defaults import DefaultList, HostRule, NotShipped, Shipped, Spoken, read_defaults
from tools.news.sources.discover import Candidate, discover
from tools.news.sources.entries import MAX_ENTRIES, Note, Reading
from tools.news.sources.errors import (
    BadChange,
    BadOpml,
    BadSourceList,
    NotASource,
    SourceError,
    SourceMissing,
    SourceTaken,
    TooManySources,
)
from tools.news.sources.listed import Listed
from tools.news.sources.opml import Opml, Outline, read_opml, write_opml
from tools.news.sources.reading import read_feed, read_source
from tools.news.sources.registry import Imported, Sources
from tools.news.sources.sniff import sniff

__all__ = [
    "MAX_ENTRIES",
    "TAIPEI",
    "BadChange",
    "BadOpml",
    "BadSourceList",
    "Candidate",
    "DateRead",
    "DateWhy",
    "DefaultList",
    "Get",
    "Got",
    "HostRule",
    "Imported",
    "Listed",
    "NotASource",
    "NotShipped",
    "Note",
    "Opml",
    "Outline",
    "Reading",
    "Shipped",
    "SourceError",
    "SourceMissing",
    "SourceTaken",
    "Sources",
    "Spoken",
    "TooManySources",
    "collect",
    "discover",
    "home_zone",
    "read_date",
    "read_defaults",
    "read_feed",
    "read_opml",
    "read_source",
    "sniff",
    "write_opml",
]
