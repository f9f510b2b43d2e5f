"""Bodies that no capture has, from a server of a few lines: each becomes a reply or a typed reason."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.doubles.openrouter import OpenRouterDouble
from tests.tools.llm.kit import (
    GEMMA,
    GLM,
    KEY,
    PROSE,
    ROOMY,
    SHORT,
    SUPER,
    Answered,
    Ear,
    chunk,
    gateway,
    odd_server,
    question,
    refused,
    sse,
)
from tools.llm import CostsMoney, Gateway, NoModel, NoReply, Reply

# What a server sent has no place on anybody's terminal: no warning of a library may quote it.
pytestmark = pytest.mark.filterwarnings("error")

STOP = chunk(finish="stop")
USAGE = {"choices": [], "usage": {"prompt_tokens": 7, "completion_tokens": 9, "cost": 0}}


def body(message: Any, **more: Any) -> dict[str, Any]:
    return {"id": "gen-1", "model": GLM, "choices": [{"index": 0, "message": message, "finish_reason": "stop"}], **more}


def answered(home: Path, answer: Answered) -> tuple[Reply | NoReply, int, int]:
    """What comes of a question; the requests that the server saw, and those the ledger knows."""
    with odd_server(lambda: answer) as (url, calls):
        desk = Gateway(home, url, KEY, own_server=True, limits=ROOMY)
        got = Ear().ask(desk, question())
        return got, len(calls), desk.ledger.requests_of("r1")


@pytest.mark.parametrize(
    "answer",
    [
        sse(chunk("晴"), chunk("天"), STOP, USAGE),
        sse(chunk("晴天"), STOP, done=False),
        sse(chunk("晴天", finish="stop")),
        sse(chunk("晴天"), STOP, {"choices": None, "usage": {"prompt_tokens": 1}}),
        sse(chunk(None), chunk("晴天"), STOP),  # type: ignore[arg-type]
        sse(chunk("晴天"), STOP, USAGE | {"usage": {"prompt_tokens": "many", "completion_tokens": None, "cost": None}}),
        sse(chunk("晴天"), STOP, USAGE | {"usage": {"prompt_tokens": 1e400, "completion_tokens": [], "cost": "0.0"}}),
        (
            200,
            "text/event-stream; charset=utf-8",
            sse(chunk("晴天"), STOP)[2].replace(b"\n\n", b"\r\n\r\n: note\r\n\r\n"),
        ),
        (200, "application/json", b"\n   " * 300 + json.dumps(body({"content": "晴天"})).encode()),
        (
            200,
            "application/json",
            json.dumps(body({"content": "晴\n天"}), ensure_ascii=False).replace("\\n", "").encode(),
        ),
    ],
    ids=range(10),
)
def test_an_answer_however_it_is_wrapped(home: Path, answer: Answered) -> None:
    """Stops: a request paid twice because an answer came in a shape that one server has and another has not."""
    got, seen, known = answered(home, answer)
    assert isinstance(got, Reply) and got.text == "晴天", got
    assert seen == known == 1


DEEP = b'{"choices":' + b"[" * 50_000


@pytest.mark.parametrize(
    "answer",
    [
        (200, "application/json", b""),
        (200, "application/json", b"[]"),
        (200, "application/json", b"null"),
        (200, "application/json", b'"text"'),
        (200, "application/json", b'{"choices": {"0": 1}}'),
        (200, "application/json", b'{"choices": ["a"], "model": 5}'),
        (200, "application/json", b"\xff\xfe"),
        (200, "application/json", DEEP),
        (200, "text/html", b"<html>portal</html>"),
        (200, "text/event-stream", b""),
        (200, "text/event-stream", b"data: " + DEEP + b"\n\n"),
        sse("not json"),
        sse("[1, 2]"),
        sse("null", "5", '"text"'),
        sse({"choices": []}),
        sse({"choices": [{"delta": "text", "finish_reason": "stop"}]}),
        sse({"choices": [{"delta": {"content": ["part"]}, "finish_reason": "stop"}]}),
        sse(chunk("晴天"), chunk(finish="error")),
        sse({"error": "text instead of an object"}),
        sse({"error": {"message": None, "code": None}}),
        sse({"choices": [{"index": 0, "delta": {}, "error": {"code": "x"}}]}),
        refused(429, "plain text"),
        refused(500, "<html>" + "x" * 100_000, "text/html"),
        refused(418, {"message": "teapot"}),
        refused(400, ["a", "list"]),
        (204, "application/json", b""),
        (302, "text/html", b""),
        (999, "application/json", b"{}"),
    ],
    ids=range(28),
)
def test_what_is_no_answer_has_a_typed_reason(home: Path, answer: Answered) -> None:
    """Stops: an exception of the SDK, of json or of pydantic reaching an agent; a request nobody counted."""
    got, seen, known = answered(home, answer)
    assert isinstance(got, NoModel), got
    assert seen == known == 3
    assert len(str(got)) < 2_000 and all(len(attempt.detail) <= 300 for attempt in got.attempts)


@pytest.mark.parametrize("cost", [0.002, "0.002", 1e-9])
def test_a_cost_is_a_cost_however_it_is_written(home: Path, cost: object) -> None:
    """Stops: a billed reply passing because its price came as a string."""
    got, seen, _ = answered(home, sse(chunk("晴天"), STOP, USAGE | {"usage": {"cost": cost}}))
    assert isinstance(got, CostsMoney) and seen == 1


def test_thoughts_are_never_the_answer(home: Path) -> None:
    """Stops: a model's reasoning shown as its reply."""
    thought = chunk()
    thought["choices"][0]["delta"]["reasoning"] = "使用者想要…"
    got, _, _ = answered(home, sse(thought, chunk("<think>嗯</think>晴天"), STOP))
    assert isinstance(got, Reply) and got.text == "晴天"
    got, seen, _ = answered(home, sse(thought, STOP))
    assert isinstance(got, NoModel) and seen == 3


