"""The post agent without a model: a plan and a post composed from rag_data/post by rules.

It states only what is generally true of a scene; what only the person can know stays as a blank to fill in. A topic or
a point is inserted, never interpreted, and the same input always gives the same text.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from functools import cache, cached_property
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from tools.settings import data_dir

__all__ = ["LIMITS", "Pack", "Scene", "Shape", "load_packs", "offline_plan", "offline_post"]

Kind = Literal["place", "weather", "time", "thing", "event", "activity", "feeling", "shop"]

# Shortest and longest post: characters in Chinese, words in English.
LIMITS = {"zh": (120, 260), "en": (45, 130)}
# Characters of the topic that are quoted, and of a plan's point that are carried: the first that lets the post fit.
_TOPIC_LIMIT = {"zh": 24, "en": 60}
_POINT_LIMITS = {"zh": (40, 26, 18, 12), "en": (160, 90, 60, 40)}
_MAX_SCENES, _DETAILS_PER_SCENE = 3, 2

_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")
_LATIN_WORD = re.compile(r"[A-Za-z][A-Za-z'’-]{0,24}")
_SLOT = re.compile(r"\{(topic|scene|point)\}")
_DOUBLED = re.compile(r"([？！?!…][」”])[。.]")  # a quotation that ends its own sentence
_NUMBERING = re.compile(r"^(?:[-*•·]|\(?\d{1,2}[.)、．）]|[一二三四五六七八九十]、)\s*")
# A cue of one character means the thing only where it stands alone: 「山」 in 「山的早晨」 but not in 「中山路」.
_PAIR = re.compile(r"(?=([\u3400-\u9fff]{2}|(?<![a-z])[a-z]{5,}))")
_COMMON = re.compile("大家|自己|一個|什麼|時候|[的了是在和與有一不也就都很這那]")  # says nothing of a text
_NEIGHBOURS = frozenset("的和與跟或、，,。！!？?；;：:「」『』（）() \n在是有我你聽看寫拍去到")


class _Data(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Tone(_Data):
    id: str
    cues: list[str] = Field(min_length=1)
    aside: list[str] = Field(min_length=3)


class Scene(_Data):
    """What is generally true of one thing people post about."""

    id: str
    cues: list[str] = Field(min_length=1)
    kind: Kind
    details: list[str] = Field(min_length=3, max_length=6)
    question: str
    tags: list[str] = Field(min_length=1, max_length=3)


class Carry(_Data):
    verbs: list[str]
    meta: list[str]
    invite: list[str]
    objects: list[str]
    urge: str
    phrase: list[str] = Field(min_length=3)
    unfilled: str


class Shape(_Data):
    """A kind of post; see the head of shapes.yaml."""

    id: str
    name: str
    cues: list[str]
    fits: list[Kind]
    skips: list[Kind] = []
    tone: str
    length: int = Field(ge=30, le=260)
    always_blanks: bool = False
    own_question: bool = False
    max_details: int = Field(4, ge=1)
    opening: list[str] = Field(min_length=4)
    body: list[str] = Field(min_length=4)
    bridge: list[str] = Field(min_length=4)
    question: list[str] = Field(min_length=4)
    closing: list[str] = Field(min_length=4)
    blanks: list[str] = Field(min_length=2)  # two of them are used
    points: list[str] = Field(min_length=3, max_length=5)
    tags: list[str] = Field(min_length=1, max_length=3)


class Pack(_Data):
    """All that one language needs."""

    lang: Literal["zh", "en"]
    unknown_scene: str
    default: str
    tones: list[Tone]
    carry: Carry
    shapes: list[Shape]
    scenes: list[Scene]

    @cached_property
    def cues(self) -> tuple[list[tuple[str, int]], ...]:
        """(cue, index of its owner), longest cue first: of the scenes, and of the shapes."""
        tables = (
            [(cue, i) for i, owner in enumerate(owners) for cue in owner.cues] for owners in (self.scenes, self.shapes)
        )
        return tuple(sorted(table, key=lambda item: (-len(item[0]), item)) for table in tables)

    def measure(self, text: str) -> int:
        return len(text) if self.lang == "zh" else len(text.split())


def load_packs(folder: Path) -> dict[str, Pack]:
    """The packs of `folder` (scenes.yaml and shapes.yaml) by language.

    Raises:
        OSError, yaml.YAMLError, pydantic.ValidationError: a file is missing or is not what it should be.
    """
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    shapes, scenes = (
        yaml.load((folder / name).read_text(encoding="utf-8"), Loader=loader) for name in ("shapes.yaml", "scenes.yaml")
    )
    packs = {"zh": {**shapes["zh"], "scenes": scenes}, "en": shapes["en"]}
    return {lang: Pack.model_validate({"lang": lang, **pack}) for lang, pack in packs.items()}


@cache
def _pack(lang: str) -> Pack:
    return load_packs(data_dir() / "post")[lang]


def offline_plan(topic: str, *, lang: str = "zh") -> dict[str, Any]:
    """A plan for `topic`: `points` (3 to 5), `tone`, and `length` in characters (words for an English post).
    English where `lang` is "en" or the topic itself is English."""
    pack = _pack("en" if lang == "en" or _is_english(topic) else "zh")
    shape, matched = _shape_and_scenes(pack, topic)
    words = {"topic": _short(topic, pack.lang), "scene": _named([cue for _, cue in matched], pack)}
    lowest, highest = LIMITS[pack.lang]
    length = min(shape.length + (highest - lowest) // 7 * max(0, len(matched) - 1), highest - 10)
    return {"points": [_fill(point, words) for point in shape.points], "tone": shape.tone, "length": length}


def offline_post(topic: str, plan: Mapping[str, Any]) -> str:
    """A post of 120 to 260 characters (45 to 130 words in English) about `topic` that follows `plan`.

    The plan may come from `offline_plan` or from a model: a point is covered by a sentence of a scene that it names, or
    carried in its own words; one that only instructs the writer becomes a marked blank.
    """
    points = [" ".join(point.split()) for point in plan.get("points") or () if isinstance(point, str) and point.strip()]
    pack = _pack(_post_language(topic, points))
    shape, matched = _shape_and_scenes(pack, topic)
    tone = _tone(pack, str(plan.get("tone") or ""), shape)
    if points == offline_plan(topic, lang=pack.lang)["points"]:
        points = []  # the shape itself is these points
    lowest, highest = LIMITS[pack.lang]
    length = plan.get("length")
    aim = min(max(length if isinstance(length, int) and length > 0 else shape.length, lowest + 5), highest - 5)
    for limit in _POINT_LIMITS[pack.lang]:
        draft = _Draft(pack, topic, shape, tone, [scene for scene, _ in matched])
        draft.carry_points(points, limit)
        if pack.measure(draft.text()) <= highest:
            break
    draft.drop_to(highest)
    draft.fill_to(aim, lowest, highest)
    return draft.text()


class _Draft:
    """A post being put together: a fixed frame, then sentences added while there is room."""

    def __init__(self, pack: Pack, topic: str, shape: Shape, tone: Tone, scenes: Sequence[Scene]) -> None:
        self._pack, self._topic, self._shape, self._tone, self._scenes = pack, topic, shape, tone, scenes
        self._words = {"topic": _short(topic, pack.lang)}
        self._lines, self._body, self._turn = list[str](), list[str](), list[str]()
        self._details: dict[tuple[int, int], str] = {}
        blanks = sorted(self._turned("blanks", shape.blanks)[:2], key=shape.blanks.index)
        self._blanks = blanks if shape.always_blanks or not scenes else []
        self._opening = self._pick("opening", shape.opening)
        self._question = self._pick("question", shape.question)
        if scenes and not shape.own_question:
            self._question = scenes[-1].question
        self._closing = self._pick("closing", shape.closing)
        tags = [tag for scene in scenes for tag in scene.tags[: 2 if len(scenes) == 1 else 1]]
        self._tags = list(dict.fromkeys(tags or shape.tags))

    def text(self) -> str:
        middle = [*self._lines, *(self._details[key] for key in sorted(self._details)), *self._body]
        space = "" if self._pack.lang == "zh" else " "
        paragraphs = [
            *(self._opening, space.join(middle), *self._turn, "\n".join(self._blanks)),
            *(space.join([self._question, self._closing]), " ".join(f"#{tag}" for tag in self._tags)),
        ]
        return "\n\n".join(part for part in paragraphs if part)

    def carry_points(self, points: Sequence[str], limit: int) -> None:
        """One sentence for each point that the frame does not cover already."""
        if points and not self._shape.always_blanks:
            self._blanks = []  # a plan of its own says more than the general blanks ask
        for index, point in enumerate(points):
            last = index == len(points) - 1
            text = _NUMBERING.sub("", point).strip().rstrip("。.；;：:，, ")
            if last and text.endswith(("？", "?")):
                self._question = _clip(text, limit)
            elif text and not self._framed(text, first=index == 0, last=last):
                self._lines.append(self._line(text, index, limit))

    def drop_to(self, highest: int) -> None:
        """Leave out what matters least until the text is no longer than `highest`."""
        while self._pack.measure(self.text()) > highest and (self._blanks or self._lines):
            (self._blanks or self._lines).pop()

    def fill_to(self, aim: int, lowest: int, highest: int) -> None:
        """Add details, then the turn to the reader, then general sentences, until the text is about `aim` long."""
        for key, sentence in self._candidates():
            size = self._pack.measure(self.text())
            if size >= aim or (key == "body" and size >= lowest and (len(self._body) > 1 or size >= aim * 7 // 8)):
                continue
            if size + self._pack.measure(sentence) + 2 > min(max(aim + aim // 12, lowest + 25), highest):
                continue
            if isinstance(key, tuple):
                self._details[key] = sentence
            else:
                (self._body if key == "body" else self._turn).append(sentence)

    def _candidates(self) -> list[tuple[tuple[int, int] | str, str]]:
        details = [
            ((s, d), sentence) for s, scene in enumerate(self._scenes) for d, sentence in enumerate(self._unused(scene))
        ]
        # One of each scene before a second of any; the head of the topic, which comes last, goes first.
        details = sorted(details, key=lambda item: (item[0][1], -item[0][0]))[: self._shape.max_details]
        body = [("body", text) for text in self._turned("body", self._shape.body)]
        own_tone = self._tone is _tone(self._pack, "", self._shape)
        turn = ("turn", self._pick("turn", self._shape.bridge if own_tone else self._tone.aside))
        first, rest = (details[:2], [*details[2:], *body]) if details else (body[:2], body[2:])
        return [*first, turn, *rest]

    def _framed(self, text: str, *, first: bool, last: bool) -> bool:
        """Whether the opening or the ending already does what this point asks."""
        carry = self._pack.carry
        meta, verb = _has(text, carry.meta), _starts(text, carry.verbs)
        return (first and meta) or ((last or meta or verb is not None) and _has(text, carry.invite))

    def _line(self, text: str, index: int, limit: int) -> str:
        carry, pack = self._pack.carry, self._pack
        verb, meta = _starts(text, carry.verbs), _has(text, carry.meta)
        if verb is None and not meta:
            text = _clip(text, limit)
            return text if text[-1] in "？?！!…" else text + ("。" if pack.lang == "zh" else ".")
        detail = self._covering(text)
        if detail:
            return detail
        rest = _clip(text[len(verb or "") :].lstrip(" ：:，,"), limit)
        if meta or not rest:
            return _fill(carry.unfilled, {"point": _clip(text, limit)})
        someone = _starts(rest, carry.objects) or ""
        if someone and rest[len(someone) :].strip():
            return _fill(carry.urge, {"point": rest[len(someone) :].strip()})
        turned = self._turned("phrase", carry.phrase)
        return _fill(turned[index % len(turned)], {"point": rest})

    def _covering(self, text: str) -> str | None:
        """A detail that says what `text` asks for: of a scene that it names, or of the topic's and with words in common."""
        found = _match_scenes(self._pack, text)
        # A scene named in passing does not stand for the point, unless the topic names it as well.
        passing = sum(len(cue) for _, cue in found) * 2 < len(text)
        about = [scene for scene, _ in found if scene in self._scenes or not passing]
        details = [(s in about, d) for s in (*about, *self._scenes) for d in self._unused(s, every=True)]
        scored = [(len(_pairs(text) & _pairs(detail)), named, detail) for named, detail in details]
        best = max(scored, key=lambda item: item[:2], default=(0, False, ""))
        return best[2] if best[0] or best[1] else None

    def _unused(self, scene: Scene, *, every: bool = False) -> list[str]:
        """What is left of the scene's share of details; `every`: all it has to choose from while a share is left."""
        unused = [detail for detail in self._turned(scene.id, scene.details) if detail not in self._lines]
        left = max(0, _DETAILS_PER_SCENE - (len(scene.details) - len(unused)))
        return unused if every and left else unused[:left]

    def _turned(self, salt: str, choices: Sequence[str]) -> list[str]:
        """`choices` in an order that depends on the topic alone."""
        ordered = sorted(choices, key=lambda choice: _hash(f"{salt}|{self._topic}|{choice}"))
        return [_DOUBLED.sub(r"\1", _fill(choice, self._words)) for choice in ordered]

    def _pick(self, salt: str, choices: Sequence[str]) -> str:
        return self._turned(salt, choices)[0]


