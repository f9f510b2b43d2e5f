"""The gloss table: 4-bit vectors of Chinese and English words, made from what CC-CEDICT says about them in English.

from tools.retrieval.gloss import GlossEmbedder
zh, en = GlossEmbedder().embed(["狗在公園裡跑", "a dog runs in the park"])
"""

from tools.retrieval.gloss.embedder import GlossEmbedder
from tools.retrieval.gloss.errors import GlossError

__all__ = ["GlossEmbedder", "GlossError"]