def test_an_answer_that_ended_is_whole(home: Path, server: OpenRouterDouble) -> None:
    """Stops: a finished answer thrown away, and paid again, because the connection broke or hung after its end."""
    with odd_server(lambda: sse(chunk("晴天"), STOP, done=False), Content_Length="99999") as (url, calls):
        got = Ear().ask(Gateway(home, url, KEY, own_server=True, limits=ROOMY), question())
    assert isinstance(got, Reply) and not got.cut and len(calls) == 1
    server.say("晴天")
    server.set_latency(per_token=0.45)  # the usage comes two pieces after the text: later than between two tokens
    got = Ear().ask(gateway(home, server, limits=SHORT), question(model=GEMMA))
    assert isinstance(got, Reply) and not got.cut and len(server.requests) == 1


def test_what_broke_before_its_end_is_not_whole(home: Path) -> None:
    """Stops: half an answer taken for a whole one because its connection closed politely."""
    with odd_server(lambda: sse(chunk(PROSE), done=False), Content_Length="99999") as (url, calls):
        got = Ear().ask(Gateway(home, url, KEY, own_server=True, limits=ROOMY), question())
    assert isinstance(got, Reply) and got.cut and len(calls) == 3


def test_a_model_that_thinks_aloud_is_alive(home: Path, server: OpenRouterDouble, prose: str) -> None:
    """Stops: a thinking model given up although its thoughts keep coming; keep-alive comments are no such sign."""
    server.say("晴天")
    server.set_latency(per_token=0.45)
    got = Ear().ask(gateway(home, server, limits=SHORT), question(model=SUPER))
    assert isinstance(got, Reply) and got.model == SUPER and len(server.requests) == 1
    assert got.seconds and got.first_token_s and got.seconds - got.first_token_s > SHORT.first


def test_text_arrives_piece_by_piece(home: Path) -> None:
    """Stops: a page that stays empty until the last word."""
    pieces: list[str] = []
    with odd_server(lambda: sse(chunk("晴"), chunk("天"), chunk("了"), STOP)) as (url, _):
        desk = Gateway(home, url, KEY, own_server=True, limits=ROOMY)
        desk.ask(question(), on_text=lambda text, attempt: pieces.append(text))
    assert pieces == ["晴", "天", "了"]


@pytest.mark.parametrize(
    ("text", "kept"), [("=" * 400, True), ("- " * 300, True), (PROSE, True), ("好。" * 200, False), ("a" * 400, False)]
)
def test_a_loop_is_stopped_and_a_rule_is_none(home: Path, text: str, kept: bool) -> None:
    """Stops: 500 times the same word read to the end; or a line of dashes taken for a loop."""
    got, _, _ = answered(home, sse(chunk(text), STOP))
    assert isinstance(got, Reply) == kept
