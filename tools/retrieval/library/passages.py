"""From a reading to the passages that are stored: cut, headed, typed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from tools.retrieval.library.limits import MAX_HEADING
from tools.retrieval.library.mbti import type_of, types_in
from tools.retrieval.library.readers import Reading, Section, Watch
from tools.retrieval.library.split import cut
from tools.words import Words

__all__ = ["Passage", "passages_of"]

_STEP = 50  # sections between two reports
_JOINT = " › "


@dataclass(frozen=True)
class Passage:
    """Text as it stands in the document, under its heading; `type` is "" or one of the sixteen."""

    heading: str
    type: str
    text: str


def passages_of(reading: Reading, watch: Watch, words: Words) -> list[Passage]:
    """All passages of a document in order. The type is the nearest heading's, else the document's, else its name's.

    Raises:
        ReadingCancelled: the watch said so.
    """
    named = types_in(watch.file)
    default = reading.type or (next(iter(named)) if len(named) == 1 else "")
    found: list[Passage] = []
    for done, section in enumerate(reading.sections):
        if done % _STEP == 0:
            watch.step(done, len(reading.sections), "split")
        type_ = type_of(section.headings, default)
        shown = _shown(section.headings)
        for start, end in cut(section.text):
            heading = shown or _by_page(section, start, end, words)
            found.append(Passage(heading, type_, section.text[start:end]))
    return found


def _shown(headings: Iterable[str]) -> str:
    """The path of headings on one line; of one too long the innermost are kept."""
    kept: list[str] = []
    for heading in reversed([*headings]):
        if kept and len(_JOINT.join([heading, *kept])) > MAX_HEADING:
            break
        kept.insert(0, heading)
    return _JOINT.join(kept)


def _by_page(section: Section, start: int, end: int, words: Words) -> str:
    first, last = section.page_at(start), section.page_at(max(start, end - 1))
    if not first:
        return ""
    # Kept with the text, which is the same for everybody: Chinese, whatever the interface speaks.
    return words.say("heading_page", "zh", page=first if first == last else f"{first}–{last}")
