"""Ranking passages for a question: words, vectors, and a second look at the best of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tools.retrieval.embed import Embedder
from tools.retrieval.lexical import LexicalIndex
from tools.retrieval.maxsim import MaxSim, WordVectors

if TYPE_CHECKING:
    import numpy as np

__all__ = ["Ranked", "Ranker"]

# Blending normalised scores beats rank fusion, which gives the weaker ranker an equal vote. Both shares were chosen on
# DRCD dev, CMRC dev and every second article of XQuAD (zh-zh, zh-en, en-zh); a tenth more of either costs .001 to .002 nDCG@10 there.
_SEMANTIC = 0.3
_RERANK = 0.4
_RERANKED = 50


@dataclass(frozen=True)
class Ranked:
    """A passage by its position, and why it stands where it does; every score is in 0..1."""

    position: int
    score: float
    lexical: float
    semantic: float
    rerank: float


class Ranker:
    """Ranks a fixed list of passages; read-only once built, safe for many threads."""

    def __init__(
        self,
        texts: Sequence[str],
        vectors: np.ndarray,
        embedder: Embedder,
        state: Mapping[str, np.ndarray] | None = None,
    ) -> None:
        """`vectors` (len(texts), dims) are the `embedder`'s for these texts, rows of length 1.

        `state` is that of a ranker of the same texts, with the same embedder: the texts are not read again then.

        Raises:
            ValueError: there is not one vector of the embedder's length for each text.
        """
        if vectors.shape != (len(texts), embedder.dims):
            raise ValueError(
                f"{len(texts)} texts need vectors of shape {(len(texts), embedder.dims)}, not {vectors.shape}"
            )
        self._vectors = vectors
        self._embedder = embedder
        # Other embedders have no word vectors: there the blend stands alone.
        self._maxsim: MaxSim | None = None
        if state is None:
            self._lexical = LexicalIndex(texts)
            if isinstance(embedder, WordVectors):
                self._maxsim = MaxSim(embedder, texts)
        else:
            self._lexical = LexicalIndex.restored(_part(state, "lexical."))
            if isinstance(embedder, WordVectors):
                self._maxsim = MaxSim.restored(embedder, _part(state, "maxsim."))

    def state(self) -> dict[str, np.ndarray]:
        """What was read from the texts, to be kept: it takes longer to make than to load."""
        state = {f"lexical.{name}": array for name, array in self._lexical.state().items()}
        if self._maxsim is not None:
            state |= {f"maxsim.{name}": array for name, array in self._maxsim.state().items()}
        return state

    def __len__(self) -> int:
        return len(self._lexical)

    def rank(self, query: str, positions: Sequence[int] | None = None, k: int | None = None) -> list[Ranked]:
        """The `k` best (None: all) of the passages at `positions` (None: all), best first; ties keep their order.

        Only these passages are looked at: a filter comes before the ranking, so `k` are found if so many are left.
        """
        import numpy as np

        chosen = np.arange(len(self)) if positions is None else np.asarray(positions, dtype=np.int64)
        if not len(chosen) or (k is not None and k < 1):
            return []
        # Text from a terminal may hold lone surrogates, which no converter below accepts.
        query = query.encode("utf-8", "replace").decode("utf-8")
        lexical = self._lexical.scores(query)[chosen]
        semantic = self._semantic(query, chosen)
        score = (1 - _SEMANTIC) * lexical + _SEMANTIC * semantic
        rerank = np.zeros(len(chosen), dtype=np.float32)
        if self._maxsim is not None:
            best = np.argsort(-score, kind="stable")[:_RERANKED]
            rerank[best] = self._maxsim.scores(query, chosen[best].tolist())
            # MaxSim only ever adds, so what was not looked at again cannot rise above what was.
            score = (1 - _RERANK) * score + _RERANK * rerank
        order = np.argsort(-score, kind="stable")[:k]
        return [
            Ranked(int(chosen[i]), float(score[i]), float(lexical[i]), float(semantic[i]), float(rerank[i]))
            for i in order
        ]

    def _semantic(self, query: str, chosen: np.ndarray) -> np.ndarray:
        """How near each passage is to `query`, from 0 (as unrelated texts are) to 1: (len(chosen),)."""
        import numpy as np

        if not query.strip():
            return np.zeros(len(chosen), dtype=np.float32)
        floor = self._embedder.floor
        cosines = self._vectors[chosen] @ self._embedder.embed([query])[0]
        return np.clip((cosines - floor) / (1.0 - floor), 0.0, 1.0)


def _part(state: Mapping[str, np.ndarray], prefix: str) -> dict[str, np.ndarray]:
    return {name.removeprefix(prefix): array for name, array in state.items() if name.startswith(prefix)}
