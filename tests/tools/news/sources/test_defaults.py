"""The default list as a file: it fits its schema, says why, and a broken one is refused with its place."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from tests.tools.news.sources.kit import DATA
from tools.chinese import inspect
from tools.news.sources import BadSourceList, home_zone, read_defaults
from tools.news.sources.errors import SourceError
from tools.news.sources.listed import place_of
from tools.news.web import clean_url
from tools.words import Words

FILE = DATA.parents[2] / "rag_data" / "feeds" / "default.yaml"
DEFAULTS = read_defaults()


def spoken() -> list[str]:
    lines = [*DEFAULTS.topics.values(), *DEFAULTS.reasons.values(), *(bad.why for bad in DEFAULTS.not_shipped)]
    return [line.zh for line in lines]


@pytest.mark.parametrize("source", DEFAULTS.sources, ids=lambda source: source.id)
def test_every_default_source(source) -> None:
    assert clean_url(source.url) == source.url  # nothing to clean: what is shown is what is asked
    assert not source.id.startswith("own-")
    assert source.checked or not source.enabled, "nobody has seen it working"
    assert DEFAULTS.warning(source.url) is None
    rule = DEFAULTS.rule_for(source.url)
    assert rule is None or (rule.permission, rule.why) == (source.permission, source.why)


def test_no_place_twice_and_enough_to_start_with() -> None:
    places = [place_of(source.url) for source in DEFAULTS.sources]
    assert len(set(places)) == len(places) >= 30
    assert 8 <= sum(source.enabled for source in DEFAULTS.sources) <= 15
    assert {topic for source in DEFAULTS.sources for topic in source.topics} == set(DEFAULTS.topics)
    assert {each.why for each in (*DEFAULTS.sources, *DEFAULTS.hosts)} == set(DEFAULTS.reasons)


def test_its_chinese_is_that_of_taiwan() -> None:
    for line in spoken():
        assert inspect(line).clean, line


def test_no_source_that_is_known_to_be_dead_is_shipped() -> None:
    dead = ("bnext.com.tw", "udn.com", "news.google.com", "www.cna.com.tw/rss", "business.xml")
    assert not [source.url for source in DEFAULTS.sources if any(part in source.url for part in dead)]


CHANGES = {
    "an unknown field": ("    name: 公視新聞網", "    name: 公視新聞網\n    colour: red", "colour"),
    "an id twice": ("id: pts", "id: ltn", "id twice"),
    "an address twice": (
        "https://news.pts.org.tw/xml/newsfeed.xml",
        "https://news.ltn.com.tw/rss/all.xml",
        "url twice",
    ),
    "a dangerous address": ("https://news.pts.org.tw/xml/newsfeed.xml", "javascript:alert(1)", "url"),
    "credentials": ("https://news.pts.org.tw/xml/newsfeed.xml", "https://me:pw@news.pts.org.tw/", "url"),
    "an unknown topic": ("topics: [depth]", "topics: [weather]", "weather"),
    "an unknown reason": ("why: open-metadata", "why: because", "because"),
    "an unknown permission": ("permission: headline", "permission: everything", "permission"),
    "a day that is none": ('checked: "2026-07-02"\n    enabled', 'checked: "2026-13-02"\n    enabled', "checked"),
    "no YAML": ("sources:\n", "sources: [\n", ""),
    "code": ("name: 公視新聞網", "name: !!python/object/apply:os.system ['true']", ""),
    "nothing": (None, "", ""),
    "no UTF-8": (None, "\udcff\udcfe", ""),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_broken_list_says_where(change: str, tmp_path: Path) -> None:
    old, new, said = CHANGES[change]
    text = FILE.read_text(encoding="utf-8")
    assert old is None or old in text
    file = tmp_path / "default.yaml"
    file.write_bytes((new if old is None else text.replace(old, new, 1)).encode("utf-8", "surrogateescape"))
    with pytest.raises(BadSourceList) as refused:
        read_defaults(file)
    assert said in refused.value.message() and "default.yaml" in refused.value.message("en")
    with pytest.raises(BadSourceList):
        read_defaults(tmp_path / "none.yaml")


def test_an_edited_list_is_read_again(tmp_path: Path) -> None:
    import os

    file = tmp_path / "default.yaml"
    file.write_text(FILE.read_text(encoding="utf-8"), encoding="utf-8")
    assert read_defaults(file).sources[4].name == "公視新聞網"
    file.write_text(FILE.read_text(encoding="utf-8").replace("公視新聞網", "公視", 1), encoding="utf-8")
    os.utime(file, (1, 1))
    assert read_defaults(file).sources[4].name == "公視"


def test_the_readme_names_every_field() -> None:
    readme = (FILE.parent / "README.md").read_text(encoding="utf-8")
    fields = {field for source in yaml.safe_load(FILE.read_text(encoding="utf-8"))["sources"] for field in source}
    assert all(f"`{field}`" in readme for field in fields)


def test_every_error_and_note_has_its_words() -> None:
    words = Words.load(SourceError.words_file)
    # BadChange is raised with the name of what does not fit.
    kinds = {kind.code for kind in SourceError.__subclasses__()} - {"bad_change"}
    assert len(kinds) >= 6 and all(words.has(code) for code in kinds)
    reasons = ("itself", "announced", "linked", "known_path", "robots", "list", "page")
    assert all(words.has(f"found_{reason}") for reason in reasons)


def test_sites_of_the_list_have_their_time_zone() -> None:
    """Stops: a Taiwanese site outside .tw whose naive times would stay unknown on its list page."""
    from urllib.parse import urlsplit

    carriers = {"feeds.feedburner.com", "feeds.bbci.co.uk", "www.rfi.fr"}
    hosts = {
        urlsplit(source.url).hostname or "" for source in DEFAULTS.sources if source.language == "zh-TW"
    } - carriers
    assert not [host for host in hosts if home_zone(host) is None]
