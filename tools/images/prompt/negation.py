"""What a wish does not want: how far 不要, 沒有 and their like reach in Chinese, and without, no and not in English."""

from __future__ import annotations

import re

from tools.images.prompt.english import noun_of
from tools.images.prompt.lexicon import NOUNS, PHRASES, lexicon
from tools.images.prompt.parts import Part, Said
from tools.images.prompt.scan import Word
from tools.images.prompt.syntax import pieces

__all__ = ["read_negation", "split_negations"]

_MODS = ("colour", "look", "expression")
_ASK = re.compile(
    r"(?:,|;)?\s*\b(?P<ask>with\s+no|with\s+not?\s+any|without|(?:please\s+)?(?:do\s+not|don'?t|does\s+not|doesn'?t)\s+"
    r"(?:draw|include|add|want|use|show|have|put|wear)|avoid(?:ing)?|exclud(?:e|ing)|(?:and\s+|but\s+)?no|(?:but\s+|and\s+)?not|never)\b\s+",
    re.IGNORECASE,
)
_STOP = re.compile(
    r"[.,;!?\n]|\b(?:but|on|in|at|with|while|who|that|which|is|are|near|next|under|behind|beside|inside|by|from|for|to|just|only)\b"
    r"|(?<=\s)(?!(?:any|a|an|the)\b)(?:[a-z]+ing)\b",
    re.IGNORECASE,
)
_LED = re.compile(r"\s*\b(?:that|who|which|there)(?:\s+(?:is|are|has))?\s*$", re.IGNORECASE)
_LEAD = re.compile(r"^(?:any|a|an|the|some|to|wearing|holding|having)\s+", re.IGNORECASE)


def read_negation(words: list[Word], at: int, said: Said) -> int:
    """Reads the negation at `at` into `said`; gives the place of the first word behind its reach.

    It reaches to the end of the clause, over 、 and 和, and ends at the 的 of a relative (沒有尾巴的貓).
    """
    ask = words[at].text
    start, at = at, at + 1
    mods: list[str] = []
    found: list[tuple[str, str]] = []  # (English, text)
    text = ""
    whole = False  # a noun or a verb has been read
    while at < len(words):
        word = words[at]
        if word.kind == "comma" or word.kind in ("quote", "mark") or (word.kind == "neg" and at > start + 1):
            break
        if word.kind == "de":
            follows = words[at + 1].kind if at + 1 < len(words) else "comma"
            if whole or (ask == "不是" and follows != "comma"):
                at += 1
                break
        elif word.kind in _MODS:
            if whole and words[at - 1].kind not in ("and", "list"):
                break
            mods.append(word.en)
            text += word.text
        elif word.kind in NOUNS or word.kind in ("unknown", "latin"):
            if whole and words[at - 1].kind not in ("and", "list", "action_on", "de", *_MODS):
                break
            found.append((" ".join([*mods, word.en or word.text]), text + word.text))
            mods, text, whole = [], "", True
        elif word.kind == "action":
            if whole:
                break
            found.append((word.en, word.text))
            whole = True
        elif word.kind in PHRASES:
            if whole and words[at - 1].kind not in ("and", "list"):
                break
            found.append((noun_of(word.en).removeprefix("the ").removeprefix("a "), word.text))
            whole = True
        elif word.kind in ("and", "list"):
            pass
        elif word.kind == "action_on":
            if whole:
                break
        elif word.kind in ("relation", "at", "style"):
            break
        at += 1
    if mods:
        found.append((" ".join(mods), text))
    for english, source in found:
        said.against.append(english)
        said.parts.append(Part("negation", ask + source, english))
    return max(at, start + 1)


def split_negations(text: str) -> tuple[str, list[tuple[str, str]]]:
    """(the English wish without what it does not want, [(what is not wanted, as it was written)]).

    Marks and quotes are never looked into. A negation reaches to the next comma, preposition or -ing word.
    """
    closed = [(piece.start, piece.start + len(piece.text)) for piece in pieces(text) if piece.kind != "text"]
    nouns = lexicon().english
    against: list[tuple[str, str]] = []
    kept, at = "", 0
    for ask in _ASK.finditer(text):
        if ask.start() < at or any(start <= ask.start("ask") < end for start, end in closed):
            continue
        stop = len(text)
        for end in _STOP.finditer(text, ask.end()):
            if end.start() > ask.end() or end[0] in ",.;!?\n":
                stop = end.start()
                break
        stop = min([stop, *(start for start, _ in closed if start >= ask.end())])
        reach = text[ask.end() : stop]
        # "no hat and a cat": a subject behind "and" is somebody else.
        for more in re.finditer(r"\s+and\s+(?:an?|the|one|two|three)\s+(?:\w+\s+){0,2}?(\w+)", reach):
            if nouns.get(more[1]) == "subject":
                reach, stop = reach[: more.start()], ask.end() + more.start()
                break
        items = [
            _LEAD.sub("", _LEAD.sub("", item.strip())) for item in re.split(r"\s+(?:or|and|nor)\s+(?:no\s+)?|/", reach)
        ]
        items = [item for item in items if item]
        if not items:
            continue
        against += [(item, text[ask.start("ask") : stop].strip()) for item in items]
        # "a frog that doesn't have …", "there is no …": what led to the negation goes with it.
        kept += _LED.sub("", text[at : ask.start()]) + " "
        at = stop
    return re.sub(
        r"(?:\s*,\s*)+$|^\s*,\s*",
        "",
        re.sub(r"\s*,(?:\s*,)+", ",", kept.replace("  ", " ") + text[at:].lstrip(" ") if kept else text),
    ).strip(" ,;."), against
