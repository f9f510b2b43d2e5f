"""From a wish and a style to a prompt, with the proof that everything the wish says is carried: checked on the finished text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from tools.images.prompt.contradict import clashes
from tools.images.prompt.cut import chunks, clauses, fit
from tools.images.prompt.english import plural
from tools.images.prompt.parts import Part
from tools.images.prompt.tokens import LIMIT, Counter, clip_counter
from tools.images.prompt.wish import Wish
from tools.images.styles import Style

__all__ = ["Expanded", "missing", "to_prompt"]

_PLACE = "{prompt}"
_BACKGROUND = re.compile(r"\b(?:background|backdrop|scenery|empty space)\b", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_PLAIN = frozenset(
    [
        "a",
        "an",
        "the",
        "of",
        "and",
        "in",
        "on",
        "at",
        "with",
        "its",
        "by",
        "real",
        "no",
        "small",
        "large",
        "big",
        "simple",
    ]
)


@dataclass(frozen=True)
class Expanded:
    """`prompt` and `negative` each take at most 75 CLIP tokens, except where one mark or quote alone takes more.

    `kept`: what the wish says -> the words that carry it. `rest`: further chunks, where the wish itself is longer than one, for
    backends that take long prompts; `left_out`: parts that only `rest` carries. `dropped`: words of the style that were left
    out because they quarrel with the wish or do not fit. `tokens` counts `prompt`; `exact` says by the real tokenizer.
    """

    prompt: str
    negative: str
    kept: Mapping[str, str]
    tokens: int
    rest: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()
    exact: bool = False


def to_prompt(wish: Wish, style: Style | None = None, counter: Counter | None = None, negative: str = "") -> Expanded:
    """The prompt for `wish` in `style`. Deterministic: the same wish, style and counter give the same text.

    The wish comes first to last in its own order, wrapped by the style's words; only the style gives way for room. `negative`
    is what the person wrote there; with what the wish does not want it comes before the style's.
    """
    counter = counter or clip_counter()
    lead, tail = _frame(style)
    said = ", ".join(wish.clauses)
    quarrels = [clause for clause in tail if _quarrel(clause, wish, said)]
    tail = [clause for clause in tail if clause not in quarrels]
    if lead and (_quarrel(lead, wish, said) or counter(lead + said) > LIMIT):
        quarrels, lead = [lead.strip(), *quarrels], ""
    core = lead + said
    rest: list[str] = []
    if counter(core) > LIMIT:
        first, *rest = chunks(core, counter, whole=[part.words for part in wish.parts if part.kind != "clause"])
        core = first
    whole, over = fit([core, *tail], counter) if counter(core) <= LIMIT else ([core], tail)
    prompt = ", ".join(whole)
    unwanted = list(dict.fromkeys([*wish.against, *clauses(negative)]))
    wanted = said.lower()
    # Marks that only name a danger are dropped from the style's negative where the wish asks for that very thing.
    against = [clause for clause in (clauses(style.negative) if style else []) if not _asked(clause, wish, wanted)]
    fitting, _ = fit([clause for clause in [*unwanted, *against] if clause], counter)
    lost = missing(wish, prompt, ", ".join(fitting))
    return Expanded(
        prompt=prompt,
        negative=", ".join(fitting),
        kept=_kept(wish, lost),
        tokens=counter(prompt),
        rest=tuple(rest),
        left_out=tuple(dict.fromkeys(part.text for part in lost)),
        dropped=tuple([*quarrels, *over]),
        exact=counter.exact,
    )


def missing(wish: Wish, prompt: str, negative: str) -> list[Part]:
    """The parts of the wish that the finished texts do not carry: words in one stretch, in the negative for what is not wanted.

    Marks must stand byte for byte; other words may differ in case. What is not wanted must not stand in the prompt as well.
    """
    lost = []
    for part in wish.parts:
        if part.kind in ("syntax", "quote"):
            carried = part.words in prompt
        elif part.kind == "negation":
            carried = _stands(part.words, negative)
        else:
            carried = _stands(part.words, prompt)
        if not carried:
            lost.append(part)
    return lost


def _stands(words: str, text: str) -> bool:
    return re.search(rf"(?<![^\W_]){re.escape(words)}(?![^\W_])", text, re.IGNORECASE) is not None


def _kept(wish: Wish, lost: list[Part]) -> dict[str, str]:
    kept: dict[str, str] = {}
    for part in wish.parts:
        if part in lost:
            continue
        # Two cats in one wish are two parts with one text; both are shown.
        had = kept.get(part.text)
        kept[part.text] = part.words if had is None or part.words in had else f"{had} | {part.words}"
    return kept


def _frame(style: Style | None) -> tuple[str, list[str]]:
    """(what stands right before the wish, the style's clauses behind it)."""
    if style is None:
        return "", []
    before, place, after = style.prompt.partition(_PLACE)
    if not place:
        return "", clauses(style.prompt)
    # Only a lead without a comma reads on into the wish ("die-cut sticker of …").
    tail = clauses(after.replace(_PLACE, ""))
    return (before, tail) if "," not in before else ("", [*clauses(before), *tail])


def _quarrel(clause: str, wish: Wish, said: str) -> bool:
    """Whether a clause of a style says anything against the wish: its place, its opposites, or what it does not want."""
    if wish.of("place") and _BACKGROUND.search(clause):
        return True
    bare = clause.lower()
    if any(_stands(form, bare) for item in wish.against for form in (item, plural(item), item.removesuffix("s"))):
        return True
    one = len(wish.of("subject")) <= 1
    return bool(clashes(said, clause, single=one))


def _asked(clause: str, wish: Wish, wanted: str) -> bool:
    """Whether the wish asks for what a style's negative names."""
    if wish.of("quote") and re.search(r"\b(?:text|letters|words)\b", clause, re.IGNORECASE):
        return True
    if wish.of("place") and _BACKGROUND.search(clause):
        return True
    names = {word.lower() for word in _WORD.findall(clause)} - _PLAIN
    return any(_stands(name, wanted) for name in names)
