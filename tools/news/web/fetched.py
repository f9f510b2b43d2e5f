"""What the Fetcher takes and gives: plain records."""

from __future__ import annotations

from dataclasses import dataclass, field

from tools.news.web.charset import decode_body
from tools.news.web.errors import WebError
from tools.news.web.robots import AiInput

__all__ = ["MIB", "USER_AGENT", "Fetched", "Outcome", "Pace", "decode"]

MIB = 1 << 20
USER_AGENT = "FinaleNews/1.0 (news digest for one reader; obeys robots.txt)"


@dataclass(frozen=True)
class Fetched:
    """A page as it was sent. `status` is that of the answer the body came with; `not_modified` says that the server confirmed
    a kept body (304), `from_cache` that the body was kept from before. `charset_hint` is what the Content-Type names, or "".
    `ai_input` is what the page itself says of models, not its site. `elapsed_s` counts seconds on the network."""

    url: str
    final_url: str
    status: int
    body: bytes
    content_type: str = ""
    charset_hint: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    not_modified: bool = False
    from_cache: bool = False
    elapsed_s: float = 0.0
    ai_input: AiInput = "unknown"


@dataclass(frozen=True)
class Outcome:
    """What became of one of many addresses: exactly one of the two is there."""

    url: str
    fetched: Fetched | None = None
    error: WebError | None = None


@dataclass(frozen=True)
class Pace:
    """Seconds for connecting and for one address in all; how many sites are asked at the same time."""

    connect_s: float = 5.0
    total_s: float = 20.0
    sites: int = 8


def decode(fetched: Fetched) -> str:
    """The body as text: BOM, header, declaration, then a guess. Never fails; what cannot be read becomes U+FFFD."""
    return decode_body(fetched.body, fetched.charset_hint)
