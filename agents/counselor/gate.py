"""The crisis gate: what the counselor checks before any model sees the text, and the fixed words it answers with.

Deterministic and local: no network, no store, and nothing of the text is kept (a `Screening` names rules, never words).
All patterns, phone numbers and texts are data under `rag_data/hotlines/`.

1. The text is folded to a key in which script, case, spacing and disguise no longer matter (gate_text.py).
2. Idioms (笑死, deadline) are struck out, then each group of signals is searched (gate_rules.py).
3. Who is spoken of is read from the words before a signal; negation and talk about the topic soften it to CHECK.
   Missing a person is worse than one gentle line too many, so doubts are resolved upwards.
"""

from __future__ import annotations

import functools
import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple, cast

from agents.counselor.gate_data import CrisisKind, HotlineFile, Level, Lines, ReplyFile, SignalFile, load
from agents.counselor.gate_rules import Rules, Span, audible, rules, strike, together
from agents.counselor.gate_score import WINDOW, likeness, windows
from agents.counselor.gate_text import BREAK, CJK, fold, passages

__all__ = ["CrisisKind", "HotlineFile", "ReplyFile", "Screening", "SignalFile", "fold", "reply", "screen"]

Lang = Literal["zh", "en"]
Person = Literal["first", "implied", "second", "third", "fiction"]  # implied: nobody is named, taken as the writer

LOOK_BACK, LOOK_ON = 80, 30  # characters around a signal in which its subject is sought
NEAR = 60  # how far a word of distress may stand from an idiom
# From cross-validation, then raised until precision held on messages that nothing here was made from.
ALARMED = 0.55  # odds of a person at risk from which the learned model raises a text
CERTAIN = 0.9  # the same for a text in which nothing of `risk` (signals.yaml) is named
UNSURE = 0.65  # the same for a text in which the rules found a word of despair
UNSETTLED = 0.9  # the same for what is left of a text in which the rules found only harmless signals
SUPPORT = 0.25  # the same for a bare word of the topic, of which nobody is the subject
BARE = 6  # characters up to which such a word stands for itself
UNEASY = 0.6  # odds of anything but an everyday text from which it adds the gentle line
BUDGET = 20_000  # characters of surroundings of alarm words read at most; a text with more is CHECK at the least

_PAUSE = re.compile(f"[\n,{BREAK}]")
_STOP = re.compile("[\n,]")
_LIVED = re.compile("過(?!世)|未遂|沒成功|沒死|想|念头|倾向|说|讲|tried|attempt")
_CJK_END = re.compile(f"[{CJK}]\\W*$")
_WISH = re.compile("想|要|不|(?<!自)我|自己|希望|want|wanna|wish|my")
_ALARM = (CrisisKind.SELF, CrisisKind.OTHER, CrisisKind.VIOLENCE)
_RANK = (CrisisKind.NONE, CrisisKind.CHECK, CrisisKind.OTHER, CrisisKind.VIOLENCE, CrisisKind.SELF)


@dataclass(frozen=True)
class Screening:
    """A verdict. `matched`: ids of rules, never the user's words; it may be incomplete at SELF, where the search ends."""

    kind: CrisisKind
    matched: tuple[str, ...] = ()


def screen(text: str) -> Screening:
    """What `text` asks for. Never raises on any string; "" is NONE.

    Up to LONG characters are read in full, which takes a few microseconds each. Of a longer text, the surroundings of
    alarm words are read, up to BUDGET characters; where there are more, the verdict is CHECK at the least.
    """
    worst, matched, read = CrisisKind.NONE, dict[str, None](), 0
    for passage in passages(text):
        read += len(passage)
        if read > BUDGET:
            worst, matched["too_much"] = max(worst, CrisisKind.CHECK, key=_RANK.index), None
            break
        key = fold(passage)
        settled, doubtful = list[Span](), False
        for found in _found(key):
            kind = CrisisKind.CHECK if found.weak else found.kind
            if kind is not CrisisKind.NONE:
                matched[found.rule] = None
                worst = max(worst, kind, key=_RANK.index)
            if worst is CrisisKind.SELF:
                return Screening(worst, tuple(matched))
            if found.kind is CrisisKind.CHECK and found.span:
                settled.append(found.span)
            doubtful |= found.weak
        if worst in _ALARM:
            continue
        heard = audible(key)
        if doubtful and (len(heard) <= BARE or _alarm(likeness(heard[:WINDOW])) >= SUPPORT):
            return Screening(CrisisKind.SELF, tuple(matched))
        kind = _resembles(_without(heard, settled), UNSETTLED if settled else UNSURE if matched else ALARMED)
        if _RANK.index(kind) > _RANK.index(worst):
            worst, matched["likeness"] = kind, None
    return Screening(worst, tuple(matched))


