"""Reading a Chinese wish: who there is, how many, which colour belongs to whom, what they do, where, and what is not wanted.

A small shift-and-attach reader over the words of `scan`. Chinese puts what describes a noun in front of it (紅色的, 戴帽子的, 在沙發上的);
English wants most of it behind, so finished verbs and places wait in `loose` until the noun they belong to is there.
"""

from __future__ import annotations

import re

from tools.images.prompt.clause import Clause, Held, Open
from tools.images.prompt.english import article, noun_of, without_article
from tools.images.prompt.lexicon import NOUNS
from tools.images.prompt.negation import read_negation
from tools.images.prompt.parts import Noun, Part, PartKind, Said
from tools.images.prompt.scan import Word, is_nounish, is_phrase, scan, trim_request

__all__ = ["read_chinese"]

_MODS = ("colour", "look", "expression")
_SIDES = {"to the left of": "on the left", "to the right of": "on the right", "between": "in the middle"}
_SIDES |= {
    "in front of": "in front",
    "behind": "in the back",
    "next to": "at the side",
    "under": "below",
    "above": "above",
}


class _Reader(Clause):
    def read(self) -> Said:
        while self.at < len(self.words):
            self.step(self.words[self.at])
            self.at += 1
        self.end()
        return self.said

    def step(self, word: Word) -> None:
        kind = word.kind
        if kind == "comma":
            self.end()
        elif kind == "list":
            if self.group or self.stack:
                self.anded = True
        elif kind == "neg":
            self.at = read_negation(self.words, self.at, self.said) - 1
        elif kind == "quote":
            self.quote(word)
        elif kind == "mark":
            self.mark(word)
        elif kind in NOUNS or kind in ("unknown", "latin"):
            self.noun(word)
        elif kind == "count":
            self.new_clause_if_full()
            self.held.count, self.held.count_text = word.en or word.text, word.text
        elif kind == "classifier":
            self.held.measure = word.en
            self.held.count_text += word.text
        elif kind in _MODS:
            self.look(word)
        elif word.text == "背" and self.peek().kind == "relation":
            self.noun(Word("body", word.text, "back"))
        elif kind in ("action", "action_on"):
            self.verb(word)
        elif kind == "at":
            follows = self.peek().kind
            if follows not in ("action", "action_on"):  # 在睡覺: only says that it is going on
                self.open("relation", "", word.text)
        elif kind == "relation":
            self.relation(word)
        elif is_phrase(word):
            self.phrase(word)
        elif kind == "style":
            self.extra.append(word.en)
            self.said.parts.append(Part("style", word.text, word.en))
        elif kind == "de":
            self.de()
        elif kind == "and":
            self.anded = True

    def verb(self, word: Word) -> None:
        there_is = word.en == "with" and not self.group and not self.stack and (self.loose or not self.held.any())
        if there_is and (self.loose or not self.relative_ahead()):
            return  # 桌上有一隻貓, 有一隻貓: there is
        if self.stack and self.stack[-1].objects:
            self.close_all()
        if word.kind == "action_on":
            verb = self.open("action", word.en, word.text)
        else:
            verb = self.open("action", word.en, word.text)
            self.stack.pop()
            self.restore(verb)
            verb.tail += [place.words() for place in self.loose if place.kind != "action"]
            self.loose = [done for done in self.loose if done.kind == "action"]
            self.loose.append(verb)
        if word.kind == "action_on" and not self.anded:
            self.last = None
        self.anded = False

    def relative_ahead(self) -> bool:
        """Whether, before the clause ends, an object and then 的 with a noun follow (有翅膀的貓)."""
        ahead = 1
        seen = False
        while (word := self.peek(ahead)).kind != "comma":
            if word.kind in NOUNS or word.kind in ("unknown", "latin"):
                seen = True
            elif word.kind == "de" and seen:
                return True
            ahead += 1
        return False

    def noun(self, word: Word) -> None:
        known = word.kind != "unknown"
        kind = word.kind if word.kind in NOUNS else "subject"
        noun = Noun(word.en or word.text, word.text, kind, known and word.kind != "latin")
        if word.en == "text" and "quote" in (self.peek().kind, self.peek(2).kind if self.peek().kind == "is" else ""):
            return  # 文字「早安」: the quote says it
        self.compound(word)
        held, self.held = self.held, Held()
        noun.count, noun.count_text, noun.measure, noun.mods = held.count, held.count_text, held.measure, held.mods
        if self.within is not None:
            noun.posts.append(self.within.words())
            self.within = None
        if self.stack and self.stack[-1].objects and not self.anded:
            self.close_all()
        if self.stack:
            self.stack[-1].objects.append(noun)
            if self.stack[-1].kind == "relation":
                noun.owned = kind == "body"
            noun.posts += [done.words() for done in self.order(self.loose)] if self.relative else []
            if self.relative:
                self.loose = []
            self.nouns.append((noun, "object"))
        else:
            if self.group and not self.anded and (self.preds or self.loose):
                if self.loose and not self.relative:
                    self.preds += self.loose
                    self.loose = []
                self.flush_group()
            elif self.group and not self.anded:
                self.flush_group()
            noun.posts += [done.words() for done in self.order(self.loose)]
            self.loose = []
            self.group.append(noun)
            self.nouns.append((noun, "subject"))
        self.relative = False
        self.anded = False
        self.last = noun

    def compound(self, word: Word) -> None:
        """鯊魚玩偶, 大象頭: a noun right behind another takes it as a look, or as the owner of a part of the body."""
        before = self.words[self.at - 1] if self.at else word
        first = self.last
        if self.at == 0 or first is None or word.kind not in NOUNS or before.text != first.text:
            return
        if before.kind not in (*NOUNS, "latin") or self.anded or self.held.any():
            return
        home = self.stack[-1].objects if self.stack and first in self.stack[-1].objects else self.group
        if not home or home[-1] is not first or (self.preds and home is self.group):
            return
        home.pop()
        if home is self.group and word.kind == "subject" and (first.kind == "wear" or _carried(first)):
            # 紅圍巾柴犬: the colour is that of what is worn or held, and so it stands behind the noun with it.
            verb = "wearing" if first.kind == "wear" else "with"
            self.nouns = [(noun, "object" if noun is first else kind) for noun, kind in self.nouns]
            if first.count_text[-1:] not in tuple(
                "條頂件副雙串支枝把朵束"
            ):  # 兩隻紅圍巾柴犬: two dogs, not two scarves
                self.held = Held(first.count, first.count_text, first.measure)
                first.count = first.count_text = first.measure = ""
            self.loose.append(Open("action", verb, first.text, Held(), [first]))
            self.relative = True
            return
        self.nouns = [(noun, kind) for noun, kind in self.nouns if noun is not first]
        self.held = Held(first.count, first.count_text, first.measure, list(first.mods))
        if word.kind == "body":
            self.held = Held(mods=[("look", owning(first), first.text)])
            self.said.parts += [Part("colour" if of == "colour" else "look", text, en) for of, en, text in first.mods]
        else:
            self.held.mods.append(("noun", first.en, first.text))
        self.loose += [Open("action", post, "", Held()) for post in first.posts]

    def de(self) -> None:
        following = self.peek()
        if not (is_nounish(following) or following.kind in ("mark", "relation", "action", "action_on", "at", "neg")):
            return
        if self.at and self.words[self.at - 1].kind in (*_MODS, "mark", "count", "classifier"):
            return  # 紅色的: belongs to what follows anyway
        if following.kind == "relation":
            return  # 貓的旁邊: the relation reads the noun before it
        if self.stack and self.stack[-1].objects:
            enclosing = len(self.stack) > 1 and not self.stack[-2].objects
            if enclosing or not self.group:
                done = self.stack.pop()
                self.finish(done)
                self.restore(done)
                self.loose.append(done)
                if not enclosing:
                    self.close_into_loose()
                self.relative = True
            elif self.last is not None and is_nounish(following):
                self.own()
        elif self.loose and (not self.group or self.stack):
            self.relative = True
        elif self.last is not None and self.group and self.group[-1] is self.last and is_nounish(following):
            self.own()

    def own(self) -> None:
        """貓的尾巴: the owner becomes a look of what it owns."""
        owner = self.last
        assert owner is not None
        following = self.peek()
        ahead = 1
        while self.peek(ahead).kind in _MODS or self.peek(ahead).kind == "de":
            ahead += 1
        following = self.peek(ahead)
        if following.kind not in NOUNS:
            return
        target = self.stack[-1].objects if self.stack and owner in self.stack[-1].objects else self.group
        target.remove(owner)
        self.nouns = [(noun, kind) for noun, kind in self.nouns if noun is not owner]
        if following.kind == "subject" and owner.kind != "subject":
            self.loose.append(Open("action", "with", owner.text, Held(), [owner]))  # 雨傘的青蛙
            self.nouns.append((owner, "object"))
            self.relative = True
            return
        self.held.mods.append(("look", owning(owner), owner.text))
        for kind, en, text in owner.mods:
            self.said.parts.append(Part("colour" if kind == "colour" else "look", text, f"{en}"))
        if self.stack and not self.stack[-1].objects:
            self.last = None

    def relation(self, word: Word) -> None:
        if self.stack and self.stack[-1].kind == "relation" and not self.stack[-1].en and self.stack[-1].objects:
            place = self.stack.pop()
            leaving = place.text == "從" and word.en == "in"  # 從帽子裡跳出來
            place.en, place.text = "out of" if leaving else word.en, place.text + word.text
            self.restore(place)
            self.after_place(place)
        elif self.last is not None and self.stack and self.last in self.stack[-1].objects:
            verb = self.stack[-1]
            place = Open("relation", word.en, word.text, Held(), list(verb.objects))
            verb.objects.clear()
            self.opens.append(place)
            self.own_body(place)
            self.loose.append(place)
            self.relative = self.peek().kind == "de"
        elif self.last is not None and self.last in self.group and not self.preds and not self.loose:
            taken = list(self.group) if word.en == "between" else [self.group.pop()]
            if word.en == "between":
                self.group.clear()
            self.nouns = [(noun, "object" if noun in taken else kind) for noun, kind in self.nouns]
            place = Open("relation", word.en, word.text, Held(), taken)
            self.opens.append(place)
            self.own_body(place)
            self.after_place(place)
        elif is_nounish(self.peek()) and self.peek().kind != "relation" and (self.loose or self.stack):
            verb = self.stack.pop() if self.stack and not self.stack[-1].objects else None
            if verb:
                self.restore(verb)
                self.loose.append(verb)
            place = self.open("relation", word.en, word.text)
            place.en = word.en
        else:
            side = Open("place", _SIDES.get(word.en, word.en), word.text, Held())
            if self.stack and self.stack[-1].kind == "relation" and not self.stack[-1].objects:
                self.opens.remove(self.stack[-1])
                dropped = self.stack.pop()
                self.restore(dropped)
            self.opens.append(side)
            self.after_place(side)
        self.last = None

    def own_body(self, place: Open) -> None:
        for noun in place.objects:
            noun.owned = noun.kind == "body"

    def phrase(self, word: Word) -> None:
        """A place, the weather or a time, with 裡 or 上 behind it swallowed, 旁邊 behind it heeded."""
        en, text = word.en, word.text
        kind: PartKind = "place"
        if self.peek().kind == "relation" and word.kind == "place":
            relation = self.peek()
            self.at += 1
            text += relation.text
            if relation.en not in ("in", "on", "under"):
                en = f"{relation.en} {noun_of(en)}"
        if self.held.mods and self.stack and self.stack[-1].kind == "relation" and not self.stack[-1].objects:
            # 在綠色的草原上: the looks are the place's
            looks = " ".join(look for _, look, _ in self.held.mods)
            noun = without_article(noun_of(en))
            preposition = en.partition(" ")[0]
            en = f"{preposition} {article(f'{looks} {noun}', noun)}" if noun != en else f"{en}, {looks}"
            self.said.parts += [Part("look", said, en) for _, _, said in self.held.mods]
            self.held.mods = []
        place = Open(kind, en, text, Held())
        # 在公園的長椅上: the place belongs to the bench, and the preposition still waits for it.
        inner = (
            bool(self.stack)
            and self.peek().kind == "de"
            and self.peek(2).kind in NOUNS
            and self.peek(3).kind == "relation"
        )
        if not inner and self.stack and self.stack[-1].kind == "relation" and not self.stack[-1].objects:
            opened = self.stack.pop()
            self.opens.remove(opened)
            self.restore(opened)
        self.opens.append(place)
        if self.stack and self.stack[-1].objects:
            self.close_all()
        if inner:
            self.within = place
        else:
            self.after_place(place)
        self.last = None

    def look(self, word: Word) -> None:
        if self.anded and self.held.mods and self.held.mods[-1][0] == word.kind:
            self.anded = False  # 黑色和白色的: two of a kind for the same noun
        self.new_clause_if_full()
        if word.en not in [en for _, en, _ in self.held.mods]:
            self.held.mods.append((word.kind, word.en, word.text))

    def quote(self, word: Word) -> None:
        inner = word.text[1:-1]
        words = f'the text "{inner}"'
        self.said.parts.append(Part("quote", word.text, words))
        if self.extra and self.extra[-1] == words:
            return
        awaiting = bool(self.stack) and not self.stack[-1].objects
        if (self.peek().kind == "de" and is_nounish(self.peek(2))) or (awaiting and self.peek().kind in NOUNS):
            self.loose.append(Open("quote", f"with {words}", word.text, Held()))
            self.relative = True
            return
        places = [one.words() for one in self.loose if one.kind == "relation"] if not self.group else []
        if places:
            self.loose = [one for one in self.loose if one.kind != "relation"]
        self.extra.append(" ".join([words, *places]))

    def mark(self, word: Word) -> None:
        text = word.text
        if text.startswith("<"):
            self.extra.append(text)
            self.said.parts.append(Part("syntax", text, text))
        elif is_nounish(self.peek()) or self.peek().kind == "de":
            self.held.mods.append(("syntax", text, text))
        else:
            self.extra.append(text)
            self.said.parts.append(Part("syntax", text, text))


