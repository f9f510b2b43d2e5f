"""One chat request over the wire, through the OpenAI SDK, with everything that can go wrong turned into a Failure.

Always streamed: errors show early, text arrives as it is written, and one path serves prose and structured answers. A
server that answers a plain JSON body instead of a stream is understood too. The SDK's retries are off: one request here
is one request there. The socket is read in a thread of its own, so that time limits and the person's stop hold even while
the server sends nothing, or sends keep-alive comments for ever.
"""

from __future__ import annotations

import queue
import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Any

from tools.llm.classify import Failure, classify, number
from tools.llm.redact import redact
from tools.llm.sse import DONE, BodyError, objects
from tools.llm.text import Cleaner, whole_characters

if TYPE_CHECKING:
    import ssl

__all__ = ["Limits", "WireAnswer", "WireFailed", "WireRequest", "loop_cut", "prepare", "send", "tls"]

_POLL_S = 0.1
_TAIL_S = 3.0  # how long to wait for the usage after the end of an answer
_LOOP = re.compile(r"(.{1,24}?)\1{5,}\Z", re.S)
_LOOP_CHARS = 160


@dataclass(frozen=True)
class Limits:
    """Time limits of one request, in seconds. `first` runs until the first text or thought, `between` from one to the next."""

    connect: float = 6.0
    first: float = 60.0
    between: float = 30.0
    total: float = 240.0


@dataclass(frozen=True)
class WireRequest:
    """What goes over the wire. `models` is OpenRouter's fallback list (at most three), empty elsewhere."""

    base_url: str
    key: str | None
    model: str
    messages: tuple[Mapping[str, str], ...]
    max_tokens: int
    temperature: float
    models: tuple[str, ...] = ()
    response_format: Mapping[str, Any] | None = None
    extra: Mapping[str, Any] | None = None


@dataclass
class WireAnswer:
    """What came back. Times are seconds from sending; `cost` is in US dollars (None where the server does not say).

    `first_token_s` is the first of either kind; `first_thought_s` and `first_text_s` tell reasoning and visible text apart.
    `completion_tokens` include the `reasoning_tokens` among them.
    """

    text: str = ""
    model: str = ""
    provider: str = ""
    finish_reason: str = ""
    cost: float | None = None
    prompt_tokens: int = 0
    completion_tokens: int = 0
    reasoning_tokens: int = 0
    first_token_s: float | None = None
    first_thought_s: float | None = None
    first_text_s: float | None = None
    seconds: float = 0.0


@cache
def tls() -> ssl.SSLContext:
    """The certificates that this machine trusts. Reading them takes longer than all else we do for a request: once."""
    import httpx2

    return httpx2.create_ssl_context()


class WireFailed(Exception):
    """Raised when a request did not end in a complete answer; holds the Failure and the text that had arrived."""

    def __init__(self, failure: Failure, partial: WireAnswer | None = None) -> None:
        super().__init__(failure.kind)
        self.failure = failure
        self.partial = partial or WireAnswer()


def prepare() -> None:
    """Load the SDK. That takes a second the first time: it must not count as the server's, nor lie between a granted
    request and its sending, where a killed process would leave a request counted that never went out."""
    import openai.resources.chat.completions  # noqa: F401 - the client itself loads it only with its first question

    tls()


