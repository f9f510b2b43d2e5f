"""What hostile or careless servers send, found by one that was written against us."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.doubles.openrouter import Fault, OpenRouterDouble
from tests.tools.llm.kit import KEY, PROSE, ROOMY, START, Ear, Plan, chunk, gateway, odd_server, question, refused, sse
from tools.llm import Gateway, NoModel, QuotaSpent, Reply
from tools.llm.classify import classify
from tools.llm.fetch import FetchFailed, fetch_json
from tools.llm.model import parse_model, why_not_free
from tools.llm.structured import strip_thinking
from tools.llm.text import Cleaner

BODY = sse(chunk(PROSE[:200]), chunk(PROSE[200:], "stop"))[2]
WHOLE = {
    "model": "z-ai/glm-5.2:free",
    "choices": [{"message": {"role": "assistant", "content": PROSE}, "finish_reason": "stop"}],
}
PARTS = {"choices": [{"delta": {"content": [{"type": "text", "text": PROSE}]}, "finish_reason": "stop"}]}


def asked(home: Path, url: str, key: str = KEY, **more: object) -> tuple[object, Ear]:
    ear = Ear()
    return ear.ask(Gateway(home, url, key, own_server=True, limits=ROOMY), question(**more)), ear


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("text/plain", BODY),
        ("application/json", BODY),
        ("Text/Event-Stream; charset=utf-8", BODY),
        ("text/event-stream", b"\xef\xbb\xbf" + BODY),
        ("text/event-stream", BODY.replace(b"\n", b"\r\n")),
        ("text/event-stream", BODY.replace(b"data: ", b"data:")),
        ("text/event-stream", json.dumps(WHOLE, ensure_ascii=False).encode()),
        ("application/json", b"\xef\xbb\xbf \n \n" + json.dumps(WHOLE).encode()),
        ("text/event-stream", sse(PARTS)[2]),
        ("text/event-stream", sse(chunk(PROSE[:100]), {"choices": None}, chunk(PROSE[100:], "stop"))[2]),
        ("text/event-stream", sse(chunk(PROSE))[2]),
    ],
    ids=[
        "plain",
        "json type",
        "capitals",
        "bom",
        "crlf",
        "no space",
        "json body",
        "bom json",
        "parts",
        "null",
        "no end",
    ],
)
def test_a_sound_answer_is_read_however_it_is_labelled(home: Path, kind: str, body: bytes) -> None:
    """Stops: good answers thrown away, and paid for again, because of a header."""
    with odd_server(lambda: (200, kind, body)) as (url, calls):
        reply, _ = asked(home, url)
    assert isinstance(reply, Reply) and reply.text == PROSE and not reply.cut and len(calls) == 1


def test_a_redirected_question_is_not_sent_again(home: Path) -> None:
    """Stops: one question counted a hundred times, or a prompt sent to another server."""
    with odd_server(lambda: (307, "text/plain", b""), Location="/api/v1/chat/completions") as (url, calls):
        reply, _ = asked(home, url)
    assert isinstance(reply, NoModel) and len(calls) <= 3


@pytest.mark.parametrize("halves", [["好天氣\ud83d", "\ude00" + PROSE], ["\ud83d" + PROSE]])
def test_half_characters_are_joined_or_replaced(home: Path, halves: list[str]) -> None:
    """Stops: a run that crashes, and crashes again when resumed, on an emoji cut in two."""
    events = [json.dumps(chunk(half)) for half in halves]
    with odd_server(lambda: sse(*events, chunk("", "stop"))) as (url, _):
        reply, ear = asked(home, url)
    assert isinstance(reply, Reply) and reply.text.encode() and "".join(ear.shown.values()).encode()
    assert ("😀" in reply.text) == (len(halves) == 2)


def test_half_characters_inside_json_do_not_crash(home: Path) -> None:
    """Stops: the same, where the half stands as an escape inside a structured answer."""
    plan = '{"points": ["好 \\ud83d 天", "二"], "tone": "溫暖", "length": 100}'
    with odd_server(lambda: sse(chunk(plan, "stop"))) as (url, _):
        reply, _ = asked(home, url, answer=Plan)
    assert isinstance(reply, Reply) and json.dumps(reply.value, ensure_ascii=False).encode()


@pytest.mark.parametrize("size", [1, 7, 40, 500])
def test_a_key_that_comes_back_in_pieces_is_never_shown(home: Path, size: int) -> None:
    """Stops: a server that repeats the key into the stored run, letter by letter."""
    text = f"你的金鑰是 {KEY}，請收好。{PROSE}"
    pieces = [text[i : i + size] for i in range(0, len(text), size)]
    with odd_server(lambda: sse(*[chunk(p, model=f"x/{KEY}:free") for p in pieces], chunk("", "stop"))) as (url, _):
        reply, ear = asked(home, url)
    assert isinstance(reply, Reply) and "[key]" in reply.text
    for shown in (reply.text, reply.model, "".join(ear.shown.values())):
        assert KEY not in shown and KEY.removeprefix("sk-or-v1-") not in shown
    assert all(KEY.encode() not in path.read_bytes() for path in home.rglob("*") if path.is_file())


def test_an_endless_body_stops(home: Path) -> None:
    """Stops: gigabytes of one answer in memory."""
    with odd_server(lambda: (200, "application/json", b"{" + b" " * 9_000_000)) as (url, calls):
        reply, _ = asked(home, url)
    assert isinstance(reply, NoModel) and len(calls) <= 3


def test_a_page_that_drips_is_given_up(home: Path) -> None:
    """Stops: a start that hangs because the list of models comes one space a second."""
    with OpenRouterDouble(key=KEY) as server:
        assert fetch_json(f"{server.base_url}/models", KEY)["data"]
        with pytest.raises(FetchFailed):
            fetch_json(f"{server.base_url}/models", KEY, total=0.0)
        with pytest.raises(FetchFailed):
            fetch_json(f"{server.base_url}/models", KEY, limit=100)


def test_a_server_without_a_list_of_models_is_asked_all_the_same(home: Path) -> None:
    """Stops: a working server called unreachable because /models answers 404."""
    with OpenRouterDouble(key=KEY) as server:
        server.fail("/models", Fault.GONE_404)
        reply = gateway(home, server).ask(question())
    assert reply.text and len(server.requests) == 1


def test_a_server_that_refuses_extra_fields_gets_the_question_without_them(home: Path) -> None:
    """Stops: every request failing on a server that lists prices but speaks plain OpenAI."""
    bodies: list[dict] = []

    def answer() -> tuple[int, str, bytes]:
        body = json.loads(calls[-1])
        bodies.append(body)
        if {"models", "provider"} & set(body):
            return refused(400, {"code": 400, "message": "Unrecognized request argument supplied: models"})
        return sse(chunk(PROSE, "stop"))

    with odd_server(answer) as (url, calls):
        reply, _ = asked(home, url)
        again, _ = asked(home, url, text="另一題")
    assert isinstance(reply, Reply) and isinstance(again, Reply)
    assert ["models" in body for body in bodies] == [True, False, False]


def test_a_closed_day_stays_closed_whatever_the_key_page_says(home: Path) -> None:
    """Stops: every later step asking once more, because /key tells a higher limit than the server keeps."""
    with OpenRouterDouble(key=KEY, start=START) as server:
        gate = gateway(home, server)
        gate.catalogue.listing()
        server.everyone([Fault.DAY_429])
        gate.ledger.observe(gate._account, used=1, limit=1_000)
        for number in range(3):
            with pytest.raises(QuotaSpent):
                gate.ask(question(f"第 {number} 題"))
            gate.ledger.observe(gate._account, used=1, limit=1_000)
        assert len(server.requests) == 1
        server.clock.advance(86_400)
        assert gate.ask(question("明天")).text


def test_a_minute_never_takes_more_than_twenty(home: Path) -> None:
    """Stops: a server's odd number opening the minute."""
    with OpenRouterDouble(key=KEY, start=START, window="sliding") as server:
        gate = gateway(home, server)
        gate.ledger.hold(gate._account, 0, limit=1_000)
        assert gate.quota().minute_limit == 20
        gate.ledger.hold(gate._account, 0, limit=16)
        assert gate.quota().minute_limit == 16


