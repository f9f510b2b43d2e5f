"""Finding the right passage: chunks, embedders, the Chroma index, hybrid search that is right in Chinese.

from tools.retrieval import shared_knowledge
hits = shared_knowledge(home).search("不知道未來可以做什麼", type="INFP")
"""

from tools.retrieval.chunk import Chunk, chunk_id
from tools.retrieval.embed import Embedder, HashingEmbedder
from tools.retrieval.errors import BadDocument, IndexLocked, KnowledgeMissing, RetrievalError
from tools.retrieval.index import Index, SyncReport, memory_index, open_index
from tools.retrieval.lexical import LexicalIndex
from tools.retrieval.markdown import FrontMatter, read_file, read_folder
from tools.retrieval.search import WEAK_SCORE, Hit, Knowledge
from tools.retrieval.shared import shared_knowledge
from tools.retrieval.tokens import tokenize
from tools.retrieval.topics import Topic, Topics

__all__ = [
    "WEAK_SCORE",
    "BadDocument",
    "Chunk",
    "Embedder",
    "FrontMatter",
    "HashingEmbedder",
    "Hit",
    "Index",
    "IndexLocked",
    "Knowledge",
    "KnowledgeMissing",
    "LexicalIndex",
    "RetrievalError",
    "SyncReport",
    "Topic",
    "Topics",
    "chunk_id",
    "memory_index",
    "open_index",
    "read_file",
    "read_folder",
    "shared_knowledge",
    "tokenize",
]
