"""The crisis gate: what the counselor checks before any model sees the text, and the fixed words it answers with.

Deterministic and local: no network, no store, and nothing of the text is kept (a `Screening` names rules, never words).
All patterns, phone numbers and texts are data under `rag_data/hotlines/`.

1. The text is folded to a key in which script, case, spacing and invisible characters no longer matter.
2. Idioms (笑死, deadline) are struck out, then each group of signals is searched.
3. Who is spoken of is read from the words before a signal; negation and talk about the topic soften it to CHECK.
   Missing a person is worse than one gentle line too many, so doubts are resolved upwards.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Literal, NamedTuple, cast

import yaml
from pydantic import BaseModel, ConfigDict, RootModel

from tools.settings import data_dir

__all__ = ["CrisisKind", "HotlineFile", "ReplyFile", "Screening", "SignalFile", "fold", "reply", "screen"]

Lang = Literal["zh", "en"]
Level = Literal["plain", "topic", "mourning", "violence", "soft"]
Person = Literal["first", "implied", "second", "third", "fiction"]  # implied: nobody is named, taken as the writer

BREAK = "\x1f"  # where a space or mark between CJK characters was: invisible to signals, a pause to grammar
STRUCK = "\x1e"  # fills the place of an idiom, so that offsets stay
CJK = "\u2e80-\u30ff\u3105-\u31bf\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
LOOK_BACK, LOOK_ON = 80, 30  # characters around a signal in which its subject is sought
NEAR = 60  # how far a word of distress may stand from an idiom
LONG = 10_000  # characters above which only the surroundings of alarm words are read: nobody types that much
AROUND = 90  # characters kept on each side of an alarm word
BUDGET = 20_000  # characters of surroundings read at most; a text with more is CHECK at the least

_INVISIBLE = re.compile(
    "[\u00ad\u02c7\u02c9-\u02cb\u02d9\u0300-\u036f\u0489\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f"
    "\u202a-\u202e\u2060-\u206f\u20d0-\u20ff\u3164\ufe00-\ufe0f\ufeff\uffa0\U000e0000-\U000e01ef]+"
)
_RUN = re.compile(rf"[\W_](?:(?<! )[\W_]*|[\W_]+|(?=[{CJK}])|(?<=[{CJK}] ))")  # all but a lone space in Latin text
_CJK_CHAR = re.compile(f"[{CJK}]")
_PAUSE = re.compile(f"[\n,{BREAK}]")
_STOP = re.compile("[\n,]")
_LATIN = re.compile("[a-z]")


class CrisisKind(StrEnum):
    """What a text asks of the counselor. CHECK adds one gentle line; SELF, OTHER and VIOLENCE replace the answer."""

    NONE = "none"
    CHECK = "check"
    SELF = "self"
    OTHER = "other"
    VIOLENCE = "violence"


_RANK = (CrisisKind.NONE, CrisisKind.CHECK, CrisisKind.OTHER, CrisisKind.VIOLENCE, CrisisKind.SELF)


@dataclass(frozen=True)
class Screening:
    """A verdict. `matched`: ids of rules, never the user's words; it may be incomplete at SELF, where the search ends."""

    kind: CrisisKind
    matched: tuple[str, ...] = ()


