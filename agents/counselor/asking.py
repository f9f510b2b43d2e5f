"""What a question means where it stands: the types it names, and what it leaves to the turns before it.

No model is asked for that: a turn costs one request. "那感情方面呢？" names its own subject and is searched as it stands;
"可以再舉個例子嗎？" points back, so it is searched together with what the turn before was about.
"""

from __future__ import annotations

import re
import unicodedata

__all__ = ["TYPES", "leans_on", "own_type", "own_words", "points_back", "types_named"]

TYPES = tuple(a + b + c + d for a in "IE" for b in "NS" for c in "FT" for d in "JP")
_TYPE = re.compile(r"(?<![A-Za-z])([IE][NS][FT][JP])(?:-[AT])?(?![A-Za-z])", re.I)
# Who a type belongs to is read off the clause before it.
_OWN = re.compile(r"(?:我|本人|自己|人家)|(?<![a-z])(?:i|i'm|im|i am|my type|myself)(?![a-z])", re.I)
_OTHERS = re.compile(
    r"我(?:的)?(?:男友|女友|男朋友|女朋友|另一半|伴侶|老公|老婆|先生|太太|前任|爸|媽|父|母|哥|姊|姐|弟|妹|室友|同學|朋友|好友|閨蜜|老師|教授"
    r"|主管|老闆|同事|組員|學長|學姊|學姐|學弟|學妹|曖昧對象|對象|家人|小孩|孩子|兒子|女兒|們)|他|她|對方"
    r"|(?<![a-z])(?:my (?!type|result|mbti)\w+|he|she|his|her|they|their)(?![a-z])",
    re.I,
)
_BEING = re.compile(r"身為|作為|\bas an?\s*$", re.I)
_CLAUSE = re.compile(r"[，。！？；、,.!?;\n]")
_REACH = 16  # characters before a type in which its owner is looked for

# What people say to have more of the same: an example, other words, what to do first, what if it does not work.
_BACK = re.compile(
    r"舉(?:個|一個)?例|例子|例如呢|第[一二三四1-4１-４](?:點|個|項|步|段)|剛剛|剛才|上面|前面(?:說|提)|你(?:說|講|提)(?:的|到)|照你說|這樣|那樣|為什麼|為何"
    r"|具體|[再多](?:多)?(?:說|講|解釋|仔細|詳細|簡單|白話)|(?:說|講)(?:得|的)?(?:更|再)?(?:詳細|清楚|白話|簡單)|(?:詳細|簡單|白話)一點|太(?:短|長|籠統|抽象)|換句話"
    r"|怎麼做|做不到|什麼意思|不懂|還有(?:嗎|呢|別的|其他)|然後呢|接下來|先做(?:什麼|哪)|從哪(?:裡|邊)?開始|怎麼開始|第一步|要多久|多久才"
    r"|所以(?:我)?(?:該|要|應該)|真的(?:嗎|有用)|有用嗎|如果(?:還是|沒用|不行|他還|對方還)|還是(?:不行|沒用)|試過了|(?:別|其他|另外)的?(?:方法|辦法|方式|招)"
    r"|這(?:個|些|點|種|招)|那(?:個|些|點)"
    r"|\b(?:example|examples|elaborate|more detail|simpler|shorter|longer|why|that|this|it|those|these|the (?:first|second|third|last)|what else"
    r"|then what|you said|you mentioned|go on|how so|how long|where do i start|what if it|another way)\b",
    re.I,
)
# Leaving the subject on purpose: what comes after it stands by itself.
_AWAY = re.compile(
    r"(?:先)?(?:不|別)(?:講|說|聊|談|管|提)這(?:個|些)?(?:了)?|換(?:個|一個)?(?:話題|題目|問題)|另外(?:想)?問|(?:話說|對了)[,，\s]|問別的"
    r"|\b(?:by the way|forget (?:it|that|this)|different (?:topic|question)|never mind|anyway)\b",
    re.I,
)
_JOINED = re.compile(
    r"^\s*(?:那麼?|所以|然後|還有|但是?|可是|不過|而且|另外|因為|如果|嗯|喔|好的?|換成|至於|and|but|so|then|what about|how about|also|ok)",
    re.I,
)
_SAYING = 5  # letters that saying one's type takes besides the type (我應該是, I'm)
_SHORT = 9  # a question of so few letters rarely stands by itself


def types_named(text: str) -> list[str]:
    """The type codes in `text`, each once, in order: full-width and lower-case letters and INFP-T count as well."""
    return list(dict.fromkeys(found.group(1).upper() for found in _TYPE.finditer(_plain(text))))


def own_type(text: str) -> str:
    """The type that the writer says they have ("我是 infp", "身為INFJ", a message that is only a code), "" if none."""
    plain = _plain(text)
    if _TYPE.fullmatch(plain.strip()):
        return plain.strip()[:4].upper()
    for found in _TYPE.finditer(plain):
        before = _CLAUSE.split(plain[: found.start()])[-1][-_REACH:]
        whose = [(match.end(), "other") for match in _OTHERS.finditer(before)]
        whose += [(match.end(), "own") for match in _OWN.finditer(before)]
        if _BEING.search(before) or (whose and max(whose)[1] == "own"):
            return found.group(1).upper()
    return ""


def points_back(question: str) -> bool:
    """Whether the question is about what was said before, whatever words of its own it has.

    Somebody who only tells their type ("我是 INFP") wants what was said before for that type.
    """
    plain = _plain(question)
    if _AWAY.search(plain):
        return False
    said = _CLAUSE.sub("", _TYPE.sub("", plain))
    only_a_type = bool(own_type(question)) and sum(character.isalnum() for character in said) <= _SAYING
    return only_a_type or bool(_BACK.search(plain))


def leans_on(question: str) -> bool:
    """Whether the question may need the one before it to be understood."""
    if _AWAY.search(_plain(question)):
        return False
    letters = sum(character.isalnum() for character in question)
    return points_back(question) or bool(_JOINED.search(_plain(question))) or letters <= _SHORT


def own_words(question: str) -> str:
    """What a question that points back says by itself; "" where that is too little to search with."""
    left = _TYPE.sub("", _JOINED.sub("", _BACK.sub("", _plain(question))))
    return question if sum(character.isalnum() for character in left) >= _SAYING else ""


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text)