def _match_scenes(pack: Pack, text: str) -> list[tuple[Scene, str]]:
    """At most three scenes that `text` names, in the order it names them, each with the words that did."""
    found = _hits(text, pack.cues[0])[:_MAX_SCENES]  # the longest cues
    scenes = [(pack.scenes[owner], words) for _, owner, words in sorted(found)]
    return scenes if pack.lang == "zh" else [(scene, scene.cues[0]) for scene, _ in scenes]


def _shape_and_scenes(pack: Pack, topic: str) -> tuple[Shape, list[tuple[Scene, str]]]:
    matched = _match_scenes(pack, topic)
    named = [owner for _, owner, _ in _hits(topic, pack.cues[1])]
    # The last scene is the head of a Chinese noun phrase: 「雨天的校園」 is about a place.
    fitting = [shape for shape in pack.shapes if matched and matched[-1][0].kind in shape.fits]
    if named:
        fitting = [pack.shapes[min(named)]]
    fitting = fitting or [shape for shape in pack.shapes if shape.id == pack.default]
    shape = fitting[_hash(topic) % len(fitting)]
    return shape, [pair for pair in matched if pair[0].kind not in shape.skips]


def _hash(text: str) -> int:
    # Not a CRC: it is linear, so that two topics which agree on one choice would agree on most.
    return int.from_bytes(hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=8).digest())


