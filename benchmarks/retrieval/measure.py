"""Ranking every question of a task, and what that says: hit@5, MRR@5, nDCG@10, R@1, time and memory."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.retrieval.sets import Task
from tools.retrieval import Embedder, LexicalIndex, Ranker

if TYPE_CHECKING:
    import numpy as np

__all__ = ["Score", "measure"]

_KEPT = 10


@dataclass(frozen=True)
class Score:
    """One row of the table. Times are wall time of this process, memory its growth while it indexed and answered."""

    task: str
    retriever: str
    hit_5: float
    mrr_5: float
    ndcg_10: float
    recall_1: float
    p50_ms: float
    p95_ms: float
    index_s: float
    grown_mib: float


class _Vectors:
    """An embedder's vectors without its word vectors, so that a ranker has nothing to re-rank with."""

    def __init__(self, embedder: Embedder) -> None:
        self.name, self.revision = embedder.name, embedder.revision
        self.dims, self.floor = embedder.dims, embedder.floor
        self.embed = embedder.embed


def measure(task: Task, embedder: Embedder) -> list[Score]:
    """BM25, the embedder alone, their blend, and the blend with MaxSim where the embedder has word vectors."""
    ways: list[tuple[str, Callable[[], Callable[[str], Sequence[int]]]]] = [
        ("BM25", lambda: _lexical(task)),
        (embedder.name, lambda: _dense(task, embedder)),
        (f"BM25 + {embedder.name}", lambda: _ranker(task, _Vectors(embedder))),
    ]
    if hasattr(embedder, "words"):
        ways.append((f"BM25 + {embedder.name} + MaxSim", lambda: _ranker(task, embedder)))
    return [_score(task, name, prepare) for name, prepare in ways]


def _score(task: Task, name: str, prepare: Callable[[], Callable[[str], Sequence[int]]]) -> Score:
    before, began = _resident(), time.perf_counter()
    ask = prepare()
    index_s = time.perf_counter() - began
    times, ranks = [], []
    for question, answer in zip(task.questions, task.answers, strict=True):
        began = time.perf_counter()
        found = list(ask(question))[:_KEPT]
        times.append(1000 * (time.perf_counter() - began))
        ranks.append(found.index(answer) if answer in found else _KEPT)
    return Score(
        task.name, name, *_quality(ranks), *_percentiles(times), index_s=index_s, grown_mib=_resident() - before
    )


def _quality(ranks: Sequence[int]) -> tuple[float, float, float, float]:
    """hit@5, MRR@5, nDCG@10 and R@1 of 0-based ranks; each question has one right passage."""
    import math

    return (
        statistics.fmean(rank < 5 for rank in ranks),
        statistics.fmean(1 / (rank + 1) if rank < 5 else 0.0 for rank in ranks),
        statistics.fmean(1 / math.log2(rank + 2) if rank < _KEPT else 0.0 for rank in ranks),
        statistics.fmean(rank == 0 for rank in ranks),
    )


def _percentiles(times: Sequence[float]) -> tuple[float, float]:
    ordered = sorted(times)
    return statistics.median(ordered), ordered[int(0.95 * (len(ordered) - 1))]


def _lexical(task: Task) -> Callable[[str], Sequence[int]]:
    index = LexicalIndex(task.passages)
    return lambda question: _best(index.scores(question))


def _dense(task: Task, embedder: Embedder) -> Callable[[str], Sequence[int]]:
    vectors = embedder.embed(task.passages)
    return lambda question: _best(vectors @ embedder.embed([question])[0])


def _ranker(task: Task, embedder: Embedder) -> Callable[[str], Sequence[int]]:
    ranker = Ranker(task.passages, embedder.embed(task.passages), embedder)
    return lambda question: [found.position for found in ranker.rank(question, k=_KEPT)]


def _best(scores: np.ndarray) -> Sequence[int]:
    import numpy as np

    return np.argsort(-scores, kind="stable")[:_KEPT].tolist()


def _resident() -> float:
    """What this process holds in memory, in MiB; 0 where the system does not say."""
    status = Path("/proc/self/status")
    if not status.is_file():
        return 0.0
    return next(int(line.split()[1]) / 1024 for line in status.read_text().splitlines() if line.startswith("VmRSS"))
