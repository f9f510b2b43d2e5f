"""News: fetched safely, announced by many kinds of sources, extracted by voting, each story once, nothing that is muted.

from tools.news.sources import Sources, collect
from tools.news.web import Fetcher
"""

from tools.news.model import Article, Entry, Source, article_id

__all__ = ["Article", "Entry", "Source", "article_id"]
