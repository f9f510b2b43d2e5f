"""The list of sources: shipped ones with a person's changes, their own, and who decides what a model may read."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.tools.news.sources.kit import NOW, data
from tools.news.sources import BadChange, BadOpml, SourceMissing, Sources, SourceTaken, TooManySources, read_opml
from tools.news.sources import registry as module
from tools.news.web import Refused
from tools.storage import Database


@pytest.fixture
def sources(own_home: Path) -> Iterator[Sources]:
    found = Sources(own_home)
    yield found
    found.close()


def test_a_new_reader_starts_with_the_default_list(sources: Sources) -> None:
    listed = sources.list()
    assert [each.source.id for each in listed] == [each.id for each in sources.defaults.sources]
    assert not any(each.own or each.edited for each in listed)
    enabled = sources.list(enabled=True)
    assert 8 <= len(enabled) < len(listed) and all(each.source.language == "zh-TW" for each in enabled)
    assert {each.source.id for each in sources.list(topic="ai")} >= {"inside", "openai"}


def test_an_own_source(sources: Sources, own_home: Path) -> None:
    added = sources.add(" island.tw/feed?utm_source=x#top ", name="<b>島嶼</b>日報", topics=["科技"], language="zh-TW")
    assert (added.source.url, added.source.name, added.topics) == ("https://island.tw/feed", "島嶼日報", ("科技",))
    assert (added.own, added.source.kind, added.source.enabled) == (True, "auto", True)
    assert (added.source.permission, added.source.permission_from) == ("llm", "default")
    assert added.source.id.startswith("own-island-tw-")
    again = Sources(own_home)
    assert again.list()[-1] == added
    again.close()


def test_the_same_place_is_added_once(sources: Sources) -> None:
    sources.add("https://island.tw/feed", name="島嶼")
    for same in ("http://www.island.tw/feed/", "island.tw/feed?fbclid=1", "https://ISLAND.tw/feed#x"):
        with pytest.raises(SourceTaken) as refused:
            sources.add(same)
        assert "島嶼" in refused.value.message()
    with pytest.raises(SourceTaken, match="科技新報"):
        sources.add("http://technews.tw/feed")
    sources.add("https://island.tw/feed?page=2")


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "file:///etc/passwd", "ftp://a.tw/rss", "https://me:pw@a.tw/rss", "", "https://", "http://127.0.0.1/rss",
            "http://169.254.169.254/latest", "http://[::1]/", "http://2130706433/", "http://a.tw:22/", "https://" + "a" * 5000],
)  # fmt: skip
def test_addresses_that_are_never_asked_are_never_kept(sources: Sources, url: str) -> None:
    with pytest.raises(Refused):
        sources.add(url)
    assert not [each for each in sources.list() if each.own]


def test_a_private_address_needs_to_be_allowed(own_home: Path) -> None:
    sources = Sources(own_home, allow_origins=["http://127.0.0.1:8099"])
    assert sources.add("http://127.0.0.1:8099/rss").source.url == "http://127.0.0.1:8099/rss"
    with pytest.raises(Refused):
        sources.add("http://127.0.0.1:8098/rss")
    sources.close()


def test_values_are_checked_before_anything_changes(sources: Sources) -> None:
    wrong = [
        {"name": "字" * 81},
        {"kind": "paste"},
        {"language": "國語"},
        {"topics": ["x"] * 1 + [""]},
        {"topics": list("abcdef")},
        {"topics": ["長" * 21]},
    ]
    for change in wrong:
        with pytest.raises(BadChange) as refused:
            sources.add("https://island.tw/feed", **change)  # type: ignore[arg-type]
        assert refused.value.message("en")
        with pytest.raises(BadChange):
            sources.edit("pts", **change)  # type: ignore[arg-type]
    assert sources.add("https://island.tw/feed").source.name == "island.tw"
    assert not sources.get("pts").edited


def test_editing_a_default_source_is_kept_beside_the_list(sources: Sources) -> None:
    changed = sources.edit("pts", name="公視", url="https://news.pts.org.tw/rss2.xml", topics=[])
    assert (changed.source.name, changed.source.url, changed.topics, changed.edited) == (
        "公視",
        "https://news.pts.org.tw/rss2.xml",
        (),
        True,
    )
    assert changed.source.language == "zh-TW"
    sources.reset("pts")
    assert not sources.get("pts").edited and sources.get("pts").source.name == "公視新聞網"


def test_editing_an_own_source(sources: Sources) -> None:
    id = sources.add("https://island.tw/feed").source.id
    assert sources.edit(id, url="https://island.tw/rss", kind="feed").source.url == "https://island.tw/rss"
    sources.add("https://island.tw/feed")
    with pytest.raises(SourceTaken):
        sources.edit(id, url="http://technews.tw/feed/")
    with pytest.raises(SourceMissing) as missing:
        sources.edit("own-nobody", name="x")
    assert "own-nobody" in missing.value.message()


def test_switching_off_and_on(sources: Sources) -> None:
    assert not sources.enable("pts", False).source.enabled and not sources.get("pts").edited
    assert "pts" not in {each.source.id for each in sources.list(enabled=True)}
    assert sources.enable("pts").source.enabled


def test_deleting_and_coming_back(sources: Sources) -> None:
    own = sources.add("https://island.tw/feed").source.id
    for id in (own, "technews", "pts"):
        sources.delete(id)
        with pytest.raises(SourceMissing):
            sources.get(id)
    back = sources.add("https://technews.tw/feed/")
    assert back.source.id == "technews" and not back.own
    sources.reset()
    assert sources.get("pts").source.enabled
    assert sources.add("https://island.tw/feed").source.id == own  # the same address, the same id


def test_reset_leaves_own_sources_alone(sources: Sources) -> None:
    own = sources.add("https://island.tw/feed", enabled=False).source.id
    sources.permit(own, "headline")
    sources.enable("pts", False)
    sources.reset()
    assert sources.get("pts").source.enabled
    assert (sources.get(own).source.enabled, sources.get(own).source.permission) == (False, "headline")


def test_a_person_beats_robots_and_robots_beat_the_default(sources: Sources) -> None:
    def now() -> tuple[str, str]:
        source = sources.get("technews").source
        return source.permission, source.permission_from

    assert now() == ("llm", "default")
    sources.robots_said("technews", "headline", NOW)
    assert now() == ("headline", "robots") and "robots.txt" in sources.get("technews").message()
    sources.permit("technews", "llm")
    sources.robots_said("technews", "headline", NOW)
    assert now() == ("llm", "person")
    sources.permit("technews", None)
    assert now() == ("headline", "robots")
    sources.robots_said("technews", None, NOW)
    assert now() == ("llm", "default")
    for wrong in (sources.permit, lambda id, value: sources.robots_said(id, value, NOW)):
        with pytest.raises(BadChange):
            wrong("technews", "everything")  # type: ignore[arg-type]


def test_what_robots_said_of_an_old_address_is_forgotten(sources: Sources) -> None:
    sources.robots_said("technews", "headline", NOW)
    assert sources.edit("technews", url="https://cdn.technews.tw/feed/").source.permission_from == "default"


def test_sites_that_have_spoken_about_ai(sources: Sources) -> None:
    udn = sources.add("https://money.udn.com/rssfeed/news/1001/5590")
    assert udn.source.permission == "headline" and "不讓 AI" in udn.message() and udn.warning is None
    assert sources.add("https://notudn.com/rss").source.permission == "llm"


def test_an_address_known_not_to_work_is_said_to_be_so(sources: Sources) -> None:
    warned = sources.add("https://www.bnext.com.tw/rss/").warning
    assert warned is not None and "404" in warned.say("zh") and "404" in warned.say("en")
    assert sources.add("https://news.google.com/rss/search?q=AI").warning is not None


def test_importing_opml(sources: Sources) -> None:
    brought = sources.import_opml(data("subscriptions.opml"))
    assert [(each.source.name, each.topics) for each in brought.added] == [
        ("島嶼科技 & 生活", ("硬體", "科技")), ("沒有 text 的名字", ("科技",)), ("一個網頁", ()),
    ]  # fmt: skip
    assert brought.refused == 2 and brought.known == ()
    again = sources.import_opml(data("subscriptions.opml"))
    assert (len(again.added), len(again.known)) == (0, 3)
    with pytest.raises(BadOpml):
        sources.import_opml(b"<html></html>")


def test_an_import_that_is_too_large_adds_nothing(sources: Sources, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_OWN", 2)
    with pytest.raises(TooManySources):
        sources.import_opml(data("subscriptions.opml"))
    assert not [each for each in sources.list() if each.own]


def test_private_addresses_of_an_opml_file_are_refused(sources: Sources) -> None:
    body = b'<opml><body><outline text="a" xmlUrl="http://192.168.0.1/rss"/><outline text="b" xmlUrl="https://b.tw/rss"/></body></opml>'
    brought = sources.import_opml(body)
    assert (len(brought.added), brought.refused) == (1, 1)


def test_exporting_opml(sources: Sources) -> None:
    sources.add("https://island.tw/feed", name="島嶼", topics=["我的"])
    everything = read_opml(sources.export_opml("來源", NOW))
    assert len(everything.outlines) == len(sources.list())
    assert {each.url: each.folders for each in everything.outlines}["https://island.tw/feed"] == ("我的",)
    assert {each.url: each.folders for each in everything.outlines}["https://technews.tw/feed/"] == ("科技",)
    assert len(read_opml(sources.export_opml("來源", NOW, enabled=True)).outlines) == len(sources.list(enabled=True))


def test_other_parts_may_keep_tables_in_the_same_file(own_home: Path) -> None:
    """Stops: two lists of migrations counting in one user_version, so that the second never makes its tables."""
    ours = Sources(own_home)
    theirs = Database(own_home / "news.db", ("CREATE TABLE mute_rules (id TEXT)",))
    theirs.rows("SELECT * FROM mute_rules")
    third = Sources(own_home)
    third.add("https://island.tw/feed")
    assert ours.list()[-1].own
    for each in (ours, theirs, third):
        each.close()


def test_many_at_once(own_home: Path) -> None:
    """Stops: a lost source, or one added twice, when two pages change the list."""
    both = [Sources(own_home), Sources(own_home)]
    trouble: list[str] = []

    def work(sources: Sources) -> None:
        for n in range(15):
            try:
                sources.add(f"https://island.tw/feed/{n}")
            except SourceTaken as taken:
                trouble.append(taken.key)

    threads = [threading.Thread(target=work, args=(each,)) for each in both]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len([each for each in both[0].list() if each.own]) == 15 and len(trouble) == 15
    for each in both:
        each.close()
