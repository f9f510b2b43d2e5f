"""Why an address gave no page.

    WebError
    ├── Refused       we do not go there: scheme, credentials, port, spelling, an address that is not public
    ├── NotAllowed    the site's robots.txt says no, or cannot be had because the site is failing
    ├── NotNow        the site asked to be left alone until `until`
    ├── Moved         too many redirects, a circle, none at all, or one from https down to http
    ├── TooBig        more bytes than allowed, a decompression bomb, or headers without end
    ├── TooSlow       the answer did not end in time
    ├── WrongKind     something else than was asked for: a picture, a film, an unknown encoding
    ├── HttpStatus    the site answered with an error status; `status` holds it
    └── Unreachable   no such host, no connection, a bad certificate, or an answer that broke off

None of them carries a query string, a password or a body: an address is shown as scheme, host and path.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar

from tools.errors import FinaleError
from tools.words import Lang, Words

__all__ = [
    "HttpStatus",
    "Moved",
    "NotAllowed",
    "NotNow",
    "Refused",
    "TooBig",
    "TooSlow",
    "Unreachable",
    "WebError",
    "WrongKind",
]


class WebError(FinaleError):
    """Raised when an address gives no usable page; never for a bug of ours.

    A `why` that names a line `why_<why>` is shown as that line, `wanted` as the words for those kinds.
    """

    code = "unreachable"
    words_file: ClassVar[Path] = Path(__file__).with_name("messages.yaml")

    def message(self, lang: Lang = "zh") -> str:
        words = Words.load(self.words_file)
        params = dict(self.params)
        why = f"why_{params.get('why')}"
        if words.has(why):
            params["why"] = words.say(why, lang)
        if "wanted" in params:
            params["wanted"] = " / ".join(words.say(f"kind_{kind}", lang) for kind in params["wanted"])
        return words.say(self.key, lang, **params)


class Refused(WebError):
    """Raised before anything is sent, when an address is one that a news reader must not ask."""

    code = "refused_url"


class NotAllowed(WebError):
    """Raised when robots.txt forbids the address, or (code `robots_unreachable`) cannot be read for now."""

    code = "robots_forbids"


class NotNow(WebError):
    """Raised when the site asked to wait (429, or 503 with Retry-After); `until` is Unix time in seconds."""

    code = "not_now"

    def __init__(self, *, until: float, **params: Any) -> None:
        super().__init__(when=datetime.fromtimestamp(until).astimezone().strftime("%m/%d %H:%M"), **params)
        self.until = until


class Moved(WebError):
    """Raised when redirects lead nowhere: too many, in a circle, without an address, or from https to http."""

    code = "moved_too_often"


class TooBig(WebError):
    """Raised as soon as an answer passes the allowed size; what follows is never read."""

    code = "too_big"


class TooSlow(WebError):
    """Raised when connecting took place but the answer did not end within the time for one address."""

    code = "too_slow"


class WrongKind(WebError):
    """Raised when the answer is not of the kinds asked for, by its type and by its first bytes."""

    code = "wrong_kind"


class HttpStatus(WebError):
    """Raised when the site answers with a status that brings no page."""

    code = "status_other"

    def __init__(self, *, status: int, **params: Any) -> None:
        super().__init__(_code_of(status), status=status, **params)
        self.status = status


def _code_of(status: int) -> str:
    if status in (401, 402, 403, 407, 451):
        return "status_forbidden"
    if status in (404, 410):
        return "status_gone"
    return "status_server" if status >= 500 else "status_other"


class Unreachable(WebError):
    """Raised when there is no complete answer at all."""

    code = "unreachable"
