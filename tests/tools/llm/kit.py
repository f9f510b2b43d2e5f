"""How these tests ask: one question, one gateway with short limits, and a server of a few lines for odd bodies."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from tests.doubles.openrouter import OpenRouterDouble, catalogue
from tools.llm import Gateway, Limits, NoReply, Notice, Question, Reply
from tools.llm.errors import LLMError
from tools.words import Words

KEY = "sk-or-v1-5f3c9a7e1b2d4c6f8a0b"
START = datetime(2026, 8, 22, 8, 0, 30, tzinfo=UTC)
NOW = START.timestamp()
GLM = "z-ai/glm-5.2:free"
SUPER = "nvidia/nemotron-3-super-120b-a12b:free"
GEMMA = "google/gemma-4-31b-it:free"
# Most tests never wait: a busy machine must not fail them. Those in which nothing comes take SHORT.
ROOMY = Limits(connect=10, first=60, between=60, total=120)
SHORT = Limits(connect=10, first=0.8, between=0.8, total=20)
PROSE = "，".join(f"第{number}句說的是校園裡不同的角落" for number in range(30)) + "。"
Answered = tuple[int, str, bytes]


class Plan(BaseModel):
    points: list[str]
    tone: str
    length: int


def question(text: str = "雨天的校園", **more: Any) -> Question:
    messages = ({"role": "system", "content": "你是寫作助手。"}, {"role": "user", "content": text})
    return Question(messages=messages, **{"run": "r1", "step": "write", **more})


def gateway(home: Path, server: OpenRouterDouble, **more: Any) -> Gateway:
    """A gateway on `server` that shares its clock; waiting moves that clock instead of passing time."""
    given = {"limits": ROOMY, "clock": server.clock, "sleep": server.clock.advance, "own_server": True, **more}
    return Gateway(home, server.base_url, given.pop("key", server.key), **given)


class Ear:
    """Listens to one question: what was told, and what was shown, by attempt."""

    def __init__(self) -> None:
        self.notices: list[Notice] = []
        self.shown: dict[int, str] = {}

    def notify(self, notice: Notice) -> None:
        self.notices.append(notice)

    def on_text(self, text: str, attempt: int) -> None:
        self.shown[attempt] = self.shown.get(attempt, "") + text

    @property
    def keys(self) -> list[str]:
        return [notice.key for notice in self.notices]

    def lines(self) -> list[str]:
        """Every notice as a person reads it, in both languages; a missing line or parameter raises KeyError."""
        words = Words.load(LLMError.words_file)
        lines = []
        for notice in self.notices:
            for lang in ("zh", "en"):
                params = {
                    name: words.say(value[1:], lang) if isinstance(value, str) and value.startswith("@") else value
                    for name, value in notice.params.items()
                }
                lines.append(words.say(notice.key, lang, **params))
        return lines

    def ask(self, gateway: Gateway, asked: Question, **more: Any) -> Reply | NoReply:
        """The reply, or the typed reason why there is none."""
        try:
            return gateway.ask(asked, on_text=self.on_text, notify=self.notify, **more)
        except NoReply as reason:
            return reason


def ask(gateway: Gateway, asked: Question | None = None, **more: Any) -> Reply | NoReply:
    return Ear().ask(gateway, asked or question(), **more)


def sse(*events: Any, done: bool = True) -> Answered:
    """A stream of `events` (dicts, or raw text for what is not JSON)."""
    lines = [event if isinstance(event, str) else json.dumps(event, ensure_ascii=False) for event in events]
    body = "".join(f"data: {line}\n\n" for line in [*lines, *(["[DONE]"] if done else [])])
    return 200, "text/event-stream", body.encode()


def chunk(text: str = "", finish: str | None = None, **more: Any) -> dict[str, Any]:
    choice = {"index": 0, "delta": {"role": "assistant", "content": text}, "finish_reason": finish}
    return {"id": "gen-1", "object": "chat.completion.chunk", "model": GLM, "choices": [choice], **more}


def refused(status: int, error: Any, kind: str = "application/json") -> Answered:
    body = error if isinstance(error, str) else json.dumps({"error": error}, ensure_ascii=False)
    return status, kind, body.encode()


@contextmanager
def odd_server(answer: Callable[[], Answered], **headers: str) -> Iterator[tuple[str, list[str]]]:
    """A server that lists the double's models and answers every chat call with `answer()`. Yields its address and calls.

    `headers` go with the answers, e.g. a Content_Length longer than what follows.
    """
    calls: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            listed = json.dumps({"data": catalogue()}).encode()
            self._send(*((200, "application/json", listed) if self.path.endswith("/models") else refused(404, "no")))

        def do_POST(self) -> None:
            calls.append(self.rfile.read(int(self.headers["Content-Length"])).decode())
            self._send(*answer(), **headers)

        def _send(self, status: int, kind: str, body: bytes, **headers: str) -> None:
            self.send_response(status)
            for name, value in {"Content_Type": kind, "Content_Length": str(len(body)), **headers}.items():
                self.send_header(name.replace("_", "-"), value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            """Stay silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/api/v1", calls
    finally:
        server.shutdown()
        server.server_close()
