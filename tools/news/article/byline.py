"""Who wrote a story. In Taiwan that stands in its text more often than in its head: 記者○○○／台北報導, （中央社記者○○○台北4日電）."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

__all__ = ["SIGNED", "is_person", "join_names", "read_byline"]

_MOST_NAMES = 10
_HAN = "\u3400-\u9fff"
_NAME = f"[{_HAN}]{{2,4}}"
_LATIN = r"[A-Z][\w.'’-]+(?: [A-Z][\w.'’-]+){1,3}"
_SIGN = r"\s*[／/:：｜|]\s*"
_DIVIDE = re.compile(r"\s*[、,，;；&．‧]\s*|\s+(?:and|und|y|et)\s+|\s*/\s*")
_ADDRESS = re.compile(r"https?:|www\.|@|\.(?:com|net|org|tw)\b|[<>{}\d]{2}")
# （王煌忠／台中報導） may stand anywhere in a text without being a sentence of it.
SIGNED = re.compile(f"[（(【〔]{_NAME}{_SIGN}[{_HAN}]{{2,6}}(?:報導|報道|電)[）)】〕]")


@dataclass(frozen=True)
class _Words:
    forms: tuple[re.Pattern[str], ...]
    not_name: re.Pattern[str]
    places: re.Pattern[str]
    surnames: tuple[str, ...]


@cache
def _words() -> _Words:
    import yaml

    given = yaml.safe_load(Path(__file__).with_name("bylines.yaml").read_text(encoding="utf-8"))
    lists = {
        name: "|".join(sorted(given[name], key=len, reverse=True)) for name in ("roles", "labels", "ends", "places")
    }
    roles, labels, ends = lists["roles"], lists["labels"], lists["ends"]
    forms = (
        # 主編／柯妙語．記者／吳鳳瑤 · 記者 / 林俐瑄
        f"(?:{roles}){_SIGN}({_NAME}(?:\\s*[、．]\\s*{_NAME}){{0,4}})",
        # （中央社記者邱俊欽桃園19日電） · 〔記者蔡文居／台南報導〕 · 【台灣醒報特派員劉東皋台中報導】
        f"(?:{roles})\\s*([{_HAN}、．]{{2,24}}?)\\s*(?=[／/]|\\d{{1,2}}\\s*日|(?:{ends}))",
        # 文／王小明 · 文：威廉・J・道布森（William J. Dobson） · 撰文｜陳大文
        f"(?:^|[\\s〔【（(])(?:{labels}){_SIGN}([^\\s（(|｜／/。，]{{2,20}})",
        f"[（(【〔]({_NAME}){_SIGN}[{_HAN}]{{2,6}}(?:報導|報道|電)[）)】〕]",
        f"實習編輯\\s+({_NAME})|編輯\\s+({_NAME})\\s*$",
        rf"^\W*(?:[Bb]y|BY|Von|Por|Par)\s+({_LATIN}(?:(?:,| and) {_LATIN}){{0,3}})",
    )
    return _Words(
        tuple(map(re.compile, forms)),
        re.compile("|".join(given["not_name"])),
        re.compile(lists["places"]),
        tuple(given["surnames"]),
    )


def read_byline(lines: Iterable[str]) -> str:
    """The first name or names in the given lines, "" where there is none. Lines without a byline cost nothing."""
    for line in lines:
        line = line[:400]
        for pattern in _words().forms:
            for found in pattern.finditer(line):
                names = [_trim(name) for name in _DIVIDE.split(next(filter(None, found.groups()), ""))]
                good = [name for name in names if name and is_person(name)]
                if good:
                    return join_names(good)
    return ""


def _trim(name: str) -> str:
    """The name alone, where a place runs on behind it: a Chinese name has three characters, four with a double surname."""
    name = name.strip(" ．.、：:")
    if not re.fullmatch(f"[{_HAN}]+", name):
        return name
    place = _words().places.search(name[2:])
    if place:
        return name[: 2 + place.start()]
    return name if len(name) <= 3 or (len(name) == 4 and name.startswith(_words().surnames)) else name[:3]


def is_person(name: str, sites: Sequence[str] = ()) -> bool:
    """Whether this may be a person's name: no address, no desk or house, not the site's own name."""
    name = name.strip()
    if not 2 <= len(name) <= 60 or _ADDRESS.search(name):
        return False
    if name.startswith("(") or any(_overlap(name.casefold(), site.casefold()) for site in sites if site):
        return False
    return not (re.search(f"[{_HAN}]", name) and _words().not_name.search(name))


def _overlap(name: str, site: str) -> bool:
    return name == site or (len(name) > 2 and (name in site or site in name))


def join_names(names: Iterable[str]) -> str:
    """One line of names, each once."""
    return "、".join(list(dict.fromkeys(name.strip() for name in names if name.strip()))[:_MOST_NAMES])
