"""Finding the right passage: chunks, embedders, the Chroma index, hybrid search that is right in Chinese.

from tools.retrieval import shared_knowledge
hits = shared_knowledge(home).search("不知道未來可以做什麼", type="INFP")
"""

from tools.retrieval.chunk import Chunk, chunk_id
from tools.retrieval.embed import Embedder
from tools.retrieval.embedders import choose_embedder
from tools.retrieval.errors import (
    BadDocument,
    Degraded,
    EmbedderUnavailable,
    IndexLocked,
    IndexUnreachable,
    KnowledgeMissing,
    RetrievalError,
)
from tools.retrieval.gloss import GlossEmbedder
from tools.retrieval.hits import HOUSE, WEAK_SCORE, Hit
from tools.retrieval.index import Index, SyncReport, memory_index, open_index
from tools.retrieval.lexical import LexicalIndex
from tools.retrieval.markdown import FrontMatter, read_file, read_folder
from tools.retrieval.ranking import Ranked, Ranker
from tools.retrieval.search import Knowledge
from tools.retrieval.shared import shared_knowledge
from tools.retrieval.shelf import Shelf
from tools.retrieval.support import SUPPORTED, support
from tools.retrieval.tokens import tokenize
from tools.retrieval.topics import Topic, Topics

__all__ = [
    "HOUSE",
    "SUPPORTED",
    "WEAK_SCORE",
    "BadDocument",
    "Chunk",
    "Degraded",
    "Embedder",
    "EmbedderUnavailable",
    "FrontMatter",
    "GlossEmbedder",
    "Hit",
    "Index",
    "IndexLocked",
    "IndexUnreachable",
    "Knowledge",
    "KnowledgeMissing",
    "LexicalIndex",
    "Ranked",
    "Ranker",
    "RetrievalError",
    "Shelf",
    "SyncReport",
    "Topic",
    "Topics",
    "choose_embedder",
    "chunk_id",
    "memory_index",
    "open_index",
    "read_file",
    "read_folder",
    "shared_knowledge",
    "support",
    "tokenize",
]
