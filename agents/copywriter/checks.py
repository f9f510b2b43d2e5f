"""A draft held against the facts: what does not stand there goes, sentence by sentence, and the shop's voice is put into it.

What is left too short, or is about something else, gives way to the copy made of the facts alone; that one is held against
the same rules, since facts too may say what advertising must not.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from agents.copywriter import data
from agents.copywriter.errors import WORDS
from agents.copywriter.evidence import Evidence, bare, evidence_of, sentences
from agents.copywriter.offline import closing_of, compose
from agents.copywriter.products import Product
from agents.copywriter.shop import Shop
from agents.copywriter.tracing import Finding, findings
from agents.copywriter.voice import LENGTHS, repaired, voice_report
from tools.words import Lang, Words

__all__ = ["checked", "hashtags_of"]

FIELDS = ("title", "bullets", "description", "social", "alt")
# Share of a field's pairs of characters that the facts hold, where it does not even name the product. Below: another matter.
_ABOUT = {"title": 0.5, "description": 0.15, "social": 0.15, "alt": 0.3}
_UNSEEN = ("Cc", "Cf", "Cs", "Co", "Cn")  # what turns writing around, or is no character
_JOINER = "\u200d"  # holds an emoji of several parts together
_TAG = re.compile(r"[#＃][^\s#＃，。！？]+")
_MARKUP = re.compile(
    r"<[^>\n]{1,200}>|!\[[^\]\n]*\]\([^)\n]*\)|[*_`]{2,}|^#{1,6} |^[ \t]*(?:[-*•‧・]|\d{1,2}[.、)](?!\d))[ \t]*", re.M
)


@dataclass
class _Notes:
    """What happens to one draft."""

    removed: list[dict[str, str]] = field(default_factory=list)
    changes: Counter[str] = field(default_factory=Counter)
    template: list[str] = field(default_factory=list)
    banned: int = 0


def checked(draft: Mapping[str, Any] | None, shop: Shop, product: Product, lang: Lang) -> dict[str, Any]:
    """The copy of `product` from a model's draft, None for none: the fields, `kept`, `removed`, `voice`, `template`."""
    return _Checker(shop, product, lang).copy(draft)


def hashtags_of(shop: Shop, product: Product) -> str:
    """The tags that end a post: the shop's, which never change, and the product's name.

    A shop without tags of its own has its name and the words it likes to use, as far as they claim nothing.
    """
    own = shop.hashtags or [shop.name, *(word for word in shop.words.wanted if _claims_nothing(word))][:3]
    tags = [re.sub(r"[^\w]", "", tag) for tag in [*own, product.name]]
    return " ".join(f"#{tag}" for tag in dict.fromkeys(tags) if tag)