class _Data(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Hotline(_Data):
    number: str
    name_zh: str
    name_en: str
    for_zh: str
    for_en: str


class HotlineFile(_Data):
    """taiwan.yaml: the numbers, and when they were last checked."""

    checked_on: date
    note: str
    entries: tuple[Hotline, ...]


class Lines(_Data):
    """The same thing for both languages: lines of a reply, or patterns that stand for alternatives."""

    zh: tuple[str, ...]
    en: tuple[str, ...]


class ReplyFile(RootModel[dict[CrisisKind, Lines]]):
    """replies.yaml: the fixed texts. A line names a hotline as {number} or {number:for}."""


class Group(Lines):
    id: str
    level: Level


class SignalFile(_Data):
    """signals.yaml. Its comments say what each part means and how to write a pattern."""

    variants: dict[str, str]
    lone_words: str
    macros: dict[str, str]
    alert: Lines
    spaced: str
    groups: tuple[Group, ...]
    idioms: dict[Literal["neutral", "check", "feeling"], Lines]
    subjects: dict[Literal["object", "fiction", "second", "third", "first"], Lines]
    grammar: dict[str, Lines]


def _load(name: str) -> object:
    return yaml.safe_load((data_dir() / "hotlines" / name).read_text(encoding="utf-8"))


@functools.cache
def _signals() -> SignalFile:
    return SignalFile.model_validate(_load("signals.yaml"))


@functools.cache
def _table() -> dict[int, str]:
    """One entry per common character, so that text and pattern fold alike whatever stands around a character."""
    variants = _signals().variants
    chars = [chr(code) for code in range(0x3400, 0xA000)]
    folded = [variants.get(char, char) for char in chars]
    try:
        import opencc
    except (ImportError, OSError):  # a broken binary must not switch the gate off: Traditional text still matches
        pass
    else:
        folded = opencc.OpenCC("t2s").convert("\n".join(folded)).split("\n")
    return {ord(char): to for char, to in zip(chars, folded, strict=True)}


def fold(text: str) -> str:
    """The key that patterns meet, with BREAK where something between CJK characters was dropped. For matching only."""
    text = _INVISIBLE.sub("", unicodedata.normalize("NFKC", _INVISIBLE.sub("", text)).casefold())
    return _lone_break().sub("", _RUN.sub(_boundary, text.translate(_table())))


def _boundary(found: re.Match[str]) -> str:
    """What a run of non-word characters is: a sentence end, a clause end, a space, or nothing."""
    run, text = found[0], found.string
    before = text[found.start() - 1] if found.start() else ""
    after = text[found.end()] if found.end() < len(text) else ""
    cjk = [bool(_CJK_CHAR.match(char)) for char in (before, after)]
    if len(run) == 1 and before and after and not any(cjk):
        if run in "'\u2019\u2018`\u00b4!*$@":  # don't, su!cide, s*icide
            return ""
        if run in "._-/":
            return " "
    if any(mark in run for mark in "\n\r!?;。"):
        return "\n"
    if "," in run or "、" in run:
        return ","
    if any(cjk):  # a space between 「我是」 and 「INFP」 is no pause
        return "" if not before or not after or (run.isspace() and not all(cjk)) else BREAK
    return "\n" if "." in run else " "


@functools.cache
def _lone_break() -> re.Pattern[str]:
    """Breaks before a character that stands alone: 「自。殺」 and one character per line read as one word."""
    words = _signals().lone_words.translate(_table())
    return re.compile(f"[\n,{BREAK}](?<=[{CJK}].)(?=(?![{words}])[{CJK}](?:[\n,{BREAK}]|$))", re.DOTALL)


class _Rules:
    """The signal file, folded and compiled."""

    def __init__(self) -> None:
        data = _signals()
        self._macros = data.macros
        self.groups = [(group.id, group.level, self._sides(group)) for group in data.groups]
        self.idioms = {name: self._sides(part) for name, part in data.idioms.items()}
        self.grammar = {name: re.compile(self._body(part)) for name, part in data.grammar.items()}
        people = (f"(?P<{name}>{self._body(part)})" for name, part in data.subjects.items())
        self.subjects = re.compile("|".join(people))

    def people(self, text: str) -> list[re.Match[str]]:
        """Who is named in `text` as someone who does something; `lastgroup` is the Person."""
        return [found for found in self.subjects.finditer(text) if found.lastgroup != "object"]

    def _body(self, part: Lines) -> str:
        return "|".join(f"(?:{side})" for side in (self._side(part.zh), self._side(part.en, latin=True)) if side)

    def _side(self, lines: tuple[str, ...], latin: bool = False) -> str:
        pattern = "|".join(lines)
        while (wider := re.sub(r"<([A-Z]+)>", lambda name: self._macros[name[1]], pattern)) != pattern:
            pattern = wider
        return f"(?<![a-z0-9])(?:{pattern})(?![a-z0-9])" if latin and pattern else pattern.translate(_table())

    def _sides(self, part: Lines) -> dict[Lang, re.Pattern[str]]:
        sides: dict[Lang, str] = {"zh": self._side(part.zh), "en": self._side(part.en, latin=True)}
        return {lang: re.compile(side) for lang, side in sides.items() if side}


_rules = functools.cache(_Rules)


@functools.cache
def _alert() -> re.Pattern[str]:
    """The Chinese words of alarm as they stand in an unfolded text: either script, marks or spaces in between."""
    forms: dict[str, str] = {}
    for code, to in _table().items():
        forms[to] = forms.get(to, "") + chr(code)
    words = [[forms.get(char, char) for char in word.translate(_table())] for word in _signals().alert.zh]
    rest = "|".join(f"(?<=[{first}])" + "".join(rf"[\W_]{{0,4}}[{char}]" for char in more) for first, *more in words)
    return re.compile(
        f"[{''.join(word[0] for word in words)}](?:{rest})|{_signals().spaced}"
    )  # one set first, for speed


def _passages(text: str) -> Iterator[str]:
    """`text`, or what stands around the words of alarm in a long one, the passages nearest its two ends first."""
    if len(text) <= LONG:
        yield text
        return
    text = text.casefold()
    places = [found.start() for found in _alert().finditer(text)]
    for word in _signals().alert.en:
        at = text.find(word)
        while at >= 0:
            places.append(at)
            at = text.find(word, at + AROUND)
    spans: list[tuple[int, int]] = []
    for place in sorted(places):
        start, end = max(0, place - AROUND), place + AROUND
        if spans and start <= spans[-1][1] and end - spans[-1][0] <= LONG:
            start, _ = spans.pop()
        spans.append((start, end))
    for start, end in sorted(spans, key=lambda span: min(span[0], len(text) - span[1])):
        yield text[start:end]


def screen(text: str) -> Screening:
    """What `text` asks for. Never raises on any string; "" is NONE.

    Up to LONG characters are read in full, which takes a few microseconds each. Of a longer text, the surroundings of
    alarm words are read, up to BUDGET characters; where there are more, the verdict is CHECK at the least.
    """
    worst, matched, read = CrisisKind.NONE, dict[str, None](), 0
    for passage in _passages(text):
        read += len(passage)
        verdicts = _verdicts(fold(passage)) if read <= BUDGET else iter([(CrisisKind.CHECK, "too_much")])
        for kind, rule in verdicts:
            if kind is not CrisisKind.NONE:
                matched[rule] = None
                worst = max(worst, kind, key=_RANK.index)
            if worst is CrisisKind.SELF:
                return Screening(worst, tuple(matched))
        if read > BUDGET:
            break
    return Screening(worst, tuple(matched))


class _Context(NamedTuple):
    """A signal and what stands around it, on the key with BREAKs."""

    left: str
    hit: str
    right: str


def _verdicts(marked: str) -> Iterator[tuple[CrisisKind, str]]:
    """What each signal and idiom of a folded passage comes to."""
    rules, key = _rules(), marked.replace(BREAK, "")
    gaps = [gap.start() - nth for nth, gap in enumerate(re.finditer(BREAK, marked))]
    bare, idioms, judged = key, {}, dict[_Context, CrisisKind]()
    for name, sides in rules.idioms.items():
        bare, idioms[name] = _strike(sides, bare)
    for name, level, sides in rules.groups:
        bare, hits = _strike(sides, bare)
        judged.clear()
        for start, end in hits:
            first, last = start + bisect_right(gaps, start), end + bisect_right(gaps, end - 1)
            left, right = marked[max(0, first - LOOK_BACK) : first], marked[last : last + LOOK_ON]
            here = _Context(left, marked[first:last], right)
            yield judged.get(here) or judged.setdefault(here, _judge(rules, level, here)), name
    if idioms["check"]:
        yield CrisisKind.CHECK, "idiom"
    near = (key[max(0, start - NEAR) : start] + "\n" + key[end : end + NEAR] for start, end in idioms["feeling"])
    if any(rules.grammar["distress"].search(around) for around in near):
        yield CrisisKind.CHECK, "idiom_and_distress"


def _strike(sides: dict[Lang, re.Pattern[str]], text: str) -> tuple[str, list[tuple[int, int]]]:
    """`text` with every match blanked at equal length, and where the matches stood."""
    spans: list[tuple[int, int]] = []

    def blank(found: re.Match[str]) -> str:
        spans.append(found.span())
        return STRUCK * len(found[0])

    for lang, pattern in sides.items():
        if lang == "zh" or _LATIN.search(text):
            text = pattern.sub(blank, text)
    return text, spans


def _judge(rules: _Rules, level: Level, here: _Context) -> CrisisKind:
    """One signal in its place."""
    if level == "soft":
        return CrisisKind.CHECK
    person = _person(rules, here)
    words = here.left.replace(BREAK, "")
    reach = (words, words + here.hit[:1])  # a signal may begin with half of its negation: 不|要自殺
    said = {name: any(map(rules.grammar[name].search, reach)) for name in ("never_mind", "prohibition")}
    about_them = said["prohibition"] and level != "violence" and person == "third"
    for_real = said["prohibition"] and level == "violence"
    if rules.grammar["negation"].search(words) and not (said["never_mind"] or about_them or for_real):
        return CrisisKind.CHECK
    clause = _STOP.split(here.left)[-1][-20:] + here.hit + _STOP.split(here.right)[0][:16]
    if level in ("topic", "violence") and rules.grammar["academic"].search(clause):
        return CrisisKind.CHECK
    if person == "fiction" or (level == "mourning" and person != "first"):
        return CrisisKind.CHECK
    if level == "violence":
        return CrisisKind.VIOLENCE
    return {"second": CrisisKind.CHECK, "third": CrisisKind.OTHER}.get(person, CrisisKind.SELF)


def _person(rules: _Rules, here: _Context) -> Person:
    """Who the signal speaks of."""
    clause = _PAUSE.split(here.left)[-1]
    people, grammar = rules.people(clause), rules.grammar
    own = any(found.lastgroup == "first" for found in rules.people(here.hit))
    named_self = own or any(found.lastgroup == "first" for found in people)
    if grammar["theirs"].search(here.hit) or grammar["owner_after"].match(here.right):
        return "fiction" if people and people[-1].lastgroup == "fiction" else "third"
    if not named_self and grammar["owner_after_anyone"].match(here.right):
        return "third"
    if own:
        return _quoted(rules, here.left) or "first"
    if not people:
        return _carried(rules, here, clause)
    last = people[-1]
    if last.lastgroup == "first" and grammar["quoted_self"].fullmatch(clause[last.end() :].strip()):
        return _quoted(rules, here.left[: len(here.left) - len(clause) + last.start()]) or "first"
    return cast(Person, last.lastgroup)


def _quoted(rules: _Rules, before: str) -> Person | None:
    """The other person whose words begin where `before` ends, as in 「他說我…」."""
    people = rules.people(before)
    if not people or people[-1].lastgroup not in ("third", "fiction"):
        return None
    said = _PAUSE.sub("", before[people[-1].end() :])
    if people[-1].lastgroup == "fiction" and len(said) <= 6:
        return "fiction"
    return cast(Person, people[-1].lastgroup) if rules.grammar["speech"].fullmatch(said.rstrip()) else None


def _carried(rules: _Rules, here: _Context, clause: str) -> Person:
    """The subject of an earlier clause, where something says that it still holds."""
    earlier = _PAUSE.split(here.left[: len(here.left) - len(clause)])
    goes_on = bool(rules.grammar["carries"].match(clause))
    while earlier and not (people := rules.people(earlier[-1])):
        clause = earlier.pop() + clause
    if not earlier or people[0 if goes_on else -1].lastgroup != "third":
        return "implied"
    teller = next(person for person in people if person.lastgroup == "third")
    said = (earlier[-1][teller.end() :] + clause).strip()
    helping = rules.grammar["helping"].search("".join(here))
    return "third" if goes_on or helping or rules.grammar["speech"].fullmatch(said) else "implied"


@functools.cache
def reply(kind: CrisisKind, lang: Lang) -> str:
    """The fixed text for `kind`, one thought per line, hotlines filled in; "" for NONE.

    Raises KeyError when a text names a number that taiwan.yaml lacks (a test keeps this from shipping).
    """
    if kind is CrisisKind.NONE:
        return ""
    hotlines = {line.number: line for line in HotlineFile.model_validate(_load("taiwan.yaml")).entries}
    shape, colon = ("{} {}", "：") if lang == "zh" else ("{} ({})", ": ")

    def fill(mark: re.Match[str]) -> str:
        line = hotlines[mark["number"]]
        name, purpose = (line.name_zh, line.for_zh) if lang == "zh" else (line.name_en, line.for_en)
        return shape.format(line.number, name) + (colon + purpose if mark["purpose"] else "")

    text: Lines = ReplyFile.model_validate(_load("replies.yaml")).root[kind]
    return re.sub(r"\{(?P<number>[\d-]+)(?P<purpose>:for)?\}", fill, "\n".join(getattr(text, lang)))
