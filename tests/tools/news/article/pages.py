"""Small pages made by hand, as Taiwanese papers lay theirs out: a bar of links, a story, what to read next, a footer."""

from __future__ import annotations

__all__ = ["LEAD", "MORE", "REST", "TITLE", "page"]

TITLE = "21 家醫院導入語音病歷 護理師交班省 40 分鐘"
LEAD = (
    "衛福部今天宣布，全台 21 家醫院下個月起導入語音病歷系統，護理師交班時間平均少了 40 分鐘，第一線人員反應普遍良好。"
)
REST = (
    "系統由成大醫院和一家新創公司合作開發，已在急診試用半年。院方表示，錄音不會離開院內，未來將開放診所申請。",
    "護理師公會則提醒，語音辨識仍有錯字，交班前務必再看一遍；公會也希望醫院不要因為省下時間而減少人力，否則負擔反而更重。",
    "衛福部說，明年會再補助 30 家地區醫院，並請專家評估病人隱私，結果將在年底前公布，供各界檢視與討論。",
)
MORE = "颱風明天登陸 各地停班停課一次看"


def page(
    *paragraphs: str,
    head: str = "",
    title: str = f"{TITLE}｜生活｜測試報",
    heading: str = TITLE,
    lang: str = "zh-Hant-TW",
) -> str:
    """A page with a story of `paragraphs`, or with the usual one."""
    story = "\n".join(f"<p>{text}</p>" for text in paragraphs or (LEAD, *REST))
    links = "".join(f'<li><a href="/n/{at}">{MORE}之{at}</a></li>' for at in range(6))
    return f"""<!doctype html><html lang="{lang}"><head><meta charset="utf-8"><title>{title}</title>{head}</head><body>
<header><nav><ul><li><a href="/">首頁</a></li><li><a href="/life">生活</a></li><li><a href="/sport">體育</a></li></ul></nav></header>
<script>var secret = "不該出現的程式碼";</script><style>.a {{ color: red }}</style>
<main><article><h1>{heading}</h1>{story}</article>
<aside><h3>延伸閱讀</h3><ul>{links}</ul></aside></main>
<footer><p>版權所有 不得轉載 關於我們 隱私權政策 客服信箱</p></footer></body></html>"""
