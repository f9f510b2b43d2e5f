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
_ACTION = re.compile(r"(可以|試著|不妨|建議|下次|先把|先問|先寫|練習|約|安排|記下|寫下|列出|先挑|挑[一兩三幾個])")
# A sentence that speaks of one type, or in the theory's words for one, says nothing to somebody who named none.
_OF_A_TYPE = re.compile(r"[IE][NS][FT][JP]|[內外]傾|主導|輔助|功能|偏好")
_PASSAGES = 3
_FITS = 0.35  # of the best passage's score
_FACTS_FIRST, _FACTS_MORE, _ACTIONS = 3, 2, 3


def compose(inputs: Mapping[str, Any]) -> str:
    """An answer to `inputs` (question, mbti, named, tone, passages, said, follows, match, lang), with [n] marks and
    follow-up questions.

    `said` is what earlier turns answered: what stands there is not said again as long as there is something new. `follows`:
    the question goes on from them. `named` are the types the question names.
    """
    lang, passages = inputs["lang"], inputs["passages"]
    tone, lines = voice().tone(inputs["tone"]), voice().offline[lang]
    if not passages:
        return lines.none
    # Passages that hardly fit, or far less than the best one, would only dilute the answer.
    least = _FITS * passages[0]["score"]
    fitting = [passages[0], *(more for more in passages[1:] if not more["weak"] and more["score"] >= least)]
    untyped = not inputs["mbti"] and not inputs["named"] and any(passage["type"] for passage in fitting)
    out = [_opening(inputs, untyped)]
    if untyped:
        out += _for_anybody(fitting, inputs)
    else:
        theirs = [passage for passage in fitting[1:] if inputs["mbti"] and passage["type"] not in ("", inputs["mbti"])]
        fitting = [passage for passage in fitting if passage not in theirs][: _PASSAGES - bool(theirs)] + theirs[:1]
        out += _for_a_type(fitting, inputs)
    if inputs["match"] == "weak":
        out.append(lines.limits)
    else:
        out.append(f"{tone.closing}{lines.limits}" if lang == "zh" else lines.limits)
    if untyped and lines.ask_type not in inputs["said"]:  # asked once, not at every turn
        out.append(lines.ask_type)
    return "\n\n".join(out) + f"\n\n{FOLLOW_UPS}\n" + "\n".join(usual_follow_ups(fitting, lang))


def _opening(inputs: Mapping[str, Any], untyped: bool) -> str:
    """What comes before the passages: words of the tone where they fit the question, and what the passages are."""
    tone, lines = voice().tone(inputs["tone"]), voice().offline[inputs["lang"]]
    if inputs["match"] == "weak":
        return lines.weak  # nobody confided anything who asks for a recipe
    parts = []
    if inputs["lang"] == "zh":
        parts.append(pick(tone.going_on if inputs["follows"] else tone.opening, inputs["question"]))
    parts.append(lines.about_more if inputs["follows"] else lines.about)
    if untyped and lines.untyped not in inputs["said"]:
        parts.append(lines.untyped)
    return ("" if inputs["lang"] == "zh" else " ").join(parts)


def _for_a_type(used: Sequence[Mapping[str, Any]], inputs: Mapping[str, Any]) -> list[str]:
    """What the passages tell, each under its heading, and what they suggest to do."""
    tone, lines = voice().tone(inputs["tone"]), voice().offline[inputs["lang"]]
    out, actions = [], list[str]()
    for rank, passage in enumerate(used):
        telling, doing = _sentences(passage, inputs["said"])
        best = _closest(telling, inputs["question"], _FACTS_FIRST if rank == 0 else _FACTS_MORE)
        if best:
            heading = lines.heading.format(topic=_titled(passage, inputs))
            out.append(heading + "".join(f"{sentence}[{passage['n']}]" for sentence in best))
        actions += [f"- {sentence}[{passage['n']}]" for sentence in _closest(doing, inputs["question"], 2 - (rank > 0))]
    if actions:
        lead = tone.actions if inputs["lang"] == "zh" else "Things to try:"
        out.append("\n".join([lead, *actions[:_ACTIONS]]))
    return out


def _for_anybody(used: Sequence[Mapping[str, Any]], inputs: Mapping[str, Any]) -> list[str]:
    """First what can be tried whatever one's type, then what the notes of either side tell, said to be of that side."""
    lines, out, told = voice().offline[inputs["lang"]], list[str](), list[str]()
    actions = list[str]()
    sides = set[str]()
    for passage in used:
        telling, doing = _sentences(passage, inputs["said"])
        free = [sentence for sentence in doing if not _OF_A_TYPE.search(sentence)]
        actions += [f"- {sentence}[{passage['n']}]" for sentence in _closest(free, inputs["question"], 1)]
        side = passage["type"][:1]
        if side and side in sides:
            continue
        sides.add(side)
        best = _closest(telling, inputs["question"], _FACTS_MORE if side else _FACTS_FIRST)
        if best:
            lead = {"I": lines.side_i, "E": lines.side_e}.get(side, lines.heading)
            heading = lead.format(type=passage["type"], topic=_titled(passage, inputs))
            told.append(heading + "".join(f"{sentence}[{passage['n']}]" for sentence in best))
    if actions:
        out.append("\n".join([lines.untyped_actions, *actions[:_ACTIONS]]))
    return out + told


def _sentences(passage: Mapping[str, Any], said: str) -> tuple[list[str], list[str]]:
    """The sentences of a passage that tell and those that suggest something to do, without what was said before."""
    whole = [sentence.strip() for sentence in _SENTENCES.findall(passage["text"])] or [passage["text"].strip()]
    sentences = [sentence for sentence in whole if sentence not in said] or whole
    doing = [sentence for sentence in sentences if _ACTION.search(sentence[:14])]
    return [sentence for sentence in sentences if sentence not in doing], doing


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
