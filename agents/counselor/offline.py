"""The counselor's answer without a model: the best sentences of the passages found, in order, cited, and labelled as such.

Nothing is rewritten. Connecting sentences come from the voice file; every other sentence stands word for word in the
passage whose number follows it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from agents.counselor.citations import FOLLOW_UPS
from agents.counselor.voice import pick, voice
from tools.words import Lang

__all__ = ["compose", "usual_follow_ups"]

_SENTENCES = re.compile(r"[^。！？\n]+[。！？]+[」』）]*|[^.!?。！？\n]{20,}[.!?](?=\s|$)")
_ACTION = re.compile(r"(可以|試著|不妨|建議|下次|先把|先問|先寫|練習|約|安排|記下|寫下|列出|挑)")
_PASSAGES = 3
_FITS = 0.35  # of the best passage's score
_FACTS_FIRST, _FACTS_MORE, _ACTIONS = 3, 2, 3


def compose(inputs: Mapping[str, Any]) -> str:
    """An answer to `inputs` (question, mbti, tone, passages, said, match, lang), with [n] marks and follow-up questions.

    `said` is what earlier turns answered: what stands there is not said again as long as there is something new.
    """
    words, lang, said = voice(), inputs["lang"], inputs["said"]
    tone, lines = words.tone(inputs["tone"]), words.offline[lang]
    passages: Sequence[Mapping[str, Any]] = inputs["passages"]
    if not passages:
        return lines.none
    parts = [pick(tone.going_on if said else tone.opening, inputs["question"])] if lang == "zh" else []
    parts.append(lines.weak if inputs["match"] == "weak" else lines.about_more if said else lines.about)
    if not inputs["mbti"] and any(passage["type"] for passage in passages):
        parts.append(lines.untyped)
    out = ["".join(parts) if lang == "zh" else " ".join(parts)]
    actions: list[str] = []
    # Passages that hardly fit, or far less than the best one, would only dilute the answer.
    least = _FITS * passages[0]["score"]
    fitting = [passages[0], *(more for more in passages[1:] if not more["weak"] and more["score"] >= least)]
    theirs = [passage for passage in fitting[1:] if inputs["mbti"] and passage["type"] not in ("", inputs["mbti"])]
    used = [passage for passage in fitting if passage not in theirs][: _PASSAGES - bool(theirs)] + theirs[:1]
    for rank, passage in enumerate(used):
        whole = [sentence.strip() for sentence in _SENTENCES.findall(passage["text"])] or [passage["text"].strip()]
        sentences = [sentence for sentence in whole if sentence not in said] or whole
        doing = [sentence for sentence in sentences if _ACTION.search(sentence[:14])]
        telling = [sentence for sentence in sentences if sentence not in doing]
        best = _closest(telling, inputs["question"], _FACTS_FIRST if rank == 0 else _FACTS_MORE)
        if best:
            heading = lines.heading.format(topic=_titled(passage, inputs))
            out.append(heading + "".join(f"{sentence}[{passage['n']}]" for sentence in best))
        actions += [f"- {sentence}[{passage['n']}]" for sentence in _closest(doing, inputs["question"], 2 - (rank > 0))]
    if actions:
        lead = tone.actions if lang == "zh" else "Things to try:"
        out.append("\n".join([lead, *actions[:_ACTIONS]]))
    out.append(f"{tone.closing}{lines.limits}" if lang == "zh" else lines.limits)
    return "\n\n".join(out) + f"\n\n{FOLLOW_UPS}\n" + "\n".join(usual_follow_ups(used, lang))


def usual_follow_ups(passages: Sequence[Mapping[str, Any]], lang: Lang, limit: int = 3) -> list[str]:
    """Questions people often ask next, those on the topics of `passages` first."""
    asked = voice().follow_ups if lang == "zh" else voice().follow_ups_en
    topics = [passage["topic"] for passage in passages]
    ordered = sorted(asked, key=lambda topic: topics.index(topic) if topic in topics else len(topics))
    return [asked[topic][0] for topic in ordered][:limit]


def _titled(passage: Mapping[str, Any], inputs: Mapping[str, Any]) -> str:
    named = passage["type"] if passage["type"] != inputs["mbti"] else ""
    return " ".join(filter(None, (passage["title"], named, passage["heading"])))


def _closest(sentences: list[str], question: str, count: int) -> list[str]:
    """The `count` sentences that share most with the question, in the passage's own order; the first ones on a tie."""
    from tools.chinese import fold

    asked = {fold(question)[i : i + 2] for i in range(len(question) - 1)}

    def shared(sentence: str) -> int:
        folded = fold(sentence)
        return len(asked & {folded[i : i + 2] for i in range(len(folded) - 1)})

    ranked = sorted(range(len(sentences)), key=lambda i: (-shared(sentences[i]), i))[:count]
    return [sentences[i] for i in sorted(ranked)]