def send(
    request: WireRequest,
    limits: Limits,
    on_text: Callable[[str], None],
    cancelled: Callable[[], bool],
    on_thought: Callable[[], None] = lambda: None,
) -> WireAnswer:
    """Send `request` and wait for the whole answer, handing each piece of text to `on_text` as it arrives.

    `on_thought` is called once, when the model begins to reason where that cannot be seen yet as text.

    Raises:
        WireFailed: anything but a complete, non-empty answer; kind "cancelled" when `cancelled()` became true.
    """
    prepare()
    pump = _Pump(request, limits)
    started = time.monotonic()
    answer = WireAnswer()
    cleaner = Cleaner(request.key)

    def show(piece: str) -> None:
        if piece:
            answer.text += piece
            on_text(piece)

    pump.start()
    last = started
    try:
        while True:
            now = time.monotonic()
            if cancelled():
                raise WireFailed(Failure("cancelled"), answer)
            # After its end an answer is whole: only its usage may follow, and is not worth losing the answer for.
            whole = answer.finish_reason not in ("", "error")
            if whole and now - last > min(_TAIL_S, limits.between):
                break
            if now - started > limits.total:
                raise WireFailed(Failure("timeout", f"total {limits.total:.0f} s"), answer)
            waited_for = limits.first if answer.first_token_s is None else limits.between
            if now - last > waited_for:
                raise WireFailed(Failure("timeout", f"{waited_for:.0f} s"), answer)
            try:
                item = pump.items.get(timeout=_POLL_S)
            except queue.Empty:
                continue
            if item is None or (whole and isinstance(item, Failure) and item.kind in ("broken", "timeout")):
                break
            if isinstance(item, Failure):
                raise WireFailed(item, answer)
            thinking = answer.first_thought_s is not None
            if _take(item, answer, lambda text: show(cleaner.feed(text)), time.monotonic() - started):
                last = time.monotonic()
            if not thinking and answer.first_thought_s is not None:
                on_thought()
            if _looping(answer.text):
                raise WireFailed(Failure("loop"), answer)
    finally:
        answer.seconds = time.monotonic() - started
        pump.abandon()
        answer.model = whole_characters(redact(answer.model, request.key))[:200]
        answer.provider = whole_characters(redact(answer.provider, request.key))[:200]
    show(cleaner.close())
    if answer.finish_reason == "error":
        raise WireFailed(Failure("provider", "finish_reason: error"), answer)
    if not answer.finish_reason:
        raise WireFailed(Failure("broken", "the stream ended early"), answer)
    if not answer.text.strip() and answer.finish_reason != "length":
        raise WireFailed(Failure("empty"), answer)
    return answer


def _take(item: Mapping[str, Any], answer: WireAnswer, show: Callable[[str], None], elapsed: float) -> bool:
    """Add one chunk to `answer`; True when it carried text or thought (keep-alives and usage do not count as life)."""
    if item is DONE:
        answer.finish_reason = answer.finish_reason or "stop"
        return False
    answer.model = str(item.get("model") or answer.model)
    answer.provider = str(item.get("provider") or answer.provider)
    usage = item.get("usage")
    if isinstance(usage, Mapping):
        answer.prompt_tokens = int(number(usage.get("prompt_tokens")) or 0)
        answer.completion_tokens = int(number(usage.get("completion_tokens")) or 0)
        details = usage.get("completion_tokens_details")
        details = details if isinstance(details, Mapping) else {}
        answer.reasoning_tokens = int(number(details.get("reasoning_tokens")) or 0)
        cost = number(usage.get("cost"))
        answer.cost = answer.cost if cost is None else cost
    choices = item.get("choices")
    if not isinstance(choices, list) or not choices or not isinstance(choices[0], Mapping):
        return False
    choice = choices[0]
    answer.finish_reason = str(choice.get("finish_reason") or answer.finish_reason)
    part = choice.get("delta") or choice.get("message") or {}
    text = _joined(part.get("content")) if isinstance(part, Mapping) else ""
    thought = part.get("reasoning") if isinstance(part, Mapping) else None
    if (text or thought) and answer.first_token_s is None:
        answer.first_token_s = elapsed
    if thought and answer.first_thought_s is None:
        answer.first_thought_s = elapsed
    if text and answer.first_text_s is None:
        answer.first_text_s = elapsed
    if text:
        show(text)
    return bool(text or thought)


def _joined(content: Any) -> str:
    """The text of a message's content: text itself, or a list of parts with texts in them."""
    if isinstance(content, list):
        return "".join(str(part.get("text") or "") for part in content if isinstance(part, Mapping))
    return content if isinstance(content, str) else ""


def _looping(text: str) -> bool:
    if len(text) < _LOOP_CHARS:
        return False
    match = _LOOP.search(text[-_LOOP_CHARS * 3 :])
    return bool(match and match.end() - match.start() >= _LOOP_CHARS and match.group(1).strip("-=_*. \n　"))


def loop_cut(text: str) -> str:
    """`text` with the endless repetition at its end cut down to three rounds."""
    tail = text[-_LOOP_CHARS * 3 :]
    match = _LOOP.search(tail)
    if match is None:
        return text
    period = len(match.group(1))
    begin = len(text) - len(tail) + match.start()
    while begin > 0 and text[begin - 1] == text[begin - 1 + period]:  # it may have begun before what was looked at
        begin -= 1
    return text[: begin + 3 * period] + "…"


