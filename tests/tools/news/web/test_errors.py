"""Words: every code that is raised here has its line in both languages, and says what to do next."""

from __future__ import annotations

import re
from pathlib import Path

import tools.news.web.errors as errors
from tools.news.web import HttpStatus, NotNow, WebError, WrongKind
from tools.words import Words

FOLDER = Path(errors.__file__).parent
WORDS = Words.load(FOLDER / "messages.yaml")
RAISED = re.compile(
    r"\b(?:Refused|NotAllowed|NotNow|Moved|TooBig|TooSlow|WrongKind|Unreachable|Note)\(\s*(?:code|\"(\w+)\")"
)
WHY = re.compile(r"why=\"(\w+)\"|_down\(address, \"(\w+)\"|else \"(no_way|not_http)\"|\"(cut_off)\"|\"(no_answer)\" if")


def test_every_code_has_its_line() -> None:
    """Stops: a KeyError in the middle of telling a person what went wrong."""
    source = "".join(path.read_text("utf-8") for path in FOLDER.glob("*.py"))
    codes = {code for code in RAISED.findall(source) if code} | {kind.code for kind in WebError.__subclasses__()}
    codes |= {HttpStatus(status=status, host="h", path="/").key for status in (400, 403, 404, 500)}
    codes |= {f"why_{next(filter(None, groups))}" for groups in WHY.findall(source)} | {"refused_scheme", "refused_url"}
    assert len(codes) > 35
    missing = sorted(code for code in codes if not WORDS.has(code))
    assert not missing
    unused = sorted(set(WORDS.keys()) - codes - {"kind_html", "kind_feed", "kind_text"})
    assert not unused


def test_a_reason_is_said_in_the_persons_language() -> None:
    """Stops: a Python class name or an English reason on a Chinese page."""
    error = errors.Unreachable("broken_answer", host="news.example", why="cut_off")
    assert "傳到一半就斷了" in str(error) and "half-way" in error.message("en")
    assert "certificate expired" in errors.Unreachable("bad_certificate", host="h", why="certificate expired").message(
        "en"
    )
    wrong = WrongKind(host="news.example", got="image/png", wanted=("html", "feed"))
    assert "網頁 / RSS" in str(wrong) and "a web page / a feed" in wrong.message("en")


def test_not_now_says_when() -> None:
    """Stops: "try again later" without a later."""
    error = NotNow(until=1_772_600_000.0, host="news.example")
    assert error.until == 1_772_600_000.0 and re.search(r"03/0\d \d\d:\d\d", str(error))
