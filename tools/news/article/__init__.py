"""From a page to a story: text, title, author, time. `extract` for a fetched page, `pasted` for what a person brings."""

from __future__ import annotations

from tools.news.article.extract import Extraction, extract
from tools.news.article.pasted import pasted

__all__ = ["Extraction", "extract", "pasted"]
