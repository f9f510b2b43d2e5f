"""ComfyUI's `prompt`: a graph of nodes. The recipe is what leads to its sampler, found by walking the links backwards."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tools.images.recipe.model import Recipe, clean, loras_of, name_of, number, side, whole

__all__ = ["looks_like_comfyui", "read_comfyui"]

# A graph is walked at most this far: links of a hostile one may go round in circles or fan out without end.
_MAX_NODES = 500
_TEXTS = ("text", "text_g", "text_l", "clip_l", "t5xxl", "prompt", "string", "value")
_Node = Mapping[str, Any]


def looks_like_comfyui(data: object) -> bool:
    """Whether `data` is a mapping of nodes with a class each."""
    return isinstance(data, Mapping) and any(_kind(node) for node in list(data.values())[:_MAX_NODES])


def read_comfyui(data: Mapping[str, Any]) -> Recipe:
    """The recipe of the first sampler in the graph, the one with the smallest id; it never fails."""
    graph = _Graph(data)
    sampler = graph.sampler()
    ahead = list(graph.behind(sampler)) if sampler else list(graph.nodes.values())
    guide = _first(ahead, "positive") or _first(ahead, "conditioning")
    loras = (
        (_in(node).get("lora_name"), _in(node).get("strength_model")) for node in ahead if "lora" in _kind(node).lower()
    )
    size = _first(ahead, "width", "height") or {}
    steps = _first(ahead, "steps") or {}
    noise = _first(ahead, "seed") or _first(ahead, "noise_seed") or {}
    seed = noise.get("seed", noise.get("noise_seed"))
    return Recipe(
        prompt=graph.text((guide or {}).get("positive", (guide or {}).get("conditioning"))),
        negative=graph.text((guide or {}).get("negative")),
        seed=whole(graph.value(seed)),
        steps=whole(graph.value(steps.get("steps"))),
        cfg=number(graph.value((_first(ahead, "cfg") or {}).get("cfg"))),
        sampler=name_of((_first(ahead, "sampler_name") or {}).get("sampler_name")),
        scheduler=name_of((_first(ahead, "scheduler") or {}).get("scheduler")),
        width=side(graph.value(size.get("width"))),
        height=side(graph.value(size.get("height"))),
        model=name_of(
            (_first(ahead, "ckpt_name") or {}).get("ckpt_name") or (_first(ahead, "unet_name") or {}).get("unet_name")
        ),
        loras=loras_of(loras),
        program="comfyui",
    )


class _Graph:
    def __init__(self, data: Mapping[str, Any]) -> None:
        every = [(str(key), node) for key, node in list(data.items())[:_MAX_NODES] if _kind(node)]
        self.nodes: dict[str, _Node] = dict(sorted(every, key=lambda item: (len(item[0]), item[0])))

    def sampler(self) -> _Node | None:
        """The first node that samples: it is named so and takes a latent picture."""
        named = [node for node in self.nodes.values() if "sampler" in _kind(node).lower()]
        return next((node for node in named if "latent_image" in _in(node)), named[0] if named else None)

    def linked(self, value: object) -> _Node | None:
        """The node a value comes from; None where the value stands for itself."""
        return self.nodes.get(str(value[0])) if isinstance(value, list) and len(value) == 2 else None

    def behind(self, node: _Node) -> Iterator[_Node]:
        """`node`, then every node that leads to it, nearest first, each once."""
        waiting, seen = [node], {id(node)}
        while waiting:
            node = waiting.pop(0)
            yield node
            for value in _in(node).values():
                source = self.linked(value)
                if source is not None and id(source) not in seen:
                    seen.add(id(source))
                    waiting.append(source)

    def value(self, value: object) -> object:
        """A plain value, or the one of the node that it is linked to."""
        node = self.linked(value)
        if node is None:
            return value
        return next((each for each in _in(node).values() if not isinstance(each, list)), None)

    def text(self, value: object) -> str:
        """The first text behind a link to conditioning, or the text itself."""
        start = self.linked(value)
        if start is None:
            return clean(value)
        for node in self.behind(start):
            for name in _TEXTS:
                if text := clean(_in(node).get(name)):
                    return text
        return ""


def _kind(node: object) -> str:
    kind = node.get("class_type") if isinstance(node, Mapping) else None
    return kind if isinstance(kind, str) and isinstance(node.get("inputs"), Mapping) else ""


def _in(node: _Node) -> Mapping[str, Any]:
    return node["inputs"]


def _first(nodes: list[_Node], *names: str) -> Mapping[str, Any] | None:
    return next((_in(node) for node in nodes if all(name in _in(node) for name in names)), None)
