"""How well a passage bears out what a sentence says: whether a citation holds."""

from __future__ import annotations

import re

from tools.retrieval.maxsim import MaxSim

__all__ = ["SUPPORTED", "support"]

# From here on a passage counts as supporting a sentence. Chosen on tests/data/support_pairs.csv, where it takes 5 of the 54
# true paraphrases (a third of them English) for unsupported, and lets 4 of 30 sentences pass that the passage does not
# hold, all of them on the passage's own subject. Sentences about other things stay far below.
SUPPORTED = 0.42
# Shared pairs of characters only add: a paraphrase, or a sentence in the other language, may have none.
_COPIED = 0.5
_SENTENCE = re.compile(r"[^。！？.!?\n]+[。！？.!?]*[」』）)”\"]*")


def support(claim: str, passage: str) -> float:
    """How well `passage` supports `claim`, 0..1, within Chinese and across Chinese and English.

    The claim's words are looked for, by meaning, in each sentence of the passage (a whole passage holds something near to
    nearly any word); what is copied letter by letter counts besides. A claim that turns a sentence into its opposite is
    as near to it as a paraphrase: this finds what a passage does not speak of, not what it denies.

    Raises:
        GlossError: the gloss table is missing or damaged.
    """
    from tools.retrieval.gloss import GlossEmbedder

    # Text from models may hold lone surrogates, which no converter below accepts.
    claim, passage = (text.encode("utf-8", "replace").decode("utf-8") for text in (claim, passage))
    sentences = _SENTENCE.findall(passage)
    if not sentences:
        return 0.0
    near = float(MaxSim(GlossEmbedder(), sentences).scores(claim, range(len(sentences))).max())
    return 1 - (1 - near) * (1 - _COPIED * _copied(claim, passage))


def _copied(claim: str, passage: str) -> float:
    """The share of the claim's character pairs (words, outside Chinese) that the passage holds."""
    wanted = _pieces(claim)
    return len(wanted & _pieces(passage)) / len(wanted) if wanted else 0.0


def _pieces(text: str) -> set[str]:
    from tools.retrieval.tokens import tokenize

    # A single Chinese character says little: only its pairs with a neighbour count.
    return {token for token in tokenize(text) if len(token) > 1}
