"""`python -m tools.images.prompt.build TOKENIZER_DIR`: measure rag_data/styles/clip_words.txt with CLIP's own tokenizer.

The words are the English words of the house's gloss table that are one token, and every word of the lexicon, the styles and the
opposites, whatever it takes. Run it again after those files gain words; without it they are only counted too high.
"""

from __future__ import annotations

import re
import sys
from collections import defaultdict
from pathlib import Path

from tools.images.prompt.tokens import clip_counter
from tools.settings import data_dir

__all__ = ["build"]


def build(tokenizer: Path) -> str:
    """The text of clip_words.txt, in alphabetical order.

    Raises:
        SystemExit: the folder holds no CLIP tokenizer.
    """
    counter = clip_counter(tokenizer)
    if not counter.exact:
        raise SystemExit(f"{tokenizer} holds no vocab.json and merges.txt")
    gloss = (data_dir() / "gloss" / "words.txt").read_text(encoding="utf-8").split("\n")
    counts = {word: counter.raw(word) for word in gloss if word.isascii() and word.isalpha() and word.islower()}
    counts = {word: count for word, count in counts.items() if count == 1}
    for name in ("lexicon.yaml", "house.yaml", "opposites.yaml"):
        for word in re.findall(r"[a-z]+", (data_dir() / "styles" / name).read_text(encoding="utf-8").lower()):
            counts[word] = counter.raw(word)
    by_count: dict[int, list[str]] = defaultdict(list)
    for word, count in sorted(counts.items()):
        by_count[count].append(word)
    lines = [
        "# CLIP tokens a word takes, measured with CLIP's tokenizer by tools.images.prompt.build; count: word word …"
    ]
    for count, words in sorted(by_count.items()):
        lines += [f"{count}: {' '.join(words[at : at + 400])}" for at in range(0, len(words), 400)]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    text = build(Path(sys.argv[1]))
    (data_dir() / "styles" / "clip_words.txt").write_text(text, encoding="utf-8")
