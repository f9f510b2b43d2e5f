"""`python -m benchmarks.retrieval`: how well passages are found, as Markdown tables.

Without arguments only the house's own questions are asked. The public sets are given by path, in SQuAD's JSON form:
DRCD (zh-TW) and XQuAD (zh and en, which are also asked across languages).
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

from benchmarks.retrieval.measure import Score, measure
from benchmarks.retrieval.own import OwnScore, measure_own
from benchmarks.retrieval.sets import Task, crossed, read_squad, simplified
from tools.retrieval import Embedder, GlossEmbedder

QUESTIONS = Path(__file__).resolve().parents[2] / "tests" / "data" / "mbti_questions.csv"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--drcd", type=Path, help="DRCD_test.json")
    parser.add_argument("--xquad-zh", type=Path, help="xquad.zh.json")
    parser.add_argument("--xquad-en", type=Path, help="xquad.en.json")
    parser.add_argument("--questions", type=Path, default=QUESTIONS, help="CSV: type, question, topic, lang")
    parser.add_argument("--model", help="a sentence-transformers model to measure too: a hub name or a folder")
    given = parser.parse_args()
    if bool(given.xquad_zh) != bool(given.xquad_en):
        parser.error("--xquad-zh and --xquad-en go together")
    embedders: list[Embedder] = [GlossEmbedder()]
    if given.model:
        from tools.retrieval.embed_hub import HubEmbedder

        embedders.append(HubEmbedder.load(given.model))
    tasks = list(_tasks(given.drcd, given.xquad_zh, given.xquad_en))
    if tasks:
        print("| task | retriever | hit@5 | MRR@5 | nDCG@10 | R@1 | p50 / p95 ms | index s | MiB |")
        print("|---|---|--:|--:|--:|--:|--:|--:|--:|")
    for task in tasks:
        for embedder in embedders:
            for score in measure(task, embedder):
                print(_row(score), flush=True)
    for embedder in embedders:
        print(f"\n| own questions ({embedder.name}) | count | type filter | R@1 | R@5 |\n|---|--:|---|--:|--:|")
        for own in measure_own(given.questions, embedder):
            print(_own_row(own))


def _tasks(drcd: Path | None, xquad_zh: Path | None, xquad_en: Path | None) -> Iterator[Task]:
    if drcd:
        task = read_squad("DRCD", drcd)
        yield task
        yield simplified(task)
    if xquad_zh and xquad_en:
        yield from crossed(read_squad("XQuAD zh", xquad_zh), read_squad("XQuAD en", xquad_en))


def _row(score: Score) -> str:
    return (
        f"| {score.task} | {score.retriever} | {score.hit_5:.4f} | {score.mrr_5:.4f} | {score.ndcg_10:.4f} "
        f"| {score.recall_1:.4f} | {score.p50_ms:.1f} / {score.p95_ms:.1f} | {score.index_s:.1f} | {score.grown_mib:.0f} |"
    )


def _own_row(own: OwnScore) -> str:
    return f"| {own.questions} | {own.count} | {'yes' if own.filtered else 'no'} | {own.recall_1:.3f} | {own.recall_5:.3f} |"


if __name__ == "__main__":
    main()
