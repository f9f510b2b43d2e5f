"""What these tests are made of: a tiny embedder that needs no data, and passages by number."""

from __future__ import annotations

import zlib
from collections.abc import Sequence

import numpy as np

from tools.retrieval import Chunk, chunk_id


class Tiny:
    """Hashed character pairs: the same vector on every machine, and texts that share pairs are near."""

    name = "tiny"
    revision = "1"
    dims = 64
    floor = 0.2

    def __init__(self) -> None:
        self.embedded: list[str] = []

    def embed(self, texts: Sequence[str]) -> np.ndarray:
        self.embedded.extend(texts)
        rows = np.zeros((len(texts), self.dims), dtype=np.float32)
        for row, text in enumerate(texts):
            for start in range(len(text) - 1):
                code = zlib.crc32(text[start : start + 2].encode("utf-8", "surrogatepass"))
                rows[row, code % self.dims] += 1.0 if code & 0x8000_0000 else -1.0
        rows[~rows.any(axis=1), 0] = 1.0
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)


class Narrow(Tiny):
    name = "narrow"
    dims = 32


class Newer(Tiny):
    revision = "2"


def chunk(number: int, *, type: str = "INFP", topic: str = "work", text: str = "") -> Chunk:
    """Passage `number`; its words differ from every other number's."""
    text = text or f"第 {number} 段的內容，談 {topic} 與 {number * 37 % 101} 號情況。"
    meta = {"collection": "c", "file": "f.md", "heading": "標題", "topic": topic, "type": type, "title": "名稱"}
    return Chunk(chunk_id(f"f{number}", topic, text), text, meta)
