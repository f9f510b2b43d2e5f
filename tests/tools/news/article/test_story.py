"""A Taiwanese page becomes a story: its text without what stands around it, its own title, byline and time."""

from __future__ import annotations

from tools.news.article import extract

PAGE = """<html><head><title>21 家醫院導入語音病歷｜生活｜測試報</title>
<meta property="article:published_time" content="2026-11-20T09:30:00+08:00"><script>alert(1)</script></head>
<body><nav><a href="/">首頁</a><a href="/life">生活</a></nav><article><h1>21 家醫院導入語音病歷</h1>
<p>記者王小明／台北報導</p><p>衛福部今天宣布，全台 21 家醫院下個月起導入語音病歷系統，護理師交班時間平均少了 40 分鐘。</p>
<p>系統由成大醫院和一家新創公司合作開發，已在急診試用半年。院方表示，錄音不會離開院內，未來將開放診所申請。</p>
</article><footer>版權所有 不得轉載 關於我們</footer></body></html>"""


def test_a_page_becomes_a_story() -> None:
    story = extract(PAGE, "https://news.example.tw/life/1", entry=None)
    assert "護理師交班時間平均少了 40 分鐘" in story.text and "開放診所申請" in story.text
    assert not any(other in story.text for other in ("首頁", "版權所有", "alert"))
    assert (story.title, story.author) == ("21 家醫院導入語音病歷", "王小明")
    assert story.published is not None and story.published.isoformat() == "2026-11-20T09:30:00+08:00"
    assert 0.0 <= story.agreement <= 1.0
