"""Pages made to break a reader: each ends within a child's processor and memory limits, with plain text or none."""

from __future__ import annotations

import resource
import subprocess
import sys
from pathlib import Path

import pytest

from tests.tools.news.article.pages import LEAD, page
from tools.news.article import extract
from tools.news.model import Entry

ROOT = Path(__file__).resolve().parents[4]
SECONDS, MEMORY = 90, 3 * 2**30
SIZE = 5_000_000
# Each is made in the child, from a piece and how often it fits.
HOSTILE = {
    "nested elements": "'<div>x' * (n // 6)",
    "nested inline": "'<b><i>' * (n // 6)",
    "unclosed links": "'<a href=x>abc' * (n // 13)",
    "tables in tables": "'<table><tr><td>hello' * (n // 20)",
    "many paragraphs": "'<p>這是一個很長的句子，沒有其他內容。</p>' * (n // 25)",
    "one word": "'a' * n",
    "angle brackets": "'<' * n",
    "null bytes": "'\\0' * n",
    "deep JSON": "'<script type=\"application/ld+json\">' + '[' * n + '</script>'",
    "wide JSON": '\'<script type="application/ld+json">[\' + \'{"@type":"NewsArticle","headline":"x"},\' * (n // 42) + \'{}]</script>\'',
    "open scripts": "'<script>{\"a' * (n // 11)",
    "headings": "'<h1>Title here again</h1>' * (n // 26)",
    "bars in the title": "'</body><title>' + 'a | ' * (n // 4) + '</title>'",
    "entities": "'<!DOCTYPE x [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;&a;\">]>' + '&b;&amp;' * (n // 8)",
    "bylines": "('<p>' + '（記者' * 40 + '</p>') * (n // 130)",
    "classes": "'<p class=\"' + 'a-b ' * (n // 4) + '\">x</p>'",
}
CHILD = """
import logging, sys
logging.disable(logging.CRITICAL)
from tools.news.article import extract
from tools.news.model import Entry
n = {size}
story = extract("<html><head><title>t</title></head><body>" + {made}, "https://a.example.tw/x")
assert isinstance(story.text, str) and len(story.text) <= n
assert "\\0" not in story.text
sys.stdout.write("done")
"""


def limit() -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


@pytest.mark.parametrize("made", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_page_ends(made: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", CHILD.format(size=SIZE, made=made)],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        preexec_fn=limit,
    )
    assert (done.returncode, done.stdout) == (0, "done"), done.stderr[-600:]


@pytest.mark.parametrize(
    "spoiled",
    [
        page().replace("<article>", "<article>" + "<div>" * 100),
        page().replace("衛福部", "衛\0福\x08部"),
        page().replace("</p>", ""),
        page().replace("</article>", "").replace("</body>", "").replace("</html>", ""),
        page()[: page().index("</article>")],
        page().replace("<article>", "<article><!-- <p>藏在註解裡</p> --><template><p>藏在樣板裡</p></template>"),
        "<?xml version='1.0' encoding='big5'?>" + page(),
        "\ufeff" + page(),
        page().replace(
            "</article>",
            '</article><iframe src="https://evil.example/"></iframe><object data="file:///etc/passwd"></object>',
        ),
    ],
    ids=["depth", "controls", "open p", "open all", "cut", "hidden", "xml", "mark", "frames"],
)
def test_a_spoiled_page_still_has_its_story(spoiled: str) -> None:
    story = extract(spoiled, "https://news.example.tw/1")
    assert LEAD[10:40] in story.text
    assert not any(each in story.text for each in ("\0", "\x08", "藏在", "passwd", "<"))


def test_bytes_cut_within_a_character_and_worse_are_read() -> None:
    data = page().encode()
    assert LEAD in extract(data[:-1] + b"\xe5", "https://news.example.tw/1").text
    noise = bytes(range(256)) * 40
    assert isinstance(extract(noise, "https://news.example.tw/1").text, str)
    assert LEAD in extract(data.replace("首頁".encode(), b"\xff\xfe\xfa"), "https://news.example.tw/1").text


def test_a_story_below_all_depths_is_the_feeds() -> None:
    deep = page().replace("<article>", "<article>" + "<div>" * 3_000)
    assert isinstance(extract(deep, "https://news.example.tw/1").text, str)
    entry = Entry("https://news.example.tw/1", "標題", "test", body=LEAD)
    assert extract(deep, entry.url, entry=entry).text == LEAD


@pytest.mark.parametrize(
    "url", ["", "not a url", "https://[", "javascript:alert(1)", "https://" + "a" * 5_000, "https://a.tw:99999/"]
)
def test_any_address_will_do(url: str) -> None:
    assert LEAD in extract(page(), url).text