class _Pump(threading.Thread):
    """Reads the socket and puts chunks (dicts), then a Failure or None, into `items`."""

    def __init__(self, request: WireRequest, limits: Limits) -> None:
        super().__init__(daemon=True, name="finale-wire")
        self.items: queue.Queue[Mapping[str, Any] | Failure | None] = queue.Queue()
        self._request = request
        self._limits = limits
        self._client: Any = None
        self._abandoned = False

    def abandon(self) -> None:
        """Nobody listens any more: close the connection, which also tells the server to stop writing."""
        self._abandoned = True
        if self._client is not None and self.is_alive():
            self._client.close()

    def run(self) -> None:
        try:
            for chunk in self._chunks():
                if self._abandoned:
                    return
                self.items.put(chunk)
            self.items.put(None)
        except _Refused as refused:
            self.items.put(refused.failure)
        except Exception as error:  # noqa: BLE001 - process boundary of this thread: whatever it was, the waiting side must hear of it
            self.items.put(Failure("broken", redact(f"{type(error).__name__}: {error}", self._request.key)[:200]))

    def _chunks(self) -> Iterator[Mapping[str, Any]]:
        import httpx2
        import openai

        request, limits = self._request, self._limits
        timeout = httpx2.Timeout(limits.first, connect=limits.connect)
        self._client = openai.OpenAI(
            api_key=request.key or "none",
            base_url=request.base_url,
            max_retries=0,
            timeout=timeout,
            # A redirected question would be sent again, and elsewhere: a server that wants that is set up wrongly.
            http_client=openai.DefaultHttpxClient(verify=tls(), timeout=timeout, follow_redirects=False),
            default_headers={"X-OpenRouter-Title": "Finale"},
        )
        body: dict[str, Any] = dict(request.extra or {})
        if request.models:
            body["models"] = list(request.models)
        optional = {"response_format": request.response_format} if request.response_format else {}
        try:
            if self._abandoned:
                return
            raw = self._client.chat.completions.with_raw_response.create(
                model=request.model,
                messages=list(request.messages),
                max_tokens=request.max_tokens,
                temperature=request.temperature,
                stream=True,
                extra_body=body,
                **optional,
            )
            for count, chunk in enumerate(objects(raw.http_response.iter_bytes())):
                yield self._checked(chunk, alone=count == 0)
        except BodyError as error:
            raise _Refused(Failure("provider", str(error))) from None
        except httpx2.TimeoutException:
            raise _Refused(Failure("timeout", "no more came")) from None
        except httpx2.HTTPError as error:
            raise _Refused(Failure("broken", redact(f"{type(error).__name__}: {error}", request.key)[:200])) from None
        except openai.APIStatusError as error:
            failure = self._failure(error.status_code, _error_of(error), dict(error.response.headers))
            raise _Refused(replace(failure, refused=failure.kind != "bad_request")) from None
        except openai.APITimeoutError:
            raise _Refused(Failure("timeout", "no answer")) from None
        except openai.APIConnectionError as error:
            cause = error.__cause__
            before = isinstance(cause, (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.InvalidURL,
                                        httpx2.UnsupportedProtocol))  # fmt: skip
            detail = redact(str(cause or error), request.key)[:200]
            raise _Refused(Failure("connect" if before else "broken", detail, sent=not before)) from None
        finally:
            self._client.close()

    def _checked(self, chunk: Mapping[str, Any], *, alone: bool) -> Mapping[str, Any]:
        """`chunk`, unless it hides an error behind HTTP 200. `alone`: nothing came before it, perhaps nothing will."""
        if chunk.get("error"):
            raise _Refused(self._failure(200, chunk["error"], {}))
        choices = chunk.get("choices")
        if alone and choices is None and not chunk.get("usage") and chunk is not DONE:
            raise _Refused(Failure("empty", "no choices in the answer"))
        first = choices[0] if isinstance(choices, list) and choices else None
        if isinstance(first, Mapping) and first.get("error"):
            raise _Refused(self._failure(200, first["error"], {}))
        return chunk

    def _failure(self, status: int, error: Any, headers: Mapping[str, str]) -> Failure:
        failure = classify(status, error, headers, time.time())
        # Cut after the redaction: a key cut in two would no longer be known as one.
        return replace(failure, detail=redact(failure.detail, self._request.key)[:300])


class _Refused(Exception):
    """Raised inside the pump when the server said no; never leaves it."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.kind)
        self.failure = failure


def _error_of(error: Any) -> Any:
    """The error object of an SDK exception; a proxy's HTML page becomes its status line."""
    body = error.body
    if isinstance(body, Mapping):
        return body.get("error") if isinstance(body.get("error"), (Mapping, str)) else body
    return {"message": f"HTTP {error.status_code}"}