def _carried(noun: Noun) -> bool:
    """A thing with a look of its own (紅氣球小熊); without one it is what somebody is made of (氣球小狗)."""
    return noun.kind == "prop" and bool(noun.mods)


def owning(owner: Noun) -> str:
    """ "a cat's" for the owner of a tail; a name as it is."""
    if not owner.known:
        return owner.en
    head = owner.head()
    return f"{head}'" if head.endswith("s") else f"{head}'s"


def read_chinese(text: str) -> Said:
    """The clauses in English and the parts of a Chinese (or mixed) wish."""
    reader = _Reader(scan(trim_request(text)))
    said = reader.read()
    for noun, kind in reader.nouns:
        said.parts += noun.parts(kind)
    for one in reader.opens:
        said.parts.append(Part(one.kind, one.text, one.words()))
    return _nothing_lost(reader.words, said)


def _nothing_lost(words: list[Word], said: Said) -> Said:
    """The safety net under the reader: what got into no part, and a part that got into no clause, becomes a clause of its own."""
    texts = " ".join(part.text for part in said.parts)
    for word in words:
        content = word.kind in (*NOUNS, *_MODS, "unknown", "latin", "action", "style") or is_phrase(word)
        if content and word.text not in texts and word.en != "text":
            english = word.en or word.text
            said.clauses.append(english)
            said.parts.append(Part("clause", word.text, english, word.kind != "unknown"))
            texts += " " + word.text
    for part in said.parts:
        carried = re.search(rf"(?<![^\W_]){re.escape(part.words)}(?![^\W_])", ", ".join(said.clauses))
        if part.kind not in ("negation", "syntax", "quote") and not carried:
            said.clauses.append(part.words)
    for word in words:
        if word.kind == "mark" and word.text not in ", ".join(said.clauses):
            said.clauses.append(word.text)
            said.parts.append(Part("syntax", word.text, word.text))
    return said
