"""The key: in no exception, no notice, no file, no log record, whatever a server does with it."""

from __future__ import annotations

import json
import logging
import traceback
from pathlib import Path

import pytest

from tests.tools.llm.kit import ROOMY, Answered, Ear, chunk, odd_server, question, refused, sse
from tools.llm import Gateway, NoReply, redact

# One that looks like a key of OpenRouter, and a token of a school's own proxy that looks like nothing.
KEYS = ["sk-or-v1-5f3c9a7e1b2d4c6f8a0b5f3c9a7e1b2d4c6f8a0b5f3c9a7e1b2d4c6f", "campus_proxy_token_Zx81Qp07"]


def echoes(key: str) -> dict[str, Answered]:
    """Ways in which a server gives the key back."""
    said = f"User not found: Authorization: Bearer {key} is not valid"
    return {
        "401": refused(401, {"message": said, "code": 401}),
        "401 text": (401, "text/plain", said.encode()),
        "402": refused(402, {"message": f"Insufficient credits for {key}", "code": 402}),
        "403 slug": refused(403, {"message": "flagged", "code": 403, "metadata": {"model_slug": key, "raw": key}}),
        "400": refused(400, {"message": f"'{key}'", "code": 400}),
        "429 day": refused(429, {"message": f"free-models-per-day {key}", "code": 429}),
        "500 html": refused(500, f"<html>{said}</html>", "text/html"),
        "502 raw": refused(502, {"message": "Provider returned error", "code": 502, "metadata": {"raw": said}}),
        "cut": refused(502, {"message": "x" * (300 - len(key) + 3) + key, "code": 502}),
        "200": (200, "application/json", json.dumps({"error": {"message": said, "code": 502}}).encode()),
        "first chunk": sse({"error": {"message": said, "code": 502}}),
        "last chunk": sse(chunk("晴天" * 50), {**chunk(finish="error"), "error": {"message": said, "code": 502}}),
        "choice": sse({"choices": [{"index": 0, "delta": {}, "finish_reason": "error", "error": {"message": said}}]}),
        "not json": (200, "application/json", said.encode()),
        "not an event": sse(said),
    }


@pytest.mark.parametrize("key", KEYS, ids=["sk", "token"])
@pytest.mark.parametrize("way", echoes("k"))
def test_a_server_that_echoes_the_key(home: Path, caplog: pytest.LogCaptureFixture, way: str, key: str) -> None:
    """Stops: a key on a page, in a bug report, in the history or in a log, because a server printed it."""
    caplog.set_level(logging.DEBUG)
    for name in list(logging.root.manager.loggerDict):
        caplog.set_level(logging.DEBUG, logger=name)
    ear = Ear()
    with odd_server(lambda: echoes(key)[way]) as (url, calls):
        desk = Gateway(home, url, key, own_server=True, limits=ROOMY)
        got = ear.ask(desk, question())
        desk.ledger.database.close()
        assert calls and key not in "".join(calls)
    half = key[: len(key) // 2 + 1]
    told = [str(got), repr(got), repr(vars(got)), *map(repr, ear.notices), *ear.lines(), repr(desk.__dict__.keys())]
    if isinstance(got, NoReply):
        told += [got.message("en"), *traceback.format_exception(got)]
    assert not [text for text in told if half in text]
    for path in home.rglob("*"):
        assert not path.is_file() or half.encode() not in path.read_bytes(), path.name
    written = [record.getMessage() + str(record.exc_text or "") + repr(record.args) for record in caplog.records]
    assert written and not [line for line in written if half in line]


def test_what_looks_like_a_key_goes_too() -> None:
    """Stops: another key than ours (a second account, an OpenAI key) shown; or ordinary words blacked out."""
    assert redact("key sk-or-v1-0123abcd and sk-proj-9_8-7xyz", None) == "key [key] and [key]"
    assert redact("Authorization: bearer eyJhbGci.abc-123") == "Authorization: [key]"
    assert redact("campus_proxy_token", "campus_proxy_token", "") == "[key]"
    for harmless in ("task-oriented", "risk-free ask-me", "the bearer of news", "sk-", "a" * 50):
        assert redact(harmless, None) == harmless


def test_the_desk_shows_no_key(home: Path) -> None:
    """Stops: a key in a crash report that prints objects."""
    desk = Gateway(home, "http://127.0.0.1:9/v1", KEYS[0], own_server=True)
    assert KEYS[0] not in f"{desk!r}{desk._desk!r}{desk.ledger!r}{desk.catalogue!r}"