def _tone(pack: Pack, words: str, shape: Shape) -> Tone:
    for text in (words.casefold(), shape.tone.casefold()):
        places = [(text.find(cue), index) for index, tone in enumerate(pack.tones) for cue in tone.cues if cue in text]
        if places:
            return pack.tones[min(places)[1]]
    return pack.tones[0]


def _hits(text: str, table: Sequence[tuple[str, int]]) -> list[tuple[int, int, str]]:
    """(place, owner, words) of each owner's first hit, longest cue first; no character counts for two cues."""
    shown = unicodedata.normalize("NFKC", text).replace("臺", "台")
    text = shown.lower()
    free = [True] * len(text)
    found: dict[int, tuple[int, int, str]] = {}
    for cue, owner in [item for item in table if item[0] in text]:
        plural = "(?:e?s)?" if cue.isascii() and cue[-1:].isalpha() else ""
        word = rf"(?<![a-z0-9]){re.escape(cue)}{plural}(?![a-z0-9])" if plural else re.escape(cue)
        for hit in re.finditer(word, text):
            start, end = hit.span()
            beside = text[max(0, start - 1) : start] + text[end : end + 1]
            alone = len(cue) > 1 or cue in "？?嗎" or _NEIGHBOURS.issuperset(beside)
            if alone and all(free[start:end]):
                free[start:end] = [False] * (end - start)
                found.setdefault(owner, (start, owner, shown[start:end]))
    return list(found.values())


