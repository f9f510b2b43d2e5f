"""Bytes to characters, as Taiwanese pages really come."""

from __future__ import annotations

import pytest

from tools.news.web import Fetched, decode
from tools.news.web.charset import codec_of, declared_charset, decode_body

STORY = "台北訊：今天天氣很好，適合寫程式。第 1 則新聞說，氣象署預測週末轉涼，民眾外出記得帶外套。" * 3
BIG5 = STORY.encode("big5")


@pytest.mark.parametrize(
    "body, hint",
    [
        (BIG5, "big5"), (BIG5, "Big5-ETEN"), (BIG5, "cp950"), (STORY.encode(), "utf-8"), (STORY.encode(), ""), (STORY.encode(), "UTF8"),
        (STORY.encode("utf-8-sig"), "big5"), (STORY.encode("utf-16"), ""), (STORY.encode("utf-16-be"), "utf-16be"),
        (STORY.encode("utf-32"), "utf-8"), (STORY.encode(), "iso-8859-1"), (STORY.encode(), "us-ascii"), (STORY.encode(), "utf-16"),
        (BIG5, "utf-8"), (BIG5, ""), (STORY.encode(), "big5"), (BIG5, "nonsense"), (BIG5, "punycode"), (STORY.encode(), "unicode_escape"),
    ],
)  # fmt: skip
def test_bytes_become_the_story(body: bytes, hint: str) -> None:
    """Stops: mojibake where the header is wrong, missing, or the only place that says Big5."""
    assert decode(Fetched("", "", 200, body, charset_hint=hint)) == STORY


@pytest.mark.parametrize(
    "head, codec",
    [
        ('<?xml version="1.0" encoding="Big5"?><rss>', "big5"), ("<html><meta charset=big5>", "big5"),
        ('<meta http-equiv="Content-Type" content="text/html; charset=BIG5">', "big5"), ("<?xml version='1.0' encoding='utf-16'?><rss>", "utf-16-le"),
        ("<meta charset='utf-16'>", "utf-8"), ("<?xml version='1.0' encoding='gb2312'?>", "gb18030"), ("<meta charset=euc-jp>", "euc-jp"),
    ],
)  # fmt: skip
def test_what_the_document_declares(head: str, codec: str) -> None:
    """Stops: a declaration passed over, or believed although the bytes cannot be so."""
    story = STORY if codec != "euc-jp" else "今日は天気がいい。" * 20
    assert decode_body((head + story).encode(codec)) == head + story


def test_the_header_counts_before_the_document() -> None:
    """Stops: a proxy that recoded a page and left its old meta tag."""
    assert decode_body(f"<meta charset=big5>{STORY}".encode(), "utf-8").endswith(STORY)
    assert declared_charset(b"  <?xml version='1.0' encoding='Big5' ?>") == "big5"


def test_characters_beyond_plain_big5() -> None:
    """Stops: 碁 (ETEN) or 嘅 (Hong Kong) breaking the page they stand on."""
    for text in ("碁恒裏粧嫺 " * 30, "佢哋嘅嘢 " * 30):
        codec = "cp950" if "碁" in text else "big5hkscs"
        assert decode_body(text.encode(codec), "big5") == text


def test_a_few_bad_bytes_cost_only_themselves() -> None:
    """Stops: one broken character turning a whole page into another language."""
    for codec in ("utf-8", "big5"):
        body = (STORY * 10).encode(codec) + b"\xff\xff" + STORY.encode(codec)
        text = decode_body(body, codec)
        assert text.count("\ufffd") <= 2 and text.startswith(STORY) and text.endswith(STORY)
    cut = STORY.encode()[:-1]
    assert decode_body(cut).startswith(STORY[:-1])


@pytest.mark.parametrize(
    "label",
    [
        "zip",
        "rot13",
        "punycode",
        "idna",
        "unicode_escape",
        "raw_unicode_escape",
        "utf-7",
        "base64",
        "hex",
        "mbcs",
        "undefined",
        "",
        "../x",
    ],
)
def test_labels_that_are_no_charset(label: str) -> None:
    """Stops: a page choosing one of Python's transforms as its charset."""
    assert codec_of(label) is None


def test_noise_is_still_text() -> None:
    """Stops: an exception out of bytes that mean nothing."""
    for body in (bytes(range(256)) * 20, b"\xff" * 999, b"\x00" * 99, b"\xfe\xff\xd8", b"", b"<\x00", b"\x00<"):
        assert isinstance(decode_body(body, "big5"), str)
