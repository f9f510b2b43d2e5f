"""Prompts as the numbers that SDXL's UNet reads: weights, more than 77 tokens, style entries of their own; kept while they are needed.

SDXL has two CLIP text encoders. Each gives one vector a token, taken from its last layer but one; both are joined feature by feature,
and the second also gives one pooled vector for the whole text (Podell et al. 2023, "SDXL", section 2.1). Neither reads more than 77
tokens, so a long text is read in chunks that are joined on the token axis, which cross-attention does not mind (A1111, Fooocus).

Weights multiply the vectors of their tokens: A1111's "No norm" emphasis, which A1111 itself names as the better one for SDXL, since
restoring the mean of the whole chunk, as its older rule does, changes words that carry no weight. The pooled vector has no weights.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from tools.images.diffusion.chunks import Chunk, Reader, split
from tools.images.diffusion.keep import kept_by

if TYPE_CHECKING:
    from torch import Tensor

__all__ = ["Embeddings", "embed", "embed_entries"]


@dataclass(frozen=True, slots=True)
class Embeddings:
    """What one picture is asked for, and what it is kept from; the shapes agree.

    Attributes:
        prompt, negative: (1, tokens a chunk x chunks, features of both encoders); 77 tokens a chunk and 2048 features in SDXL.
        pooled, negative_pooled: (1, features of the second encoder); 1280 in SDXL.
    """

    prompt: Tensor
    negative: Tensor
    pooled: Tensor
    negative_pooled: Tensor

    def arguments(self) -> dict[str, Tensor]:
        """Keyword arguments for a diffusers SDXL pipeline, in place of `prompt` and `negative_prompt`."""
        return {
            "prompt_embeds": self.prompt,
            "negative_prompt_embeds": self.negative,
            "pooled_prompt_embeds": self.pooled,
            "negative_pooled_prompt_embeds": self.negative_pooled,
        }


def embed(pipe: Any, prompt: str, negative: str = "") -> Embeddings:
    """One text and its negative, with A1111's weight marks; longer ones cut at clause borders into as many chunks as they take.

    The pooled vectors are those of the first chunks, as in A1111. `BREAK` begins a new chunk; LoRA tags are left out. A short text
    without marks gives exactly the tensors of `pipe.encode_prompt`; a blank negative counts as none, as there.
    """
    return embed_entries(pipe, [prompt], [negative])


def embed_entries(
    pipe: Any, prompts: Sequence[str], negatives: Sequence[str] = (), *, pooled: int | None = None
) -> Embeddings:
    """Entries that each begin a chunk of their own, as Fooocus reads styles (`tools.images.styles.merge`): none thins out another.

    Args:
        pooled: How many entries, from the first, the pooled vector is the sum of; all where it is None. Fooocus leaves its
            expansion, the last entry, out of it. Negatives are all summed.
    """
    import torch

    with torch.no_grad():
        reader = Reader(pipe)
        positive = _chunks(reader, prompts)
        against = _chunks(reader, negatives)
        longest = max(sum(map(len, positive)), sum(map(len, against)))
        one, sum_one = _encoded(pipe, reader, positive, longest, pooled)
        if not any(text.strip() for text in negatives) and pipe.config.get("force_zeros_for_empty_prompt"):
            return Embeddings(one, torch.zeros_like(one), sum_one, torch.zeros_like(sum_one))
        other, sum_other = _encoded(pipe, reader, against, longest, None)
    return Embeddings(one, other, sum_one, sum_other)


def _chunks(reader: Reader, texts: Sequence[str]) -> list[list[Chunk]]:
    """The chunks of each entry that has words; one empty chunk where none has."""
    return [split(reader, text) for text in texts if text.strip()] or [split(reader, "")]


def _encoded(
    pipe: Any, reader: Reader, entries: list[list[Chunk]], longest: int, pooled: int | None
) -> tuple[Tensor, Tensor]:
    """(vectors of all chunks, padded with empty ones to `longest` chunks; sum of the first chunks' pooled vectors)."""
    import torch

    kept = kept_by(pipe)
    chunks = [chunk for entry in entries for chunk in entry]
    chunks += (longest - len(chunks)) * split(reader, "")
    vectors = [kept.get(chunk, partial(_run, reader, chunk))[0] for chunk in chunks]
    firsts = [entry[0] for entry in (entries if pooled is None else entries[: max(1, pooled)])]
    sums = [kept.get(chunk, partial(_run, reader, chunk))[1] for chunk in firsts]
    return torch.cat(vectors, dim=1).to(pipe.text_encoder_2.dtype), torch.stack(sums).sum(0)


def _run(reader: Reader, chunk: Chunk) -> tuple[Tensor, Tensor]:
    """One chunk through every encoder: ((1, tokens, features), (1, pooled features)).

    Chunks go one by one: in a batch the same chunk gives bits that depend on its neighbours, and then the same seed another picture.
    """
    import torch
    from diffusers.utils.torch_utils import get_module_execution_device

    parts, pooled = [], None
    for encoder, ids, weights in zip(reader.encoders, chunk.ids, chunk.weights, strict=True):
        device = get_module_execution_device(encoder)
        output = encoder(torch.tensor([ids], device=device), output_hidden_states=True)
        vectors = output.hidden_states[-2]
        if any(weight != 1 for weight in weights):
            vectors = vectors * torch.tensor(weights, dtype=vectors.dtype, device=vectors.device)[None, :, None]
        parts.append(vectors)
        if output[0].ndim == 2:  # the projected vector; the first encoder has none and gives its last layer here
            pooled = output[0]
    return torch.cat(parts, dim=-1), pooled