def _is_english(text: str) -> bool:
    """An English phrase, not a name or a term that a Chinese speaker uses (ChatGPT, Taylor Swift)."""
    words = [word for word in (part.strip(".,!?;:'\"()“”") for part in text.split()) if _LATIN_WORD.fullmatch(word)]
    return not _CJK.search(text) and len(words) >= (2 if any(word[0].islower() for word in words) else 3)


def _post_language(topic: str, points: Sequence[str]) -> str:
    # The topic's own words say nothing of the plan's language: a quoted Chinese topic may stand in an English plan.
    rest = "\n".join(points)
    for quoted in (topic, _short(topic, "zh"), _short(topic, "en")):
        rest = rest.replace(quoted, " ")
    return "en" if _is_english(rest if points else topic) else "zh"


def _pairs(text: str) -> set[str]:
    """What two texts may have in common: pairs of characters without the commonest, or words of five letters."""
    return set(_PAIR.findall(_COMMON.sub(" ", text.lower())))


def _named(cues: Sequence[str], pack: Pack) -> str:
    comma, conjunction = ("、", "和") if pack.lang == "zh" else (", ", " and ")
    return conjunction.join(filter(None, [comma.join(cues[:-1]), *cues[-1:]])) or pack.unknown_scene


def _short(topic: str, lang: str) -> str:
    """The topic as it is quoted: one line, inner quotes of the second level, cut where it is long."""
    text = " ".join(topic.split()).rstrip("。.，,、；;：: ")
    text = text.translate(str.maketrans("「」", "『』") if lang == "zh" else str.maketrans("“”", "‘’"))
    clipped = _clip(text, _TOPIC_LIMIT[lang])
    return clipped if clipped == text else clipped.rstrip("…") + "…"


def _clip(text: str, limit: int) -> str:
    """`text` in at most `limit` characters, cut after a clause or a word where there is one."""
    if len(text) <= limit:
        return text
    for ends, mark in (("，。！？；,;!?", ""), (" ", "…")):
        places = [place for place, char in enumerate(text[:limit]) if char in ends and place >= limit // 3]
        if places:
            return text[: places[-1]].rstrip() + mark
    return text[: limit - 1] + "…"


def _has(text: str, cues: Iterable[str]) -> bool:
    return any(cue in text.casefold() for cue in cues)


def _starts(text: str, words: Iterable[str]) -> str | None:
    return max((word for word in words if text.casefold().startswith(word)), key=len, default=None)


def _fill(template: str, words: Mapping[str, str]) -> str:
    # One pass over the template: braces inside what is inserted are never looked at.
    return _SLOT.sub(lambda slot: words.get(slot[1], slot[0]), template)
