"""A digest as a document: Markdown, and HTML that needs nothing else and runs nothing. What a person muted is in neither."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from agents.digest.state import DigestArticle, DigestOutput
from tools.words import Lang, Words

__all__ = ["as_html", "as_json", "as_markdown"]

_HERE = Path(__file__).parent


def as_markdown(output: DigestOutput, lang: Lang) -> str:
    """The document. Text that looks like Markdown or HTML stays text; only http(s) addresses become links."""
    say = _sayer(lang)
    parts = [f"# {say('export_title', date=_day(output.made))}", _line(_about(output, lang))]
    for n, article in enumerate(output.articles, start=1):
        parts.append(f"## {n}. {_line(article.title)}")
        link = _link(article)
        about = [_line(one) for one in _facts(article, lang)]
        parts.append(" · ".join([*about, f"[{say('export_link')}](<{link}>)" if link else ""]).strip(" ·"))
        parts.append(_line(article.summary or article.brief))
        points = [f"- **{_line(name)}**：{_line(text)}" for name, text in article.points.items()]
        if points:
            parts.append("\n".join(points))
        reasons = _reasons(article, output, lang)
        if reasons:
            parts.append(
                "\n".join(
                    f"- {_line(name)} {score}{f'：「{_line(why)}」' if why else ''}" for name, score, why in reasons
                )
            )
    parts.append(f"---\n\n{_line(_counts(output, lang))}")
    return "\n\n".join(parts) + "\n"


def as_html(output: DigestOutput, lang: Lang) -> str:
    """The page: one file, no script, no picture, nothing loaded from anywhere."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    pages = Environment(loader=FileSystemLoader(_HERE / "templates"), autoescape=True, undefined=StrictUndefined)
    say = _sayer(lang)
    articles = [
        {
            "title": article.title,
            "link": _link(article),
            "facts": _facts(article, lang),
            "summary": article.summary or article.brief,
            "points": article.points,
            "reasons": _reasons(article, output, lang),
            "score": f"{article.score:.1f}",
            "share": round(min(max(article.score, 0.0), 10.0) * 10),
            "paragraphs": [line for line in article.text.split("\n") if line.strip()],
        }
        for article in output.articles
    ]
    return pages.get_template("digest.html").render(
        lang="zh-Hant-TW" if lang == "zh" else "en",
        title=say("export_title", date=_day(output.made)),
        about=_about(output, lang),
        counts=_counts(output, lang),
        articles=articles,
        words={name: say(f"export_{name}") for name in ("link", "text", "nothing")},
    )


def as_json(envelope: Mapping[str, Any], output: DigestOutput) -> str:
    """The run's envelope around `output`."""
    return json.dumps({**envelope, "output": output.model_dump(mode="json")}, ensure_ascii=False, indent=2) + "\n"


def _sayer(lang: Lang) -> Any:
    words = Words.load(_HERE / "messages.yaml")
    return lambda key, **params: words.say(key, lang, **params)


def _day(made: str) -> str:
    return datetime.fromisoformat(made).astimezone().strftime("%Y-%m-%d") if made else ""


def _about(output: DigestOutput, lang: Lang) -> str:
    weights = "、".join(f"{one['name'][lang]} {one['weight']:g}" for one in output.rubric.get("criteria", []))
    name = output.rubric.get("name", {}).get(lang, "")
    say = _sayer(lang)
    topic = output.topic or say("export_any_topic")
    return say("export_about", topic=topic, rubric=name, weights=weights)


def _facts(article: DigestArticle, lang: Lang) -> list[str]:
    say = _sayer(lang)
    when = ""
    if article.published:
        when = datetime.fromisoformat(article.published).astimezone().strftime("%m/%d %H:%M")
    by = say("export_by_model" if article.summary_by == "model" else "export_by_offline")
    copies = say("export_copies", n=len(article.copies) + 1) if article.copies else ""
    return [one for one in (article.source, when, say("export_score", score=f"{article.score:.1f}"), by, copies) if one]


def _reasons(article: DigestArticle, output: DigestOutput, lang: Lang) -> list[tuple[str, str, str]]:
    names = {one["id"]: one["name"][lang] for one in output.rubric.get("criteria", [])}
    return [(names[id], f"{one.score:g}", one.why) for id, one in article.reasons.items() if id in names]


def _counts(output: DigestOutput, lang: Lang) -> str:
    """How many were seen and not shown, by reason. Of what is muted only the number: its words must not come back here."""
    say = _sayer(lang)
    whys = [story.why for story in output.dropped]
    if not whys:
        return say("export_all", shown=len(output.articles))
    told = [f"{say(f'export_why_{why}')} {whys.count(why)}" for why in dict.fromkeys(whys)]
    return say("export_counts", shown=len(output.articles), hidden=len(whys), whys="、".join(told))


def _link(article: DigestArticle) -> str:
    from tools.news.web import safe_link

    return (safe_link(article.url) or "").replace(">", "%3E").replace("<", "%3C")


def _line(text: str) -> str:
    """`text` on one line so that no viewer takes anything in it for markup."""
    plain = " ".join(text.split())
    for mark in "\\`*_[]<>#|!~":
        plain = plain.replace(mark, "\\" + mark)
    return plain