def _without(key: str, spans: list[Span]) -> str:
    """`key` without the clauses in which something was found and understood to be harmless."""
    clauses = (clause.span() for clause in re.finditer("[^\n,]+", key))
    kept = [key[start:end] for start, end in clauses if not any(one < end and start < two for one, two in spans)]
    return ",".join(kept)


def _alarm(odds: dict[CrisisKind, float]) -> float:
    return sum(odds[kind] for kind in _ALARM)


def _resembles(key: str, enough: float) -> CrisisKind:
    """What the learned model makes of a text in which the rules found no one at risk: alarm from odds of `enough`."""
    heard = CrisisKind.NONE
    for window in windows(key) if key else ():
        odds = likeness(window)
        if _alarm(odds) >= (enough if _risk(window) else CERTAIN):
            return max(_ALARM, key=odds.__getitem__)
        if 1 - odds[CrisisKind.NONE] >= UNEASY:
            heard = CrisisKind.CHECK
    return heard


def _risk(key: str) -> bool:
    return not rules().risk.isdisjoint(rules().topics(key))


class _Context(NamedTuple):
    """A signal and what stands around it, on the key with BREAKs."""

    left: str
    hit: str
    right: str


class _Found(NamedTuple):
    """One verdict; `span` is where a signal stands in the key without BREAKs, None for what is no signal."""

    kind: CrisisKind
    rule: str
    span: Span | None = None
    weak: bool = False  # a bare word of the topic that nobody is the subject of: alarm only if the model agrees


def _found(marked: str) -> Iterator[_Found]:
    """What each signal and idiom of a folded passage comes to."""
    known, key = rules(), marked.replace(BREAK, "")
    gaps = [gap.start() - nth for nth, gap in enumerate(re.finditer(BREAK, marked))]
    bare, idioms, judged = key, {}, dict[_Context, CrisisKind]()
    for name, sides in known.idioms.items():
        struck, idioms[name] = strike(sides, bare)
        bare = bare if name == "mood" else struck
    for name, level, sides, pairs in known.groups:
        bare, hits = strike(sides, bare)
        judged.clear()
        for start, end in [*hits, *together(bare)(pairs)] if pairs else hits:
            first, last = start + bisect_right(gaps, start), end + bisect_right(gaps, end - 1)
            left, right = marked[max(0, first - LOOK_BACK) : first], marked[last : last + LOOK_ON]
            here = _Context(left, marked[first:last], right)
            kind = judged.get(here) or judged.setdefault(here, _judge(known, level, here))
            weak = kind is CrisisKind.SELF and level == "topic" and _person(known, here) == "implied"
            yield _Found(kind, name, (start, end) if level != "soft" else None, weak)
    for span in idioms["check"]:
        yield _Found(CrisisKind.CHECK, "idiom", span)
    near = (
        key[max(0, start - NEAR) : start] + "\n" + key[end : end + NEAR]
        for start, end in idioms["feeling"] + idioms["mood"]
    )
    if any(known.grammar["distress"].search(around) for around in near):
        yield _Found(CrisisKind.CHECK, "idiom_and_distress")


