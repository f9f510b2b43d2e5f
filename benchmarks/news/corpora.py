"""Reads corpora of pages with their marked text, each in the layout that it is published in.

saeb    scrapinghub/article-extraction-benchmark: ground-truth.json, html/<id>.html.gz
fundus  flairNLP/fundus: tests/resources/parser/test_data/<country>/<publisher>.json, meta.info, <publisher>_<day>.html.gz
magic   opendatalab/magic-html: benchmark/data/article/base.json, htmls/<id>.html (its Chinese pages)
folder  one's own: gold.json {id: {url, articleBody, title, date, author}}, <id>.html
"""

from __future__ import annotations

import gzip
import hashlib
import json
import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

__all__ = ["Sample", "read_folder", "read_fundus", "read_magic", "read_saeb", "read_zh"]

_HAN = re.compile("[\u3400-\u9fff]")
_KANA = re.compile("[\u3040-\u30ff]")


@dataclass(frozen=True)
class Sample:
    """One page and what is known of it; None where the corpus does not say. `cjk`: its words are counted by character."""

    id: str
    url: str
    page: bytes
    body: str
    title: str | None = None
    date: datetime | None = None
    authors: tuple[str, ...] | None = None
    seen_at: datetime | None = None
    cjk: bool = False

    @property
    def tuned(self) -> bool:
        """Whether the page is of the half that the weights are trained on; the other half is held out."""
        return int(hashlib.md5(self.id.encode()).hexdigest(), 16) % 2 == 0


def read_saeb(folder: Path) -> list[Sample]:
    """The scrapinghub benchmark: 181 pages with their body."""
    truth = json.loads((folder / "ground-truth.json").read_text(encoding="utf-8"))
    return [
        Sample(
            name,
            given.get("url", ""),
            gzip.decompress((folder / f"html/{name}.html.gz").read_bytes()),
            given["articleBody"],
        )
        for name, given in sorted(truth.items())
    ]


def read_fundus(folder: Path) -> list[Sample]:
    """The pages that Fundus tests its parsers on. Which of a publisher's pages a version of its parser belongs to is not said
    there: it is the one that holds the version's paragraphs."""
    samples = []
    for info in sorted(folder.glob("tests/resources/parser/test_data/*/meta.info")):
        about = json.loads(info.read_text(encoding="utf-8"))
        for truth in sorted(info.parent.glob("*.json")):
            name = re.compile(re.escape(truth.stem) + r"_\d{4}_\d\d_\d\d\.html\.gz")
            pages = sorted(path for path in info.parent.iterdir() if name.fullmatch(path.name))
            given = json.loads(truth.read_text(encoding="utf-8"))
            texts = {path: gzip.decompress(path.read_bytes()).decode("utf-8", "replace") for path in pages}
            for version in given.values():
                path = max(texts, key=lambda each, version=version: _held(version, texts[each]))
                texts.pop(path)
                samples.append(_fundus_sample(path, version, about[path.name]))
    return samples


def _held(version: dict, page: str) -> int:
    lines = [line for section in version["body"]["sections"] for line in section["paragraphs"]]
    return sum(line[:25] in page for line in [*lines, version.get("title") or ""] if line)


def _fundus_sample(path: Path, given: dict, about: dict) -> Sample:
    body = given["body"]
    lines = [*body["summary"]]
    for section in body["sections"]:
        lines += [*section["headline"], *section["paragraphs"]]
    date = given.get("publishing_date")
    return Sample(
        id=f"{path.parent.name}/{path.name[:-8]}",
        url=about["url"],
        page=gzip.decompress(path.read_bytes()),
        body="\n".join(lines),
        title=given.get("title"),
        date=datetime.fromisoformat(date) if date else None,
        authors=tuple(given.get("authors") or ()),
        seen_at=datetime.fromisoformat(about["crawl_date"]),
    )


def read_magic(folder: Path) -> list[Sample]:
    """The Chinese pages of magic-html's benchmark (no Japanese ones)."""
    base = folder / "benchmark/data/article"
    samples = []
    for name, given in json.loads((base / "base.json").read_text(encoding="utf-8")).items():
        body = given["content"]
        if len(_HAN.findall(body)) > 0.3 * len(body) and len(_KANA.findall(body)) < 0.05 * len(body):
            page = (base / f"htmls/{name}.html").read_bytes()
            samples.append(Sample(name, given["url"], page, body, cjk=True))
    return samples


def read_folder(folder: Path) -> list[Sample]:
    """A folder of one's own."""
    samples = []
    for name, given in json.loads((folder / "gold.json").read_text(encoding="utf-8")).items():
        date = given.get("date")
        samples.append(
            Sample(
                id=name,
                url=given.get("url", ""),
                page=(folder / f"{name}.html").read_bytes(),
                body=given["articleBody"],
                title=given.get("title"),
                date=datetime.fromisoformat(date) if date else None,
                authors=(given["author"],) if given.get("author") else None,
                cjk=True,
            )
        )
    return samples


def read_zh(folder: Path) -> list[Sample]:
    """Chinese pages, in magic-html's layout or in a folder of one's own."""
    return read_folder(folder) if (folder / "gold.json").exists() else read_magic(folder)
