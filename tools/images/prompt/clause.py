"""The state of a clause while it is read: who it is about, what they do, and what still waits for its noun.

`tools.images.prompt.chinese` reads words into it; here is what happens when verbs, places and the clause itself are complete.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from tools.images.prompt.parts import Noun, Part, PartKind, Said
from tools.images.prompt.scan import Word

__all__ = ["Clause", "Held", "Open"]


@dataclass
class Held:
    """A number and looks that wait for their noun."""

    count: str = ""
    count_text: str = ""
    measure: str = ""
    mods: list[tuple[str, str, str]] = field(default_factory=list)

    def any(self) -> bool:
        return bool(self.count or self.mods)


@dataclass
class Open:
    """A verb or a preposition on its way: its objects, what was held for the noun behind it, the text it came from."""

    kind: PartKind  # action, relation or place
    en: str
    text: str
    held: Held
    objects: list[Noun] = field(default_factory=list)
    tail: list[str] = field(default_factory=list)

    def words(self) -> str:
        return " ".join(
            [self.en, *([" and ".join(noun.full() for noun in self.objects)] if self.objects else []), *self.tail]
        )


class Clause:
    """One clause after another; `said` gathers what they give."""

    def __init__(self, words: list[Word]) -> None:
        self.words = words
        self.at = 0
        self.said = Said()
        self.held = Held()
        self.stack: list[Open] = []
        self.loose: list[Open] = []  # finished, without a home yet
        self.group: list[Noun] = []  # who the clause is about
        self.preds: list[Open] = []  # what they do
        self.extra: list[str] = []  # clauses of their own: quotes, styles, unattached looks
        self.last: Noun | None = None  # the noun just read, for 的, 和 and places behind it
        self.anded = False
        self.within: Open | None = None  # the place of the next noun
        self.relative = False  # what waits in `loose` describes the next noun
        self.nouns: list[tuple[Noun, PartKind]] = []
        self.opens: list[Open] = []

    # words

    def peek(self, ahead: int = 1) -> Word:
        at = self.at + ahead
        return self.words[at] if at < len(self.words) else Word("comma", "")

    def order(self, done: list[Open]) -> list[Open]:
        """Verbs before places, as English has it."""
        return [one for one in done if one.kind == "action"] + [one for one in done if one.kind != "action"]

    def open(self, kind: PartKind, en: str, text: str) -> Open:
        awaiting = self.stack and not self.stack[-1].objects
        if self.group and self.held.any() and not self.anded and not awaiting:
            self.settle_looks()
        new = Open(kind, en, text, self.held)
        self.held = Held()
        self.opens.append(new)
        self.stack.append(new)
        return new

    def restore(self, verb: Open) -> None:
        """A finished verb gives back the number and looks that were said before it, for the noun still to come."""
        if verb.held.any() and not self.held.any():
            self.held, verb.held = verb.held, Held()

    def close_into_loose(self) -> None:
        while self.stack:
            done = self.stack.pop()
            self.finish(done)
            self.restore(done)
            self.loose.append(done)

    def finish(self, done: Open) -> None:
        if done.kind == "relation" and not done.en:
            done.en = (
                "from"
                if done.text == "從"
                else "on"
                if done.objects and done.objects[-1].kind in ("prop", "body", "food")
                else "with"
            )
        if done.kind == "action":
            places = [one for one in self.loose if one.kind != "action"]
            if places and not self.relative:
                done.tail += [one.words() for one in places]
                self.loose = [one for one in self.loose if one.kind == "action"]

    def close_all(self) -> None:
        """Verbs and places that are complete go to the group, or wait for their noun."""
        while self.stack:
            done = self.stack.pop()
            self.finish(done)
            self.restore(done)
            if done.kind == "action" and not done.objects and any(one.en == done.en for one in self.preds):
                continue  # 吃西瓜吃得很開心: the verb said twice
            (self.preds if self.group and done.kind == "action" else self.loose).append(done)
        if self.group:
            self.preds += self.loose
            self.loose = []

    def after_place(self, place: Open) -> None:
        """坐在沙發上: a place behind a finished verb belongs to that verb; any other waits."""
        verbs = [one for one in (*self.preds, *self.loose) if one.kind == "action"]
        open_verb = self.stack[-1] if self.stack and self.stack[-1].kind == "action" else None
        if (
            open_verb
            and not open_verb.objects
            and self.peek().kind in ("comma", "de", "and")
            and open_verb.en != "with"
        ):
            open_verb.tail.append(place.words())
            if self.peek().kind == "de" or not self.group:
                done = self.stack.pop()
                self.restore(done)
                self.loose.append(done)
        elif verbs and not (self.group and self.loose and verbs[-1] not in self.loose):
            verbs[-1].tail.append(place.words())
        else:
            self.loose.append(place)

    def new_clause_if_full(self) -> None:
        """A number or look behind a verb's object starts something new: the verb is complete."""
        if self.stack and self.stack[-1].objects and not self.anded:
            self.close_all()

    def settle_looks(self) -> None:
        """Looks behind their noun (柴犬很開心) go to it; a group of several takes them as a clause."""
        if not self.held.any():
            return
        held, self.held = self.held, Held()
        home = self.group[-1] if len(self.group) == 1 else None
        if home is None and not self.group and len([1 for _, kind in self.nouns if kind == "subject"]) == 1:
            home = next(noun for noun, kind in self.nouns if kind == "subject") if not self.said.clauses else None
        if home is not None:
            home.mods += [mod for mod in held.mods if mod not in home.mods]
        else:
            for kind, en, text in held.mods:
                self.extra.append(en)
                self.said.parts.append(Part("expression" if kind == "expression" else "look", text, en))
        if held.count:
            if home is not None and not home.count:
                home.count, home.count_text, home.measure = held.count, held.count_text, held.measure
            else:
                self.extra.append(held.count)
                self.said.parts.append(Part("count", held.count_text, held.count))

    def flush_group(self) -> None:
        if self.group or self.preds:
            who = " and ".join(noun.full() for noun in self.group)
            acts = [one for one in self.preds if one.kind == "action" and one.en != "with"]
            does = " and ".join(one.words() for one in acts)
            rest = [one.words() for one in self.preds if one not in acts]
            # "a cat wearing a hat" already has a verb behind it: a further one is joined by "and".
            glue = (
                "and"
                if does and self.group and any("ing " in post or post.endswith("ing") for post in self.group[-1].posts)
                else ""
            )
            self.said.clauses.append(" ".join(part for part in (who, glue, does, *rest) if part))
        self.group, self.preds = [], []

    def end(self) -> None:
        self.close_all()
        self.settle_looks()
        if self.loose and not self.group:
            self.said.clauses += [one.words() for one in self.order(self.loose)]
            self.loose = []
        self.flush_group()
        self.said.clauses += self.extra
        self.extra, self.last, self.anded, self.relative = [], None, False, False
