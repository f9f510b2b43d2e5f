"""What the digest does without a model: topic by likeness, criteria by their cues, summaries from the story's own sentences.

Nothing is invented: every reason and every sentence stands in the story. All of it is labelled as answered offline.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

__all__ = ["compose", "judge", "quote_for", "sentences"]

_SENTENCE = re.compile(r"[^。！？!?\n]+[。！？!?]+[」』）)]*|[^。！？!?\n]+(?=\n|$)")
_LATIN_SENTENCE = re.compile(r"[^.!?\n]+(?:[.!?](?=\s|$)+|\n|$)")
_DIGIT = re.compile(r"\d")
_WHEN = re.compile(
    r"(?:今|昨|前|明)(?:天|日|晚|年)|上午|下午|晚間|\d{1,4}年|\d{1,2}月\d{1,2}日?|\d{1,2}日|週[一二三四五六日]|星期|本週|上週|本月|上月|第[一二三四]季"
    r"|(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|today|yesterday|last week|this week",
    re.I,
)
_SO_WHAT = re.compile(
    r"將|預計|影響|因此|意味|有助|可望|避免|未來|呼籲|提醒|目標|希望|expected|will|means|impact|could|plans? to", re.I
)
_DID = re.compile(
    r"宣布|推出|發表|表示|指出|公布|啟用|開放|通過|簽|完成|發現|提出|取得|投資|收購|上線|said|announc|launch|release|unveil",
    re.I,
)
_LONGEST_POINT, _LONGEST_ACTOR = 60, 24
_NOT_SAID = "未提及"


def sentences(text: str) -> list[str]:
    """The sentences of a text in order, Chinese or English."""
    dense = sum("\u3400" <= c <= "\u9fff" for c in text)
    pattern = _SENTENCE if dense * 4 > len(text) else _LATIN_SENTENCE
    return [part.strip() for part in pattern.findall(text) if len(part.strip()) > 3]


def judge(inputs: Mapping[str, Any], row: Mapping[str, Any]) -> dict[str, Any]:
    """Topic and criteria of one story, 0..10. `row["likeness"]` is how like the topic it is, 0..1 (None: no topic)."""
    text = f"{row['title']}。{row['teaser']}"
    likeness = row.get("likeness")
    scores = []
    for criterion in inputs["criteria"]:
        found, quote = quote_for(text, criterion["cues"])
        # Each further cue says less than the one before: one of them may be there by chance, four are not.
        scores.append({"criterion": criterion["id"], "score": round(10 * (1 - math.exp(-found / 2.2))), "quote": quote})
    return {
        "id": row["id"],
        "topic": 5 if likeness is None else round(10 * likeness, 1),
        "topic_why": "",
        "scores": scores,
        "same_event": "",
    }


def quote_for(text: str, cues: Sequence[str]) -> tuple[int, str]:
    """How many different cues stand in `text`, and the sentence that holds most of them, cut to 30 characters."""
    from tools.chinese import fold

    wanted = {fold(cue) for cue in cues}
    best, most, all_found = "", 0, set[str]()
    for sentence in sentences(text):
        folded = fold(sentence)
        here = {cue for cue in wanted if _holds(folded, cue)}
        all_found |= here
        if len(here) > most:
            best, most = sentence, len(here)
    return len(all_found), best if len(best) <= 30 else best[:29] + "…"


def _holds(folded: str, cue: str) -> bool:
    return bool(re.search(rf"(?<![a-z]){re.escape(cue)}", folded)) if cue[:1].isascii() else cue in folded


def compose(inputs: Mapping[str, Any], row: Mapping[str, Any]) -> dict[str, Any]:
    """Brief, summary and points of one story from its own sentences, in their own order."""
    found = sentences(row["text"]) or [row["title"]]
    picked: list[int] = []
    used = 0
    ranked = sorted(range(len(found)), key=lambda n: -_weight(found[n], n, row["title"]))
    for n in ranked:
        if used and used + len(found[n]) > inputs["high"]:
            continue
        picked.append(n)
        used += len(found[n])
        if used >= inputs["low"]:
            break
    summary = "".join(_spaced(found[n]) for n in sorted(picked)).strip()
    points = [{"name": name, "text": _point(name, found)} for name in inputs["points"]]
    return {"id": row["id"], "title": row["title"], "brief": _cut(found[0], 45), "summary": summary, "points": points}


def _weight(sentence: str, position: int, title: str) -> float:
    """News says the most at its beginning; figures, deeds and words of the title speak for a sentence."""
    shared = len({*_pairs(sentence)} & {*_pairs(title)}) / (len(title) + 1)
    told = (
        0.3 * bool(_DIGIT.search(sentence)) + 0.3 * bool(_DID.search(sentence)) + 0.2 * bool(_SO_WHAT.search(sentence))
    )
    return 2.0 / (1 + position) + told + shared - 0.5 * (len(sentence) < 12) - 0.5 * (len(sentence) > 120)


def _point(name: str, found: Sequence[str]) -> str:
    """One point in the story's own words: as few of them as carry it."""
    early = found[:12]
    if name == "誰":
        return _first(_actor(sentence) for sentence in early[:3])
    if name == "做了什麼":
        return _first(_deed(sentence) for sentence in early)
    if name == "什麼時候":
        return _first(match[0] if (match := _WHEN.search(sentence)) else "" for sentence in early)
    if name == "所以呢":
        # The lead says what happened; what follows from it stands later, if anywhere.
        return _first(
            _cut(sentence, _LONGEST_POINT) for sentence in [*early[1:], *early[:1]] if _SO_WHAT.search(sentence)
        )
    return _NOT_SAID


def _first(candidates: Iterable[str]) -> str:
    return next((one for one in candidates if one), _NOT_SAID)


def _actor(sentence: str) -> str:
    """What stands before the first deed, without the time: "高雄一家早餐店今天宣布…" -> 高雄一家早餐店."""
    match = _DID.search(sentence)
    if match is None or not match.start():
        return ""
    before = _WHEN.sub("", sentence[: match.start()])
    clause = re.split(r"[，,；;：:]", before.strip(" ，,"))[-1].strip()
    clause = re.sub(r"\s+(?:on|in|at)$", "", clause)  # what stood before the time
    return clause if 2 <= len(clause) <= _LONGEST_ACTOR else ""


def _deed(sentence: str) -> str:
    """From the first deed to the end of its part of the sentence."""
    match = _DID.search(sentence)
    if match is None:
        return ""
    return _cut(re.split(r"[，；;。]", sentence[match.start() :])[0].strip(), _LONGEST_POINT)


def _cut(text: str, most: int) -> str:
    """`text` cut at a mark if there is one late enough, else with an ellipsis."""
    if len(text) <= most:
        return text
    at = max(text.rfind(mark, most // 2, most) for mark in "，、；, ")
    return text[: at if at > 0 else most - 1].rstrip("，、； ") + "…"


def _spaced(sentence: str) -> str:
    return sentence if sentence[-1:] in "。！？」』" else sentence + " "


def _pairs(text: str) -> list[str]:
    return [text[i : i + 2] for i in range(len(text) - 1)]
