"""The root of every error Finale raises on purpose.

    FinaleError
    ├── StorageError            tools/storage.py
    │   ├── HomeNotWritable
    │   ├── DiskFull
    │   └── StorageDamaged
    ├── LLMError                tools/llm/errors.py
    ├── RetrievalError          tools/retrieval/errors.py
    │   ├── GlossError          tools/retrieval/gloss/errors.py
    │   └── LibraryError        tools/retrieval/library/errors.py
    ├── WebError                tools/news/web/errors.py
    ├── SourceError             tools/news/sources/errors.py
    ├── ArtistError             tools/images/artist/model.py
    ├── PackError               tools/images/packs/errors.py
    ├── PictureError            tools/images/recipe/errors.py
    ├── StyleError              tools/images/styles/errors.py
    ├── PromptError             tools/images/prompt/errors.py
    ├── PaintError              tools/images/backend/errors.py
    ├── QueueError              tools/images/queue/errors.py
    ├── CompareError            tools/compare/errors.py
    └── AgentError              agents/errors.py

An error carries a code and parameters; its words (what happened, with the value, and what to do next) stand in
`messages.yaml` beside the module that raises it, in Traditional Chinese and English. `str(error)` is the Chinese line.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

from tools.words import Lang, Words

__all__ = ["FinaleError"]


class FinaleError(Exception):
    """Raised for anything a person can understand and act on; never for a bug of ours."""

    code: ClassVar[str] = "finale"
    words_file: ClassVar[Path] = Path(__file__).with_name("messages.yaml")

    def __init__(self, code: str | None = None, **params: Any) -> None:
        self.key = code or type(self).code
        self.params = params
        super().__init__(self.key)

    def message(self, lang: Lang = "zh") -> str:
        """The one line a person reads: what happened and what to do next."""
        return Words.load(self.words_file).say(self.key, lang, **self.params)

    def __str__(self) -> str:
        return self.message("zh")
