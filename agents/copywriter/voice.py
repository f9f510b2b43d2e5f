"""The shop's voice: what can be put right is put right, and each rule of the profile is told, kept or not."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from agents.copywriter.errors import WORDS
from agents.copywriter.measures import with_house_units
from agents.copywriter.shop import Shop
from tools.words import Lang, Words

__all__ = ["LENGTHS", "Lengths", "longest_sentence", "repaired", "voice_report"]

# The least and the most characters of each field; of a bullet, for each of the three to five.
LENGTHS = {"title": (2, 40), "bullets": (2, 60), "description": (24, 320), "social": (16, 280), "alt": (4, 90)}
Lengths = Mapping[str, tuple[int, int]]
_EMOJI = re.compile(
    "[\U0001f000-\U0001faff\u2600-\u27bf\u2b00-\u2bff\u2190-\u21ff\ufe0f\u200d\u20e3\U000e0020-\U000e007f]+ ?"
)
_MOST_EMOJI = 3
_NOT_SELF = "自忘本唯非小大無有"  # 自我, 忘我, 小我: no speaker
_SPOKEN = re.compile(r"[啦喔囉唷耶欸嘛咧齁呦]+(?=[。！？!?，～~…\n]|$)")
_PLAIN_PUNCTUATION = {",": "，", ";": "；", "!": "！", "?": "？", ":": "："}
_BETWEEN_HAN = re.compile(r"(?<=[\u4e00-\u9fff」』）])\s?[,;!?:](?=[\u4e00-\u9fff「『（\s]|$)")
_BESIDE_DIGITS = re.compile(r"(?<=[\u4e00-\u9fff])(?=\d)|(?<=\d)(?=[\u4e00-\u9fff])")
_BETWEEN_WORDS = re.compile(r"(?<=[\u4e00-\u9fff]) +(?=[\u4e00-\u9fff])")
_STOPS = re.compile(r"[。！？!?；;\n]+")


def repaired(text: str, shop: Shop, names: Sequence[str]) -> tuple[str, Counter[str]]:
    """`text` in the shop's voice, with how many places of each rule were changed. `names` stay as they are.

    Put right: Simplified characters and mainland words, who speaks and who is spoken to, emoji, particles of speech in a
    formal voice, units, half-width punctuation between Chinese characters.
    """
    from tools.chinese import to_taiwan

    changes: Counter[str] = Counter()
    taiwan = to_taiwan(text, keep=names)
    changes["taiwan"] += int(taiwan.changed)
    mends = _mends(shop)

    def mend(part: str) -> str:
        for rule, change in mends:
            part, n = change(part)
            changes[rule] += n
        return _BESIDE_DIGITS.sub(" ", _BETWEEN_WORDS.sub("", with_house_units(part, shop.units == "符號")))

    proper = sorted({name for name in names if name}, key=len, reverse=True)
    pieces = re.split("(" + "|".join(map(re.escape, proper)) + ")", taiwan.text) if proper else [taiwan.text]
    done = "".join(piece if piece in proper else mend(piece) for piece in pieces)
    return re.sub(r"[ \t]+\n", "\n", done).strip(), changes


def _mends(shop: Shop) -> list[tuple[str, Callable[[str], tuple[str, int]]]]:
    voice = shop.voice
    other = "您" if voice.reader == "你" else "你"
    mends: list[tuple[str, Callable[[str], tuple[str, int]]]] = [
        ("punctuation", lambda part: _BETWEEN_HAN.subn(lambda hit: _PLAIN_PUNCTUATION[hit[0].strip()], part)),
        ("reader", lambda part: (part.replace(other, voice.reader), part.count(other))),
    ]
    if voice.person == "我":
        mends.append(("person", lambda part: (part.replace("我們", "我"), part.count("我們"))))
    else:
        mends.append(("person", lambda part: re.subn(rf"(?<![{_NOT_SELF}])我(?!們|國)", "我們", part)))
    if not voice.emoji:
        mends.append(("emoji", lambda part: _EMOJI.subn("", part)))
    if voice.formality == "正式":
        mends.append(("formality", lambda part: _SPOKEN.subn("", part)))
    return mends


def longest_sentence(texts: Sequence[str]) -> int:
    """The characters of the longest sentence in `texts`, marks and spaces not counted."""
    found = [len(re.sub(r"\s", "", one)) for text in texts for one in _STOPS.split(text)]
    return max(found, default=0)


def voice_report(
    copy: Mapping[str, Any], shop: Shop, changes: Counter[str], banned: int, lang: Lang
) -> list[dict[str, Any]]:
    """Every rule of the profile: {rule, ok, note}. `banned` is how many sentences were taken out for a banned word."""
    from tools.chinese import inspect

    words = Words.load(WORDS)
    body = [copy["title"], *copy["bullets"], copy["description"], copy["social"], copy["alt"]]
    text = "\n".join(body)
    found: list[dict[str, Any]] = []

    def tell(rule: str, ok: bool, note: str = "", **params: Any) -> None:
        said = words.say(note, lang, **params) if note else ""
        found.append({"rule": words.say(f"rule_{rule}", lang), "ok": ok, "note": said})

    def mended(rule: str, ok: bool, shown: str = "") -> None:
        if changes[rule]:
            tell(rule, ok, "note_changed", n=changes[rule])
        else:
            tell(rule, ok, "note_is" if shown else "", words=shown)

    left = [word for word in shop.words.banned if word in text]
    if left:
        tell("banned", False, "note_left", words="、".join(left))
    else:
        tell("banned", True, "note_gone" if banned else "", n=banned)
    if shop.words.wanted:
        used = [word for word in shop.words.wanted if word in text]
        note = "note_used" if used else "note_unused"
        tell("wanted", bool(used), note, words="、".join(used or shop.words.wanted))
    # A label with its list is no sentence: bullets and titles are measured by their length alone.
    longest = longest_sentence([copy["description"], copy["social"].partition("\n#")[0]])
    tell("sentence", longest <= shop.voice.sentence, "note_longest", n=longest, most=shop.voice.sentence)
    speaks = "我們" if shop.voice.person == "我" else ""
    mended("person", not speaks or speaks not in text, shop.voice.person)
    mended("reader", ("您" if shop.voice.reader == "你" else "你") not in text, shop.voice.reader)
    count = len(_EMOJI.findall(text))
    mended("emoji", count <= _MOST_EMOJI * 2 if shop.voice.emoji else not count)
    mended("formality", shop.voice.formality != "正式" or not _SPOKEN.search(text), shop.voice.formality)
    mended("taiwan", inspect(text).clean)
    outside = [words.say(f"label_{field}", lang) for field in outside_of(copy)]
    tell("length", not outside, "note_outside" if outside else "", words="、".join(outside))
    return found


def outside_of(copy: Mapping[str, Any]) -> list[str]:
    """The fields whose length is not within LENGTHS, or whose number of bullets is not three to five."""
    found = []
    for field, (least, most) in LENGTHS.items():
        texts = copy[field] if field == "bullets" else [copy[field]]
        if any(not least <= len(text) <= most for text in texts) or (field == "bullets" and not 3 <= len(texts) <= 5):
            found.append(field)
    return found
