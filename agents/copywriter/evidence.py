"""What copy may rest on: the facts of a product and its shop, without sentences in them that give orders to whoever writes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from agents.copywriter import data
from agents.copywriter.measures import Quantity, plain, quantities
from agents.copywriter.products import Fact, Product
from agents.copywriter.shop import Shop

__all__ = ["Evidence", "Held", "bare", "denied", "evidence_of", "pairs", "sentences", "shared", "usable_facts"]

_NONE = ("無", "沒有", "否", "不", "未", "零")
_SENTENCE = re.compile(r"[^。！？!?；;\n]+[。！？!?；;]*[」』”）)]*\n?|\n")


def sentences(text: str) -> list[str]:
    """The sentences of a text with their marks; joined they are the text again."""
    return _SENTENCE.findall(text)


def bare(text: str) -> str:
    """`text` as letters and digits of one script and width, for matching."""
    from tools.chinese import fold

    return "".join(char for char in fold(plain(text)) if char.isalnum())


def pairs(text: str) -> set[str]:
    """The pairs of neighbouring characters of `bare(text)`."""
    plain_text = bare(text)
    return {plain_text[n : n + 2] for n in range(len(plain_text) - 1)}


def denied(text: str, at: int) -> bool:
    """Whether what stands at `at` is denied (不含…, 無…): a word of denial stands at most four characters before it."""
    before = re.split(r"[，。；！？,!?;\n]", text[max(0, at - 9) : at])[-1]
    for word in data.claims().free_not:
        before = before.replace(word, "")
    return any(word in before[-(len(word) + 4) :] for word in data.claims().free)


@dataclass(frozen=True)
class Held:
    """One fact with what it says, ready to be matched."""

    label: str
    value: str
    text: str
    numbers: tuple[Quantity, ...]

    @property
    def shown(self) -> str:
        return f"{self.label}：{self.value}"


@dataclass(frozen=True)
class Evidence:
    """The facts, and the sentences that were set aside as `orders`. `name` and `shop` are proper names.

    The product's name may support a claim (洛神花皂), the shop's may not: 天然小舖 does not make a product natural.
    """

    name: str
    shop: str
    held: tuple[Held, ...]
    orders: tuple[str, ...]

    @property
    def facts(self) -> tuple[Held, ...]:
        """The facts of the product, without its name."""
        return self.held[:-1]

    def word(self, word: str, negated: bool = False) -> Held | None:
        """The fact in which `word` stands, as denied as it is said."""
        wanted = bare(word)
        for one in self.held:
            at = bare(one.value).find(wanted)
            if at >= 0 and self._denies(one.value, word) == negated:
                return one
        # 特價：150 元, 香精：無: the label names the thing, the value says whether there is any.
        labelled = (one for one in self.facts if wanted in bare(one.label))
        return next((one for one in labelled if one.value.startswith(_NONE) == negated), None)

    def number(self, quantity: Quantity, before: str = "") -> Held | None:
        """The fact with the same number in the same kind of unit; where `before` names a fact (特價 150 元), that very one."""
        lead = before.rstrip("：:是為約只要 ")
        named = [one for one in self.held if one.numbers and lead.endswith(one.label)]
        for one in named or self.held:
            for known in one.numbers:
                same = abs(known.value - quantity.value) < 1e-6
                if same and (known.family == quantity.family or not quantity.family):
                    return one
                if same and not known.family and quantity.family in ("count", "share"):
                    return one
        return None

    def phrase(self, text: str, least: float = 0.5) -> Held | None:
        """The fact that holds most of `text`, at least that share of its pairs of characters; None if there is none."""
        wanted = pairs(text)
        if not wanted:
            return None
        together = set().union(*(pairs(one.text) for one in self.held))
        if len(wanted & together) / len(wanted) < least:
            return None
        return max(self.held, key=lambda one: len(wanted & pairs(one.text)))

    def about(self, text: str) -> float:
        """How much of `text` the facts hold: the share of its pairs, 0..1."""
        wanted = pairs(text)
        together = set().union(pairs(self.shop), *(pairs(one.text) for one in self.held))
        return len(wanted & together) / len(wanted) if wanted else 0.0

    @staticmethod
    def _denies(value: str, word: str) -> bool:
        at = plain(value).casefold().find(plain(word).casefold())
        return at >= 0 and denied(plain(value), at)


def evidence_of(shop: Shop, product: Product) -> Evidence:
    """What may be said of `product`."""
    orders: list[str] = []
    held: list[Held] = []
    own = {fact.label for fact in product.facts}
    for fact in [*product.facts, *(one for one in shop.facts if one.label not in own)]:
        kept = []
        for sentence in sentences(fact.value):
            if _is_order(f"{fact.label}：{sentence}") or _is_order(sentence):
                orders.append(sentence.strip())
            else:
                kept.append(sentence)
        value = "".join(kept).strip()
        if value and not _is_order(fact.label):
            held.append(_held(Fact(id=fact.id, label=fact.label, value=value)))
    held.append(_held(Fact(label="品名", value=product.name)))  # last: what a fact says too rests on the fact
    return Evidence(product.name, shop.name, tuple(held), tuple(orders))


def usable_facts(shop: Shop, product: Product) -> list[Fact]:
    """The facts of the product and its shop without orders, in the order of the files."""
    evidence = evidence_of(shop, product)
    ids = {fact.label: fact.id for fact in [*shop.facts, *product.facts]}
    return [Fact(id=ids.get(one.label, ""), label=one.label, value=one.value) for one in evidence.facts]


def _held(fact: Fact) -> Held:
    return Held(fact.label, fact.value, f"{fact.label} {fact.value}", tuple(quantities(fact.value)))


def _is_order(text: str) -> bool:
    return any(pattern.search(plain(text)) for pattern in data.orders())


def shared(values: Sequence[str], text: str) -> float:
    """The largest share of the pairs of one of `values` that `text` holds."""
    held = pairs(text)
    return max((len(pairs(one) & held) / len(pairs(one)) for one in values if pairs(one)), default=0.0)
