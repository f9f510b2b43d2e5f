"""A newsroom for tests: a site with as many different stories as wanted, and an editor that answers for a model."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from html import escape
from typing import Any

from tests.doubles.newssite import NewsSite

__all__ = ["Story", "asked_rows", "editor", "publish", "story"]

_WHO = [
    "台南市政府",
    "高雄一家新創公司",
    "花蓮的國小老師",
    "清華大學團隊",
    "一位退休工程師",
    "彰化農會",
    "台中榮總",
    "小港漁會",
    "屏東的咖啡農",
    "新竹縣消防局",
]
_DID = [
    "推出語音助理",
    "啟用影像辨識系統",
    "公布新的資料集",
    "完成第一階段測試",
    "開放線上課程",
    "簽下三年合約",
    "改用開源模型",
    "停用舊的排程系統",
    "發表期中成果",
    "展開實地調查",
]
_WHAT = [
    "門診掛號",
    "稻作病蟲害",
    "漁船回報",
    "長照派車",
    "校園午餐",
    "山區搜救",
    "舊書數位化",
    "公車班次",
    "市場攤位",
    "急診分流",
    "圖書借閱",
    "垃圾清運",
    "古蹟修復",
    "客語教學",
    "停車導引",
]
_PLACE = [
    "在舊市區的三個里",
    "於山線的五所學校",
    "在港口的倉庫",
    "於東部的兩座醫院",
    "在科學園區外圍",
    "於離島的村落",
    "在百年市場裡",
    "於河岸的工作站",
]
_SO = [
    "預計明年擴大到全縣",
    "可望每天省下四小時",
    "因此減少了排隊的時間",
    "將影響上百位從業者",
    "未來還要接受議會審查",
    "希望讓長輩也能使用",
]
_SAID = ["負責人表示", "使用者指出", "主管機關說明", "研究人員強調", "當地居民提醒", "工會代表認為"]


@dataclass(frozen=True)
class Story:
    """A story of the site."""

    path: str
    title: str
    teaser: str
    paragraphs: tuple[str, ...]
    published: datetime

    @property
    def html(self) -> str:
        body = "".join(f"<p>{escape(line)}</p>" for line in self.paragraphs)
        return (
            f"<!doctype html><html lang=zh-Hant><head><meta charset=utf-8><title>{escape(self.title)}｜小報</title></head>"
            f"<body><nav><a href=/>首頁</a></nav><article><h1>{escape(self.title)}</h1>{body}</article>"
            "<footer>小報 版權所有</footer></body></html>"
        )


def story(n: int, *, hours_old: float = 2.0) -> Story:
    """The n-th story: always the same, and unlike every other."""
    rng = random.Random(n)
    who, did, what = rng.choice(_WHO), rng.choice(_DID), rng.choice(_WHAT)
    title = f"{who}{did} {what}第{n}案先行"
    lines = []
    for _ in range(4):
        sentences = [
            f"{rng.choice(_SAID)}，{rng.choice(_PLACE)}，{rng.choice(_WHAT)}一年有{rng.randrange(100, 99_999)}人次，"
            f"{rng.choice(_DID)}之後少了{rng.randrange(3, 60)}%，{rng.choice(_SO)}"
            for _ in range(3)
        ]
        lines.append("。".join(sentences) + "。")
    lead = f"{who}今天宣布{did}，用在{what}，編號{n * 7919 % 10_007}，{rng.choice(_SO)}。"
    at = datetime.now(UTC) - timedelta(hours=hours_old, seconds=n)
    return Story(f"/story/{n}", title, lead, (lead, *lines), at)


def publish(site: NewsSite, stories: list[Story], path: str = "/feed.xml") -> str:
    """Put the stories and a feed of them on the site; the feed's address."""
    items = []
    for one in stories:
        site.put(one.path, one.html)
        items.append(
            f"<item><title>{escape(one.title)}</title><link>{site.url(one.path)}</link>"
            f"<description>{escape(one.teaser)}</description><pubDate>{format_datetime(one.published)}</pubDate></item>"
        )
    feed = f'<?xml version="1.0"?><rss version="2.0"><channel><title>小報</title>{"".join(items)}</channel></rss>'
    site.put(path, feed, "application/rss+xml")
    return site.url(path)


def asked_rows(body: Mapping[str, Any]) -> list[dict[str, str]]:
    """The rows of a question: id, title, what was wrong before, and text."""
    asked = body["messages"][1]["content"]
    pattern = r"^id: (\S+)\n來源：.*\n標題：(.*)\n(?:注意：(.*)\n)?(?:摘要|內文)：\n((?:>.*\n?)*)"
    return [
        {"id": id, "title": title, "problem": problem, "text": re.sub(r"^> ?", "", text, flags=re.M).strip()}
        for id, title, problem, text in re.findall(pattern, asked, re.M)
    ]


def editor(body: Mapping[str, Any]) -> str:
    """A model that does what it is asked: scores by the title's letters, summaries from the text's own sentences."""
    system, rows = body["messages"][0]["content"], asked_rows(body)
    if "評分項目" in system:
        criteria = re.findall(r"^- ([a-z_]+)：", system, re.M)
        answers = [
            {
                "id": row["id"],
                "topic": 8,
                "topic_why": "和主題有關",
                "scores": [
                    {
                        "criterion": name,
                        "score": (sum(map(ord, row["title"])) // (n + 3)) % 11,
                        "quote": row["title"][:6],
                    }
                    for n, name in enumerate(criteria)
                ],
                "same_event": "",
            }
            for row in rows
        ]
    else:
        points = re.findall(r"^- (.+)$", system.split("要點：", 1)[1], re.M)
        answers = [
            {
                "id": row["id"],
                "title": row["title"][:35],
                "brief": row["text"][:40],
                "summary": row["text"].replace("\n", "")[:120],
                "points": [{"name": name, "text": row["text"][:20]} for name in points],
            }
            for row in rows
        ]
    return json.dumps({"rows": answers}, ensure_ascii=False)