class _Checker:
    """Checks what is said of one product."""

    def __init__(self, shop: Shop, product: Product, lang: Lang) -> None:
        self._shop, self._product, self._lang = shop, product, lang
        self._evidence: Evidence = evidence_of(shop, product)
        self._names = [product.name, shop.name]
        self._words = Words.load(WORDS)

    def copy(self, draft: Mapping[str, Any] | None) -> dict[str, Any]:
        notes = _Notes()
        own_notes = notes if draft is None else _Notes()
        own = self._filtered(compose(self._shop, self._product), None, own_notes)
        copy = own if draft is None else self._filtered(draft, own, notes)
        copy["social"] = self._ended(copy["social"])
        return {
            **copy,
            "kept": self._kept(copy),
            "removed": notes.removed,
            "voice": voice_report(copy, self._shop, notes.changes, notes.banned, self._lang),
            "template": notes.template,
        }

    def _filtered(self, draft: Mapping[str, Any], own: Mapping[str, Any] | None, notes: _Notes) -> dict[str, Any]:
        """The fields of `draft` without what no fact supports; `own` stands in, and without it the bare name does."""
        copy: dict[str, Any] = {}
        for name in FIELDS:
            if name == "bullets":
                copy[name] = self._bullets(draft[name], own, notes)
                continue
            text = self._sound(name, _TAG.sub("", draft[name]) if name == "social" else draft[name], notes)
            why = self._unfit(name, text) if text or own is not None else ""
            if own is not None and (why or not text):
                shown = text or " ".join(draft[name].split())[:80]
                if text:
                    notes.removed.append({"field": name, "text": shown, "why": self._say(why)})
                notes.template.append(name)
                text = own[name]
            copy[name] = text or f"{self._product.name}。"
        return copy

    def _bullets(self, given: list[str], own: Mapping[str, Any] | None, notes: _Notes) -> list[str]:
        kept = []
        for text in given:
            sound = self._sound("bullets", text, notes).rstrip("。；;")
            if sound and sound not in kept:
                kept.append(sound)
        kept = kept[:5]
        if len(kept) < 3 and own is not None:
            # The same fact twice would read like a mistake: what a kept line tells already is not told again.
            spare = [one for one in own["bullets"] if not _tells(one, kept)]
            spare += [one for one in own["bullets"] if one not in spare]
            kept = list(dict.fromkeys([*kept, *spare]))[: max(3, len(kept))]
            notes.template.append("bullets")
        return kept or [self._product.name]

    def _sound(self, name: str, text: str, notes: _Notes) -> str:
        """`text` in the shop's voice, within its length, without sentences that have to go."""
        text = "".join(c for c in text if c == "\n" or c == _JOINER or unicodedata.category(c) not in _UNSEEN)
        text = _MARKUP.sub("", text).strip()
        text, changes = repaired(text, self._shop, self._names)
        if name == "title":
            text = " ".join(text.split()).rstrip("。")
        notes.changes += changes
        kept = []
        for sentence in sentences(text):
            why = self._wrong(sentence, notes) if sentence.strip() else ""
            if why:
                notes.removed.append({"field": name, "text": sentence.strip(), "why": why})
            elif self._closing() not in sentence:  # it is put at the end of every post alike
                kept.append(sentence)
        return self._cut(name, kept, notes)

    def _wrong(self, sentence: str, notes: _Notes) -> str:
        """Why a sentence has to go, "" where it may stay."""
        plain = sentence.replace(self._product.name, "").replace(self._shop.name, "")
        banned = [word for word in self._shop.words.banned if word in plain]
        if banned:
            notes.banned += 1
            return self._say("banned_word", words="、".join(banned))
        for found in findings(sentence, self._evidence):
            if found.fact is None:
                return self._why(found)
        return ""

    def _why(self, found: Finding) -> str:
        if found.group == "number":
            return self._say("invented_number", words=found.words)
        if found.group == "name":
            return self._say("invented_name", words=found.words)
        if found.group == "from_order":
            return self._say("from_order")
        why = data.claims().group(found.group).why[self._lang]
        return self._say("because", why=why, words=found.words)

    def _cut(self, name: str, kept: list[str], notes: _Notes) -> str:
        most = LENGTHS[name][1]
        text = "".join(kept).strip()
        if len(text) > most and len(kept) > 1:
            left = list(kept)
            while len(left) > 1 and len("".join(left).strip()) > most:
                last = left.pop()
                notes.removed.append({"field": name, "text": last.strip(), "why": self._say("cut_short")})
            text = "".join(left).strip()
        return text

    def _unfit(self, name: str, text: str) -> str:
        """Why a whole field gives way: a key of messages.yaml, "" where it may stay."""
        least, most = LENGTHS[name]
        if not least <= len(text) <= most:
            return "too_short"
        if bare(self._product.name) in bare(text) or self._evidence.about(text) >= _ABOUT[name]:
            return ""
        return "off_topic"

    def _ended(self, social: str) -> str:
        return "\n".join([social.strip(), self._closing(), hashtags_of(self._shop, self._product)])

    def _closing(self) -> str:
        return closing_of(self._shop)

    def _kept(self, copy: Mapping[str, Any]) -> list[dict[str, str]]:
        body = [copy["title"], *copy["bullets"], copy["description"], copy["social"].split("\n#")[0], copy["alt"]]
        found: dict[str, str] = {}
        for text in body:
            for sentence in sentences(text):
                for one in findings(sentence, self._evidence):
                    if one.fact is not None:
                        found.setdefault(one.claim, one.fact.shown)
        return [{"claim": claim, "fact": fact} for claim, fact in found.items()]

    def _say(self, key: str, **params: str) -> str:
        return self._words.say(key, self._lang, **params)


def _tells(line: str, kept: list[str]) -> bool:
    from agents.copywriter.evidence import shared

    value = line.partition("：")[2] or line
    return shared([value], "".join(kept)) >= 0.6


def _claims_nothing(word: str) -> bool:
    return not findings(word, Evidence("", "", (), ()))
