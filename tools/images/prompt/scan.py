"""A Chinese wish cut into words: the lexicon's by longest match, the small words of grammar, marks, and what nobody knows."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from tools.images.prompt.lexicon import NOUNS, PHRASES, lexicon, same_length_fold
from tools.images.prompt.syntax import pieces

__all__ = ["Word", "scan", "trim_request"]

_SMALL = {
    "neg": "不要有 不要畫 不想要 不要 沒有任何 沒有 沒穿 沒戴 不戴 不穿 不是 不能有 不含 不帶 不拿 去掉 去除 避免 請勿 禁止 除去 別畫 別有 別 沒 無 不",
    "at": "從 在 於 位於 待在 住在 放在",
    "de": "的 之",
    "and": "和 跟 與 及 還有 以及 或 或者 並且 並 同時 一邊 邊",
    "is": "是 為",
    "comma": "， , 。 . ； ; ！ ! ？ ? \n ： : … ～ ~ —",
    "list": "、 ／ /",
    "none": "請 幫我 畫 正在 正 著 了 很 非常 超級 超 好 太 有點 有一點 一直 都 也 就 那 這 它 牠 他 她 我 你 妳 們 地 得 呢 啊 喔 哦 吧 嗎 啦 "
    "看起來 感覺 樣子 表情 模樣 把 被 給 對著 對 向 往 到 起來 出來 過來 一下 而 且 但是 但 可是 只 全身 整隻 身上 心情 顏色 造型 風格 貼圖 "
    "寫著 寫有 印著 印有 刻著 第一 第二 第三 第四 第五 過 寫 說 說著 喊 字樣 上面寫 標語 大喊 附上 加上 配上 搭配 互相 彼此 左右 像 一樣 每 的話 那種 這種 其他 任何 多餘 自己 "
    "想 要 會 能 可以 用 讓 當 成 個 隻 又 再 還 各 先 才 只有 真 最 更 特別 十分 滿 身穿 頭戴",
}
# 身穿 and 頭戴 are verbs; they are listed below so that they win over the small words.
_VERBS = {
    "身穿": "wearing",
    "手拿": "holding",
    "手持": "holding",
    "手捧": "holding",
    "頭戴": "wearing",
    "戴上": "wearing",
    "穿上": "wearing",
    "抱住": "hugging",
    "拿起": "holding",
}
_REQUEST = re.compile(
    r"^\s*(?:(?:請|麻煩|可以)?(?:幫我|幫忙|替我|給我)?(?:我)?(?:想要|想|要)?(?:畫|生成|製作|設計|做)(?:出)?(?:[一1](?:張|個|組|款|套|幅))?"
    r"|(?:請)?(?:給我|我想要|我要|想要|來)(?:[一1](?:張|個|組|款|套|幅))?|[一1](?:張|組|款|套|幅))\s*"
)
_LATIN = re.compile(r"[A-Za-zÀ-ɏ][A-Za-zÀ-ɏ0-9'’&.-]*[A-Za-zÀ-ɏ0-9]|[A-Za-z]")
_TAIL = re.compile(r"(?:的)?(?:系列)?(?:的)?(?:貼圖|圖案|圖片|插圖|插畫|圖)\s*[。.!！]?\s*$")


@dataclass(frozen=True)
class Word:
    """`kind`: of the lexicon, or neg, at, de, and, is, comma, list, none, mark, quote, unknown, latin; `en` where it has English."""

    kind: str
    text: str
    en: str = ""


def trim_request(text: str) -> str:
    """The wish without "please draw me a …" and "… sticker" around it, where that leaves anything."""
    inner = _TAIL.sub("", _REQUEST.sub("", text, count=1))
    return inner if inner.strip() else text


@cache
def _small() -> dict[str, str]:
    return {same_length_fold(word): kind for kind, words in _SMALL.items() for word in words.split(" ") if word}


def scan(text: str) -> list[Word]:
    """The words of a wish in order. Marks (weights, LoRAs, wildcards) and quotes are one word each, exactly as written."""
    words: list[Word] = []
    for piece in pieces(text):
        if piece.kind == "text":
            words += _plain(piece.text, words[-1].kind if words else "")
        else:
            words.append(Word("quote" if piece.kind == "quote" else "mark", piece.text))
    return words


def _plain(text: str, before: str) -> list[Word]:
    lex, small = lexicon(), _small()
    folded = same_length_fold(text)
    found: list[Word] = []
    unknown = ""
    at = 0

    def flush() -> None:
        nonlocal unknown
        if unknown.strip():
            found.append(Word("unknown", unknown.strip()))
        unknown = ""

    while at < len(text):
        last = found[-1].kind if found else before
        if text[at].isspace() and text[at] != "\n":
            flush()
            at += 1
            continue
        latin = _LATIN.match(text, at)
        if latin and not lex.words.get(folded[at : latin.end()]) and not lex.longest(folded, at):
            flush()
            if last == "latin" and found:
                found[-1] = Word("latin", f"{found[-1].text} {latin[0]}")
            else:
                found.append(Word("latin", latin[0]))
            at = latin.end()
            continue
        if not unknown and last == "count" and (measure := lex.longest(folded, at, classifier=True)):
            longer = lex.longest(folded, at)
            if not longer or longer[1] <= measure[1]:
                found.append(Word("classifier", text[at : at + measure[1]], measure[0].en))
                at += measure[1]
                continue
        if number := re.compile(r"\d+").match(folded, at):
            known = lex.longest(folded, at)
            if not known or known[1] < len(number[0]):
                flush()
                found.append(Word("count", text[at : number.end()], folded[at : number.end()]))
                at = number.end()
                continue
        known = lex.longest(folded, at)
        size = known[1] if known else 0
        little = next((n for n in (4, 3, 2, 1) if folded[at : at + n] in small and n >= size), 0)
        verb = _VERBS.get(text[at : at + 2])
        if verb:
            flush()
            found.append(Word("action_on", text[at : at + 2], verb))
            at += 2
        elif known and not (little > size or (little and small[folded[at : at + little]] != "none")):
            flush()
            found.append(Word(known[0].kind, text[at : at + size], known[0].en))
            at += size
        elif little:
            flush()
            found.append(Word(small[folded[at : at + little]], text[at : at + little]))
            at += little
        else:
            unknown += text[at]
            at += 1
    flush()
    return [word for word in found if word.kind != "none" or word.text in ("說", "寫著", "寫")]


def is_nounish(word: Word) -> bool:
    """Whether a noun, or what comes before one, starts here."""
    return word.kind in NOUNS or word.kind in (
        "unknown",
        "latin",
        "count",
        "classifier",
        "colour",
        "look",
        "expression",
    )


def is_phrase(word: Word) -> bool:
    return word.kind in PHRASES
