"""Prompts: their marks kept, their tokens counted, a wish in two words understood and carried whole into a prompt.

from tools.images.prompt import to_prompt, wish
to_prompt(wish("兩隻紅色的貓在桌子上"), style).prompt
"""

from tools.images.prompt.contradict import Contradiction, clashes, contradictions
from tools.images.prompt.cut import chunks, clauses, fit
from tools.images.prompt.errors import BadPromptData, PromptError, WildcardUnknown, WishEmpty, WishRefused, WishTooLong
from tools.images.prompt.expand import Expanded, missing, to_prompt
from tools.images.prompt.lexicon import Entry, Lexicon, lexicon
from tools.images.prompt.parts import Part
from tools.images.prompt.refuse import refuse
from tools.images.prompt.syntax import Lora, Piece, loras, pieces, quotes, weights, without_loras
from tools.images.prompt.tokens import LIMIT, Counter, clip_counter, small_counter
from tools.images.prompt.wildcards import arrays, expand_wildcards, read_lists, wildcard_names
from tools.images.prompt.wish import MOST_CHARACTERS, Wish, wish

__all__ = [
    "LIMIT",
    "MOST_CHARACTERS",
    "BadPromptData",
    "Contradiction",
    "Counter",
    "Entry",
    "Expanded",
    "Lexicon",
    "Lora",
    "Part",
    "Piece",
    "PromptError",
    "WildcardUnknown",
    "Wish",
    "WishEmpty",
    "WishRefused",
    "WishTooLong",
    "arrays",
    "chunks",
    "clashes",
    "clauses",
    "clip_counter",
    "contradictions",
    "expand_wildcards",
    "fit",
    "lexicon",
    "loras",
    "missing",
    "pieces",
    "quotes",
    "read_lists",
    "refuse",
    "small_counter",
    "to_prompt",
    "weights",
    "wildcard_names",
    "wish",
    "without_loras",
]
