"""Finding the passages a turn rests on: for the types in play, in the light of the turns before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agents.counselor.asking import leans_on, own_words, points_back, types_named
from agents.events import Warned
from tools.errors import FinaleError
from tools.storage import StorageError

if TYPE_CHECKING:
    from tools.retrieval import Hit

__all__ = ["PASSAGES", "Found", "find_passages"]

PASSAGES = 4
# Passages of another person's type that the question names (「我男友是 ESTJ」) join the four of one's own.
_OF_OTHERS = 2
_OTHER_TYPES = 2


@dataclass(frozen=True)
class Found:
    """Passages as plain data, numbered from 1, those of the person's own type first; `about` is what they are about: the
    words that a later question pointing back to this one is searched with. `missing` counts collections that are gone.
    `troubles` say what could not be used as the settings have it; a run that is under way was warned of them."""

    passages: list[dict[str, Any]]
    about: str
    missing: int = 0
    troubles: tuple[FinaleError, ...] = ()


def find_passages(
    home: Path, question: str, mbti: str, before: str = "", collections: Sequence[str] | None = None
) -> Found:
    """The passages for `question`, asked after a turn that was about `before` ("" if none was).

    A question that leans on the one before it is searched together with it: always where it points back ("why?"), else only
    where its own words find nothing that fits.
    """
    from tools.retrieval import shared_knowledge

    asked = len(collections or ())
    if collections:
        # One may have been deleted since it was chosen: that must not cost the person the answer.
        known_ids = _known_ids(home)
        collections = [id_ for id_ in collections if id_ in known_ids]
    knowledge = shared_knowledge(home)
    hits = knowledge.search(question, k=PASSAGES, type=mbti, collections=collections)
    about = query = question
    if before and leans_on(question) and (points_back(question) or not hits or hits[0].weak):
        about, query = before, f"{before}\n{own_words(question)}"
        hits = knowledge.search(query, k=PASSAGES, type=mbti, collections=collections) or hits
    others = [other for other in types_named(question) if other != mbti][:_OTHER_TYPES] if mbti else []
    for other in others:
        known = {hit.chunk.id for hit in hits}
        more = knowledge.search(query, k=_OF_OTHERS, type=other, collections=collections)
        hits += [hit for hit in more if hit.chunk.id not in known]
    troubles = tuple(knowledge.troubles())
    _warn(troubles)
    passages = [_as_data(n, hit) for n, hit in enumerate(hits, start=1)]
    return Found(passages, about, asked - len(collections or ()), troubles)


def _known_ids(home: Path) -> set[str]:
    from tools.retrieval.library import open_library

    try:
        return {collection.id for collection in open_library(home).collections()}
    except StorageError:  # the search meets it too, and says so
        return set()


def _warn(troubles: Sequence[FinaleError]) -> None:
    """Tell the run that is under way, if one is, what its search had to make do without."""
    from langgraph.runtime import get_runtime

    from agents.context import RunContext

    try:
        context = get_runtime(RunContext).context
    except RuntimeError:  # asked from a script or a test, which reads `troubles`
        return
    for trouble in troubles:
        context.emit(Warned(code=trouble.key, message=trouble.message(context.lang)))


def _as_data(n: int, hit: Hit) -> dict[str, Any]:
    from tools.retrieval import HOUSE

    return {
        "n": n,
        "id": hit.chunk.id,
        "type": hit.chunk.type,
        "topic": hit.chunk.topic,
        "heading": hit.chunk.heading,
        # The house's files need no title: type and heading name them. A person's own text is known by its title.
        "title": "" if hit.collection == HOUSE else hit.title,
        "text": hit.chunk.text,
        "score": round(hit.score, 3),
        "weak": hit.weak,
    }
