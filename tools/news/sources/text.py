"""Text of feeds as plain text: markup, entities and unseen characters out, lines or paragraphs kept.

Nothing here is shown as HTML later; what looks like a tag but is none (a < b, <3) stays as it was written.
"""

from __future__ import annotations

import html
import re

__all__ = ["cut_off", "first_sentence", "language_of", "paragraphs", "plain", "weight"]

_MOST = 400_000  # characters of one field that are read
_LONGEST_FOOTER = 450
# Only real tags are markup; <3 and <臺北> are text.
_TAG = re.compile(
    r"</?(?:a|abbr|article|aside|audio|b|big|blockquote|body|br|button|caption|center|cite|code|dd|del|div|dl|dt|em|embed|"
    r"figcaption|figure|font|footer|form|h[1-6]|head|header|hr|html|i|iframe|img|input|ins|label|li|link|main|mark|meta|"
    r"nav|noscript|object|ol|p|picture|pre|q|s|script|section|small|source|span|strike|strong|style|sub|sup|svg|table|"
    r"tbody|td|template|textarea|tfoot|th|thead|time|title|tr|u|ul|video|wbr)(?:\s[^<>]*)?/?>",
    re.IGNORECASE,
)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#x[0-9a-f]{1,6}|[a-z][a-z0-9]{1,30});", re.IGNORECASE)
_DROPPED = frozenset(("script", "style", "noscript", "template", "iframe", "object", "svg", "form", "button", "head"))
_BLOCKS = frozenset(
    ("p", "div", "section", "article", "main", "header", "footer", "nav", "aside", "li", "dt", "dd", "dl", "ul", "ol", "pre",
     "blockquote", "figure", "figcaption", "table", "tr", "caption", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "body", "center")
)  # fmt: skip
# Controls, zero-width characters (but those that join emoji), marks that turn the direction of writing.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b\u200c\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff"
    "\ufff9-\ufffb\ufffe\uffff\ud800-\udfff]|(?<![\u2600-\u27bf\ufe0f\U0001f000-\U0001faff])\u200d"
)
_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_KANA_OR_HANGUL = re.compile(r"[\u3041-\u3096\u30a1-\u30fa\uac00-\ud7a3]")
_WORD = re.compile(r"[A-Za-z\u00c0-\u024f0-9]+(?:['’-][A-Za-z\u00c0-\u024f0-9]+)*")
# What WordPress and others hang under every story, and the signs that a text was cut.
_FOOTER = re.compile(
    r"(?:The post .{1,300}? (?:appeared first on|first appeared on) .{1,100}|"
    r"(?:這篇文章|本文|〈).{1,300}?(?:最早出現於|最先出現於|最早出現在) ?.{1,100})\s*\Z",
    re.DOTALL,
)
_CUT = re.compile(
    r"(?:\[?(?:\.{3}|…)+\]?|(?:繼續閱讀|閱讀全文|閱讀更多|更多內容|看更多|全文請見|Read more|Continue reading|Read the full \w+)"
    r"(?:\s*[「〈《\"“].{0,200})?)[\s.…»›>→\]]*\Z",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r".{4,}?(?:[。!?！？]+[」』”’)]*|\.(?=\s|\Z))", re.DOTALL)


def plain(value: object, longest: int = 500) -> str:
    """One line: a title, a name. Cut at `longest` characters with an ellipsis; "" for what is no text."""
    text = _seen(value)
    line = " ".join(_markup(text).split())
    return line if len(line) <= longest else line[: longest - 1].rstrip() + "…"


def paragraphs(value: object) -> str:
    """The paragraphs of a text or HTML fragment, a blank line between two; without scripts, forms and feed footers."""
    text = _seen(value)
    if not _TAG.search(text):
        text = html.unescape(text)  # some feeds escape their HTML twice
    blocks = _blocks(text) if _TAG.search(text) else re.split(r"\n\s*\n", text)
    lines = (" ".join(block.split()) for block in blocks)
    text = "\n\n".join(line for line in lines if line)
    return (text[:-_LONGEST_FOOTER] + _FOOTER.sub("", text[-_LONGEST_FOOTER:])).strip()


def weight(text: str) -> int:
    """How much there is to read: a Chinese character counts one, a word of letters one and a half."""
    return len(_HAN.findall(text)) + len(_WORD.findall(text)) * 3 // 2


def language_of(text: str) -> str:
    """ "zh" for text with Chinese characters and neither kana nor hangul, "" where the characters do not tell."""
    others = len(_KANA_OR_HANGUL.findall(text))
    return "zh" if len(_HAN.findall(text)) > 10 * others else ""


def cut_off(text: str) -> bool:
    """Whether the text ends as a teaser does: …, [...], 繼續閱讀."""
    return bool(_CUT.search(text[-240:]))


def first_sentence(text: str, longest: int) -> str:
    """Whole sentences from the start up to `longest` characters; the beginning where not even one fits."""
    taken = ""
    for found in _SENTENCE.finditer(text[: longest + 1]):
        if found.end() > longest:
            break
        taken = text[: found.end()]
    return taken.strip() or (text if len(text) <= longest else text[: longest - 1].rstrip() + "…")


def _seen(value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    return _UNSEEN.sub("", str(value)[:_MOST].replace("\u2028", "\n").replace("\u2029", "\n"))


def _markup(text: str) -> str:
    """Tags go first, so that &lt;div&gt; in a title about HTML stays; then entities, and tags that were escaped twice."""
    text = _TAG.sub(_space, text)
    for _ in range(2):
        if not _ENTITY.search(text):
            break
        text = html.unescape(text)
    return _UNSEEN.sub("", _ENDED.sub("", text))


_ENDED = re.compile(r"</?(?:b|i|em|strong|span|font|u|sup|sub|br|p|a)(?:\s[^<>]*)?/?>", re.IGNORECASE)


def _space(tag: re.Match[str]) -> str:
    name = tag[0].strip("</>").split()[0].lower().rstrip("/")
    return " " if name in _BLOCKS or name == "br" else ""


def _blocks(text: str) -> list[str]:
    """The text of each block of an HTML fragment, without recursion: fragments nest as deep as a stranger likes."""
    from lxml import etree
    from lxml import html as parser_of

    parser = parser_of.HTMLParser(encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True)
    try:
        root = parser_of.document_fromstring(text.encode("utf-8", "replace"), parser)
    except (etree.LxmlError, ValueError, AssertionError):
        return [_markup(text)]
    blocks, line, hidden = [], [], 0
    for event, element in etree.iterwalk(root, events=("start", "end")):
        tag = element.tag if isinstance(element.tag, str) else ""
        if event == "start":
            hidden += tag in _DROPPED
            words = element.text
        else:
            hidden -= tag in _DROPPED
            words = element.tail
        if tag in _BLOCKS:
            blocks.append("".join(line))
            line = []
        elif tag == "br" and event == "start":
            # Two breaks end a paragraph, one is a space.
            following = element.getnext()
            if following is not None and following.tag == "br" and not (element.tail or "").strip():
                blocks.append("".join(line))
                line = []
            else:
                line.append(" ")
        if words and not hidden:
            line.append(words)
    blocks.append("".join(line))
    return [_UNSEEN.sub("", block) for block in blocks]
