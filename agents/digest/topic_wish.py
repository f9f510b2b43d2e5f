"""A reader's wish taken apart: which subjects are wanted, which are not, and what only colours them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from agents.digest.topic_words import Found, Lexicon, plain

__all__ = ["Group", "Part", "Wish", "clauses_of", "read_wish"]

# Up to the end of its clause, what follows these is not wanted. 性別 and 特別 are no wishes, and "不要只談" asks for more.
_NOT_ZH = (
    r"不要再?|不想(?:要|看到?|聽|讀|知道)?|不(?:看|談|聊|含|包括|包含|需要|用(?!錢)|感興趣)|不是|勿|(?<!有)沒有|沒興趣|排除|扣除|除了|避開|避免|略過|跳過|拿掉|去掉"
    r"|(?<![特性區分個類級辨告派])別(?:再|給|看|談|提|放|有|是|跟|來|講)"
)
_NOT_EN = (
    r"\b(?:do(?:es)?n['’]?t (?:want|need|show|like|care about)|not interested in|nothing (?:about|on)|no more|not (?:only|just)|not|no(?!-)|without"
    r"|except(?: for)?|excluding|exclude|other than|rather than|instead of|avoid|skip|ignore|minus)\b"
)
_END = r"[，。；,;.!！?？\n()（）]|但|不過|而是|只要|我要|我想|\bbut\b|\bonly\b|\bjust\b|$"
_LIST_EN = r"(?:\s[a-z' -]{1,30},){1,6}(?: ?(?:or|and) | (?=[a-z' -]{1,30} or ))[^,.;!?，。]{1,60}"  # "not A, B or C" is about all three
_NOT = re.compile(rf"(?P<mark>{_NOT_ZH}|{_NOT_EN})(?:(?P<list>{_LIST_EN})|(?P<what>.*?)(?={_END}))", re.I | re.S)
_ONLY_MORE = re.compile(r"\s*(?:只|僅|光)|.* (?:only|just)$", re.I)
_BUT_ALSO = re.compile(r"[，,]?\s*(?:but also|but|也|還|而且|更)", re.I)
_BESIDES = re.compile(r"^[^，。；,;]*(?:以外|之外|外)?[，,]?\s*(?:也|還|都|更|另外)")
# Words about the wish and not about the news.
_ABOUT = re.compile(
    plain(
        r"請|麻煩|幫我|給我|我|想要|想|希望|要有|要|喜歡|有興趣|感興趣|關心|關注|知道|看到|看|讀|找|了解|追蹤|最近|最新|近期|今天|今日|本週|這週|目前|現在|有關|關於|相關"
        r"|方面|領域|新聞|消息|報導|文章|話題|主題|議題|內容|事情|動態|進展|發展|走勢|具體|真正|真的|怎麼樣|怎麼|如何|怎樣|什麼|哪些|哪裡|有沒有|會用到|用到|可以|能夠|一點|一些"
        r"|\b(?:news|stor(?:y|ies)|about|latest|recent(?:ly)?|today|any(?:thing)?|something|the|an?|of|on|in|at|to|by|from|how|what|which|who|whose|that|are|is|be|been|being|was|do|does"
        r"|i|i['’]?m|me|my|we|want|would|like|love|please|show|find|read|see|know|interested|related|especially|mainly|mostly|really|actually|can|could|get|gets|with|for|and|or|but|also|as|it|its|their|they|there|this|new|more|some|things?|updates?|articles?|coverage|topics?|using|used|use|uses)\b",
    ),
    re.I,
)
_LITTLE = plain("的和與及或跟對在給讓但只用把被新是有也都還就並為從到我你請")  # at the ends of what is left
_JOINT = r"、|/|或(?:者|是)?|以及|還有|,?\s*\bor\b|,"
# Folded like the text that they are looked for in.
_ALWAYS_OR = re.compile(plain(rf"^\s*(?:{_JOINT})\s*$"), re.I)
_OR = re.compile(plain(rf"^\s*(?:{_JOINT}|跟|和|與|及|&|,?\s*\band\b)\s*(?:the\s+)?$"), re.I)
_ALSO = re.compile(r"[，,；;。]\s*(?:還有|以及|也想?看?|或是?|另外|plus|also)|[；;。\n]", re.I)


@dataclass(frozen=True)
class Part:
    """One word of a wish that names a subject: the concepts it may mean. `broad`: it stands for all of them, so their
    other words speak for it as well; else it is one thing among those (登革熱), which a story has to mention."""

    word: str
    concepts: tuple[str, ...]
    broad: bool


@dataclass(frozen=True)
class Group:
    """Parts of which any will do."""

    parts: tuple[Part, ...]


@dataclass(frozen=True)
class Wish:
    """`wanted`: alternatives, each a list of groups that all have to be met. `lightly`: what is not to be all ("不要只談趨勢"). `rest`: words that name no known subject."""

    wanted: tuple[tuple[Group, ...], ...]
    facets: tuple[tuple[str, ...], ...]
    unwanted: tuple[Part, ...]
    lightly: tuple[Part, ...]
    rest: str
    unwanted_rest: str


def clauses_of(topic: str) -> tuple[str, str, str]:
    """What is wanted, what is not, and what is not to be all: ("AI 對工作的影響，", "產品", "")."""
    unwanted: list[str] = []
    lightly: list[str] = []

    def take(match: re.Match[str]) -> str:
        what = match["what"] or match["list"] or ""
        if _ONLY_MORE.match(what) or _ONLY_MORE.match(match["mark"]):
            if _BUT_ALSO.match(topic, match.end()):
                return f"{what}；"
            lightly.append(what)
            return "，"
        if match["mark"] == "除了" and _BESIDES.match(topic[match.end("mark") :]):
            return f"，{what.removesuffix('以外').removesuffix('之外')}、"
        if what.strip():
            unwanted.append(what.strip())
        return "，"

    return _NOT.sub(take, topic), "，".join(unwanted), "，".join(lightly)


def read_wish(topic: str, lexicon: Lexicon) -> Wish:
    """The wish in `topic`, in Chinese or English; odd input gives a wish of `rest` words or of nothing."""
    wanted, unwanted, lightly = clauses_of(topic)
    alternatives: list[tuple[Group, ...]] = []
    facets: list[tuple[str, ...]] = []
    rest: list[str] = []
    for clause in _ALSO.split(wanted):
        groups, coloured, left = _groups(plain(clause), lexicon)
        facets += coloured
        if groups:
            alternatives.append(groups)
        rest.append(left)
    parts, unwanted_rest = _parts(plain(unwanted), lexicon)
    return Wish(
        tuple(alternatives),
        tuple(dict.fromkeys(facets)),
        tuple(part for _, part in parts),
        tuple(part for _, part in _parts(plain(lightly), lexicon)[0]),
        " ".join(" ".join(rest).split()),
        unwanted_rest,
    )


def _groups(text: str, lexicon: Lexicon) -> tuple[tuple[Group, ...], list[tuple[str, ...]], str]:
    parts, left = _parts(text, lexicon)
    facets: list[tuple[str, ...]] = []
    subjects: list[tuple[Found, Part]] = []
    for found, part in parts:
        if all(lexicon.concepts[name].facet for name in part.concepts):
            facets.append(part.concepts)
        else:
            subjects.append((found, part))
    groups: list[list[Part]] = []
    before: Found | None = None
    for found, part in subjects:
        between = "" if before is None else text[before.end : found.start]
        if before is not None and _alike(between, groups[-1][-1], part, len(subjects), lexicon):
            groups[-1].append(part)
        else:
            groups.append([part])
        before = found
    # A subject that is said twice (AI 人工智慧) is one.
    unique: dict[frozenset[str], Group] = {}
    for group in groups:
        unique.setdefault(frozenset(name for part in group for name in part.concepts), Group(tuple(group)))
    return tuple(unique.values()), facets, left


def _alike(between: str, one: Part, other: Part, subjects: int, lexicon: Lexicon) -> bool:
    """Whether two neighbours are alternatives: "颱風和地震" are, "AI 和就業" asks for both, "對社會與工作" is in between."""
    if not _OR.match(between):
        return False
    if subjects > 2 or _ALWAYS_OR.match(between):
        return True
    return _is_means(one, lexicon) == _is_means(other, lexicon)


def _is_means(part: Part, lexicon: Lexicon) -> bool:
    return any(lexicon.concepts[name].means for name in part.concepts)


def _parts(text: str, lexicon: Lexicon) -> tuple[list[tuple[Found, Part]], str]:
    """The names and cues that stand in `text`, longest first, none over another; and the words that are left."""
    parts: list[tuple[Found, Part]] = []
    taken = [False] * len(text)
    named = [one for one in lexicon.find(text) if one.word in lexicon.names or one.word in lexicon.cues]
    for found in sorted(named, key=lambda one: (one.word not in lexicon.names, one.start - one.end, one.start)):
        if any(taken[found.start : found.end]):
            continue
        concepts = lexicon.names.get(found.word)
        if concepts is None and len(found.word) < 2:
            continue
        taken[found.start : found.end] = [True] * (found.end - found.start)
        known = tuple(concepts or lexicon.cues[found.word])
        subjects = tuple(name for name in known if not lexicon.concepts[name].facet)
        parts.append((found, Part(found.word, subjects or known, concepts is not None)))
    left = "".join(" " if covered else char for char, covered in zip(text, taken, strict=True))
    parts.sort(key=lambda pair: pair[0].start)
    words = (word.strip(_LITTLE) for word in re.sub(r"[^\w]+", " ", _ABOUT.sub(" ", left)).split())
    return parts, " ".join(word for word in words if word)
