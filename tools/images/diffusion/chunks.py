"""A prompt as chunks of tokens: what a text encoder reads at once, with the weight of each token; cut at clause borders."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tools.images.prompt import weights

__all__ = ["Chunk", "Reader", "split"]

Stretch = tuple[str, float]  # words of one weight
Rows = list[list[tuple[int, float]]]  # for each tokenizer: token id and weight of each token

# A cut stands where the tokenizer cuts in any case, between two words, so that the pieces have the tokens of the whole.
_CLAUSE = re.compile(r"(?<=[,;.!?，；。！？、])(?=\s)|(?<=[，；。！？、])(?=\w)|(?<=\n)")
_WORD = re.compile(r"(?<=\s)(?=\S)")
_BREAK = re.compile(r"\s*\bBREAK\b\s*")


@dataclass(frozen=True, slots=True)
class Chunk:
    """What the encoders read at once: for each of them its token ids (start, content, end, padding) and their weights."""

    ids: tuple[tuple[int, ...], ...]
    weights: tuple[tuple[float, ...], ...]


class Reader:
    """The tokenizers and text encoders of a pipeline, side by side."""

    def __init__(self, pipe: Any) -> None:
        pairs = [(pipe.tokenizer, pipe.text_encoder), (pipe.tokenizer_2, pipe.text_encoder_2)]
        self._pipe = pipe
        self.tokenizers = [tokenizer for tokenizer, encoder in pairs if encoder is not None]
        self.encoders = [encoder for _, encoder in pairs if encoder is not None]
        # A tokenizer that was never told its length says 10^30; the encoder knows how many places it has.
        self.length = min(
            min(tokenizer.model_max_length, encoder.config.max_position_embeddings)
            for tokenizer, encoder in zip(self.tokenizers, self.encoders, strict=True)
        )

    @property
    def room(self) -> int:
        """Content tokens a chunk holds: all but its start and its end mark."""
        return self.length - 2

    def tokens(self, stretches: Sequence[Stretch]) -> Rows:
        """For each tokenizer (token id, weight) of the words, without start and end mark."""
        found: Rows = []
        for tokenizer in self.tokenizers:
            row: list[tuple[int, float]] = []
            for words, weight in stretches:
                words = self._pipe.maybe_convert_prompt(words, tokenizer)  # learned words (textual inversion)
                ids = tokenizer(words, add_special_tokens=False, verbose=False)["input_ids"]
                row += [(number, weight) for number in ids]
            found.append(row)
        return found

    def chunk(self, rows: Rows) -> Chunk:
        """A chunk of the tokens of one text, one row for each tokenizer, filled up as the tokenizer fills up."""
        ids, amounts = [], []
        for tokenizer, row in zip(self.tokenizers, rows, strict=True):
            rest = self.room - len(row)
            ids.append(
                (
                    tokenizer.bos_token_id,
                    *(number for number, _ in row),
                    tokenizer.eos_token_id,
                    *rest * (tokenizer.pad_token_id,),
                )
            )
            amounts.append((1.0, *(weight for _, weight in row), 1.0, *rest * (1.0,)))
        return Chunk(tuple(ids), tuple(amounts))


def split(reader: Reader, text: str) -> list[Chunk]:
    """The whole text as chunks, nothing lost; at least one, and a new one at each `BREAK` (as A1111 has it).

    A chunk ends behind the last clause that it holds whole. A clause that alone is too long is cut between words, and a word that
    alone is too long between tokens.
    """
    parts: list[list[Stretch]] = [[]]
    for words, weight in weights(text):
        first, *others = _BREAK.split(words)
        parts[-1].append((first, weight))
        parts += [[(other, weight)] for other in others]
    chunks = [chunk for part in parts if any(words.strip() for words, _ in part) for chunk in _filled(reader, part)]
    return chunks or [reader.chunk([[] for _ in reader.tokenizers])]


def _filled(reader: Reader, stretches: list[Stretch]) -> list[Chunk]:
    rows = reader.tokens(stretches)
    if _size(rows) > reader.room:
        return [reader.chunk(part) for part in _packed(reader, stretches)]
    return [reader.chunk(rows)]


def _packed(reader: Reader, stretches: list[Stretch]) -> list[Rows]:
    """The tokens of chunk after chunk, each with as many whole units as it has room for."""
    empty: Rows = [[] for _ in reader.tokenizers]
    found = [empty]
    for unit in _units(reader, stretches):
        joined = [[*row, *more] for row, more in zip(found[-1], unit, strict=True)]
        if _size(joined) <= reader.room:
            found[-1] = joined
        else:  # a single word may still be longer than a chunk
            found += [[row[at : at + reader.room] for row in unit] for at in range(0, _size(unit), reader.room)]
    return [part for part in found if _size(part)]


def _units(reader: Reader, stretches: list[Stretch]) -> list[Rows]:
    """The tokens of clause after clause; of word after word where a clause is too long for a chunk."""
    found: list[Rows] = []
    for clause in _pieces(stretches, _CLAUSE):
        rows = reader.tokens(clause)
        found += [rows] if _size(rows) <= reader.room else map(reader.tokens, _pieces(clause, _WORD))
    return found


def _pieces(stretches: list[Stretch], border: re.Pattern[str]) -> list[list[Stretch]]:
    """The stretches cut at each border; a piece may begin in one weight and end in another."""
    found: list[list[Stretch]] = [[]]
    for words, weight in stretches:
        first, *others = border.split(words)
        found[-1].append((first, weight))
        found += [[(other, weight)] for other in others]
    return [piece for piece in found if any(words for words, _ in piece)]


def _size(rows: Rows) -> int:
    """How many tokens the words take in the tokenizer where they take most."""
    return max(map(len, rows))