def _judge(known: Rules, level: Level, here: _Context) -> CrisisKind:
    """One signal in its place."""
    if level in ("soft", "aside"):
        return CrisisKind.CHECK
    person = _person(known, here)
    words = here.left.replace(BREAK, "")
    reach = (words, words + here.hit[:1])  # a signal may begin with half of its negation: 不|要自殺
    said = {name: any(map(known.grammar[name].search, reach)) for name in ("never_mind", "prohibition")}
    about_them = said["prohibition"] and level != "violence" and person == "third"
    for_real = said["prohibition"] and level == "violence"
    if known.grammar["negation"].search(words) and not (said["never_mind"] or about_them or for_real):
        return CrisisKind.CHECK
    past = known.grammar["past"].search(words) or known.grammar["past"].search(words + here.hit)
    over = past and known.grammar["over"].match(here.right)
    if (
        over
        or known.grammar["denied"].match(here.right)
        or (person != "first" and known.grammar["title"].match(here.right.lstrip(f",{BREAK}")))
    ):
        return CrisisKind.CHECK
    reach = 20 if _CJK_END.search(here.left) else 60  # characters of the clause before the signal
    clause = _STOP.split(here.left)[-1][-reach:] + here.hit + _STOP.split(here.right)[0][:16]
    if level in ("topic", "violence") and known.grammar["academic"].search(clause):
        return CrisisKind.CHECK
    ago = known.grammar["long_ago"].search(words) or known.grammar["long_since"].match(here.right)
    lived = _LIVED.match(here.right) or _LIVED.search(here.hit)
    if person == "third" and level in ("plain", "topic") and ago and not lived:
        return CrisisKind.CHECK
    told = known.grammar["told"].search(words) and not known.grammar["obeys"].match(here.right)
    if told and level in ("plain", "topic"):
        return CrisisKind.CHECK
    if (
        level == "plain"
        and person != "first"
        and not _WISH.search(here.hit)
        and known.grammar["discussed"].search(clause)
    ):
        return CrisisKind.CHECK
    if person == "fiction" or level == "mourning":
        return CrisisKind.CHECK
    if level == "violence":
        return CrisisKind.VIOLENCE
    return {"second": CrisisKind.CHECK, "third": CrisisKind.OTHER}.get(person, CrisisKind.SELF)


def _person(known: Rules, here: _Context) -> Person:
    """Who the signal speaks of."""
    clause = _PAUSE.split(here.left)[-1]
    people, grammar = known.people(clause), known.grammar
    own = any(found.lastgroup == "first" for found in known.people(here.hit))
    named_self = own or any(found.lastgroup == "first" for found in people)
    if grammar["theirs"].search(here.hit) or grammar["owner_after"].match(here.right):
        return "fiction" if people and people[-1].lastgroup == "fiction" else "third"
    if not named_self and grammar["owner_after_anyone"].match(here.right):
        return "third"
    if own:
        return _quoted(known, here.left) or "first"
    if not people:
        return _carried(known, here, clause)
    last = people[-1]
    if last.lastgroup == "first" and grammar["quoted_self"].fullmatch(clause[last.end() :].strip()):
        return _quoted(known, here.left[: len(here.left) - len(clause) + last.start()]) or "first"
    return cast(Person, last.lastgroup)


def _quoted(known: Rules, before: str) -> Person | None:
    """The other person whose words begin where `before` ends, as in 「他說我…」."""
    people = known.people(before)
    if not people or people[-1].lastgroup not in ("third", "fiction"):
        return None
    said = _PAUSE.sub("", before[people[-1].end() :])
    if people[-1].lastgroup == "fiction" and len(said) <= 6:
        return "fiction"
    return cast(Person, people[-1].lastgroup) if known.grammar["speech"].fullmatch(said.rstrip()) else None


def _carried(known: Rules, here: _Context, clause: str) -> Person:
    """The subject of an earlier clause, where something says that it still holds."""
    earlier = _PAUSE.split(here.left[: len(here.left) - len(clause)])
    goes_on = bool(known.grammar["carries"].match(clause))
    while earlier and not (people := known.people(earlier[-1])):
        clause = earlier.pop() + clause
    if not earlier or people[0 if goes_on else -1].lastgroup != "third":
        return "implied"
    teller = next(person for person in people if person.lastgroup == "third")
    said = (earlier[-1][teller.end() :] + clause).strip()
    helping = known.grammar["helping"].search("".join(here))
    return "third" if goes_on or helping or known.grammar["speech"].fullmatch(said) else "implied"


@functools.cache
def reply(kind: CrisisKind, lang: Lang) -> str:
    """The fixed text for `kind`, one thought per line, hotlines filled in; "" for NONE.

    Raises KeyError when a text names a number that taiwan.yaml lacks (a test keeps this from shipping).
    """
    if kind is CrisisKind.NONE:
        return ""
    hotlines = {line.number: line for line in HotlineFile.model_validate(load("taiwan.yaml")).entries}
    shape, colon = ("{} {}", "：") if lang == "zh" else ("{} ({})", ": ")

    def fill(mark: re.Match[str]) -> str:
        line = hotlines[mark["number"]]
        name, purpose = (line.name_zh, line.for_zh) if lang == "zh" else (line.name_en, line.for_en)
        return shape.format(line.number, name) + (colon + purpose if mark["purpose"] else "")

    text: Lines = ReplyFile.model_validate(load("replies.yaml")).root[kind]
    return re.sub(r"\{(?P<number>[\d-]+)(?P<purpose>:for)?\}", fill, "\n".join(getattr(text, lang)))
