"""What the text encoders made of the last chunks, kept as long as the encoders are what they were.

Chunks rather than prompts are kept: in a pack the style entries, the negative and the empty chunk are the same for every picture.
"""

from __future__ import annotations

import weakref
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from torch import Tensor

__all__ = ["Kept", "kept_by"]

# A chunk takes 320 KB in SDXL with fp16 (77 x 2048 numbers): 20 MB at most.
_MOST = 64
_kept: weakref.WeakKeyDictionary[Any, Kept] = weakref.WeakKeyDictionary()


class Kept:
    """The last chunks of one pair of encoders."""

    def __init__(self) -> None:
        self._found: OrderedDict[Hashable, tuple[Tensor, Tensor]] = OrderedDict()
        self._state: list[tuple[weakref.ref[Any], Any]] = []
        self.runs = 0  # how often the encoders had to run

    def check(self, encoders: list[Any]) -> None:
        """Forget everything unless the encoders carry the LoRAs that they carried."""
        state = _state(encoders)
        if [fact for _, fact in state] != [fact for _, fact in self._state] or any(
            before() is not now() for (before, _), (now, _) in zip(self._state, state, strict=True)
        ):
            self._found.clear()
        self._state = state

    def get(self, key: Hashable, make: Callable[[], tuple[Tensor, Tensor]]) -> tuple[Tensor, Tensor]:
        """What is kept under `key`, else what `make` gives."""
        if key not in self._found:
            self._found[key] = make()
            self.runs += 1
            while len(self._found) > _MOST:
                self._found.popitem(last=False)
        self._found.move_to_end(key)
        return self._found[key]


def kept_by(pipe: Any) -> Kept:
    """What is kept for the encoders of `pipe`; pipelines that share them (`from_pipe`) share it. It goes when they go."""
    kept = _kept.setdefault(pipe.text_encoder_2, Kept())
    kept.check([encoder for encoder in (pipe.text_encoder, pipe.text_encoder_2) if encoder is not None])
    return kept


def _state(encoders: list[Any]) -> list[tuple[weakref.ref[Any], Any]]:
    """All that decides what encoders answer, cheap to compare: which they are, and the LoRA layers in them with their weights.

    Objects are told apart by weak references, since a new LoRA may get the name and even the address of one that is gone;
    `_version` counts what was written into a weight in place.
    """
    found: list[tuple[weakref.ref[Any], Any]] = []
    for encoder in encoders:
        found.append((weakref.ref(encoder), encoder.dtype))
        for module in encoder.modules():
            if hasattr(module, "lora_A"):  # PEFT's LoRA layers
                used = (list(module.active_adapters), list(module.merged_adapters), bool(module.disable_adapters))
                found.append((weakref.ref(module), (dict(module.scaling), *used)))
                found += [(weakref.ref(weight), weight._version) for weight in module.parameters()]
    return found
