"""What a question means where it stands: the types it names, and what it leaves to the turns before it.

No model is asked for that: a turn costs one request. "那感情方面呢？" names its own subject and is searched as it stands,
and so is "那我的貓呢？", which the notes say nothing about; "可以再舉個例子嗎？" points back, so it is searched together with what
the turn before was about.
"""

from __future__ import annotations

import re
import unicodedata

__all__ = ["TYPES", "leans_on", "only_types", "own_type", "own_words", "points_back", "types_named"]

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

# What people say to have more of the same: an example, other words, a certain point, what to do first.
_BACK = re.compile(
    r"舉(?:個|一個)?例|例子|例如呢|第[一二三四1-4１-４](?:點|個|項|步|段)|剛剛|剛才|上面|前面(?:說|提)|你(?:說|講|提)(?:的|到)|照你說|這樣|那樣"
    r"|[再多](?:多)?(?:說|講|解釋|仔細|詳細|簡單|白話)|(?:說|講)(?:得|的)?(?:更|再)?(?:詳細|清楚|白話|簡單)|(?:詳細|簡單|白話|具體)一點|換句話"
    r"|什麼意思|還有(?:嗎|呢|別的|其他)|先做(?:什麼|哪)|從哪(?:裡|邊)?開始|第一步|試過了|(?:別|其他|另外)的?(?:方法|辦法|方式|招)"
    r"|(?:這|那)(?:個|些|點|種|招)(?!月|禮拜|星期|學期|週末|暑假|寒假|人|時候|偏好|類型|個性|性格)"
    r"|\b(?:example|examples|elaborate|more detail|simpler|shorter|longer|this(?! \w*(?:preference|type|week|month|year|term|semester|job|major))|it|those|these(?! notes)|the (?:first|second|third|last)|what else"
    r"|that(?=\W*$| (?:mean|means|work|works|help|helps|happen|happens|again|more|one|part|point|is|was|would|already)\b)|then what|you said|you mentioned|go on|how so|where do i start|what if it|another way)\b",
    re.I,
)
# Said of what came before where the question names nothing else: "怎麼做？" does, "披薩要怎麼做？" does not.
_FAINT = re.compile(
    r"怎麼(?:做|辦|開始|說|講)|做不到|為什麼|為何|具體|不懂|看不懂|然後|接下來|要?多久|才會|有用|如果|還是|不行|沒用|真的|太(?:短|長|籠統|抽象)"
    r"|(?:應該|可以|需要|一定|比較|直接|到底|其他|別的|本來|所以|但是|可是|不過|而且|另外|因為|至於|換成|身為|作為|怎麼|什麼|多少|哪裡|哪些|不會|不能|不敢|不要|是不是|有沒有|對了|謝謝)"
    r"|[我你他她的了嗎呢啊吧喔欸耶嘛唷哦嗯是有會要能該也都就才先再又還很好不沒那這跟和與給對像換用做說問想吃用來去到請讓把]"
    r"|\b(?:and|but|so|then|what|about|how|why|tho|though|also|ok|okay|well|hmm|really|no|yes|please|i'm|im|i|am|is|are|do|does|did|can|could"
    r"|should|would|will|you|me|my|the|a|an|to|of|for|with|if|not|still|already|tried|long|take|now|or)\b",
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
_SAYING = 3  # letters that a question must keep without its words of asking to be worth searching with


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
    """Whether the question is about what was said before, because it says so or names nothing else to be about.

    Somebody who only tells or names a type ("我是 INFP", "那跟 ESTJ 呢？") wants what was said before for that type.
    """
    plain = _plain(question)
    if _AWAY.search(plain):
        return False
    return bool(_BACK.search(plain)) or not _named(plain)


def only_types(question: str) -> list[str]:
    """The types of a question that names types and nothing else ("那跟 ESTJ 呢？"), [] for any other."""
    plain = _plain(question)
    return [] if _AWAY.search(plain) or _BACK.search(plain) or _named(plain) else types_named(plain)


def leans_on(question: str) -> bool:
    """Whether the question needs the one before it to be understood.

    One that names something of its own ("那我的貓呢？") stands by itself, also where the notes hold nothing about that.
    """
    return points_back(question)


def _named(plain: str) -> str:
    """The letters of a question that are neither types nor words of asking: what it is about, "" if it does not say."""
    left = _FAINT.sub("", _TYPE.sub("", _JOINED.sub("", plain)))
    return "".join(character for character in left if character.isalnum())


def own_words(question: str) -> str:
    """What a question that points back says by itself; "" where that is too little to search with."""
    return question if len(_named(_BACK.sub(" ", _plain(question)))) >= _SAYING else ""


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text)