def test_a_limit_that_does_not_say_which_is_told_by_its_reset() -> None:
    """Stops: a spent day taken for a busy model, and asked about again and again."""
    now = 1_795_000_000.0
    midnight = (now // 86_400 + 1) * 86_400
    told = {"X-RateLimit-Limit": "50", "X-RateLimit-Remaining": "0"}
    error = {"code": 429, "message": "Too many requests"}
    assert classify(429, error, {**told, "X-RateLimit-Reset": str(int(midnight * 1000))}, now).kind == "day"
    assert classify(429, error, {**told, "X-RateLimit-Reset": str(int((now + 30) * 1000))}, now).kind == "minute"
    assert classify(429, error, {}, now).kind == "busy"


@pytest.mark.parametrize(
    "row",
    [
        {"id": "v/blank", "pricing": {"prompt": "", "completion": ""}},
        {"id": "v/false", "pricing": {"prompt": False, "completion": False}},
        {"id": "v/negative:free", "pricing": {"prompt": "-1.0", "completion": "-1.0"}},
        {
            "id": "v/song:free",
            "pricing": {"prompt": "0", "completion": "0"},
            "architecture": {"modality": "text->audio"},
        },
        {
            "id": "v/draw:free",
            "pricing": {"prompt": "0", "completion": "0"},
            "architecture": {"modality": "text->image"},
        },
    ],
)
def test_holes_in_what_counts_as_free(row: dict) -> None:
    """Stops: a model that bills, or draws, offered as a free writer."""
    assert why_not_free(row)


@pytest.mark.parametrize("name", [" ~v/latest:free", "v/model:batch ", "v/a b:free", ""])
def test_an_id_with_spaces_is_no_id(name: str) -> None:
    """Stops: an alias or a batch variant hidden behind a space."""
    assert parse_model({"id": name, "pricing": {"prompt": "0", "completion": "0"}}) is None


def test_a_thought_whose_beginning_was_swallowed_is_cut_off() -> None:
    """Stops: a model's reasoning published as a post."""
    assert strip_thinking("先想想要寫什麼……</think>\n雨天的校園很安靜。") == "雨天的校園很安靜。"


def test_cleaning_piece_by_piece_equals_cleaning_at_once() -> None:
    """Stops: text lost or doubled while a key is looked for."""
    text = f"a{KEY[:5]}b{KEY}c😀{KEY[:-1]}"
    for size in range(1, 9):
        cleaner = Cleaner(KEY)
        out = "".join(cleaner.feed(text[i : i + size]) for i in range(0, len(text), size)) + cleaner.close()
        assert out.startswith(f"a{KEY[:5]}b[key]c😀") and KEY not in out


def test_numbers_that_no_database_takes_are_noise(home: Path) -> None:
    """Stops: a crash on a usage of 10^300 tokens."""
    usage = {"prompt_tokens": 10**300, "completion_tokens": 1e300, "cost": 0}
    with odd_server(lambda: sse(chunk(PROSE, "stop"), {"choices": [], "usage": usage})) as (url, _):
        reply, _ = asked(home, url)
    assert isinstance(reply, Reply) and reply.prompt_tokens == 0
