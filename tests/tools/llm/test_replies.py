"""Replies kept: by what shaped them, for a month, whole."""

from __future__ import annotations

import json
import threading
from pathlib import Path

import pytest

from tests.doubles.openrouter import Clock, OpenRouterDouble
from tests.tools.llm.kit import START, Plan, ask, gateway, question
from tools.llm import Reply
from tools.llm.errors import Attempt
from tools.llm.ledger import Ledger
from tools.llm.replies import ReplyStore, question_key

DAY = 86_400
REPLY = Reply(
    text="晴天「」\n\u2028🌧",
    model="a/b-20260420:free",
    asked="a/b:free",
    provider="B",
    value={"rows": [{"id": "1", "score": 2.5}]},
    requests=2,
    prompt_tokens=3,
    completion_tokens=4,
    first_token_s=0.5,
    seconds=1.5,
    attempts=(Attempt("c/d:free", "busy", "太多人"),),
)


def test_a_reply_comes_back_whole(home: Path) -> None:
    """Stops: a stored reply without its source, its value or its history."""
    ReplyStore(Ledger(home, Clock(START))).put("k", REPLY)
    got = ReplyStore(Ledger(home, Clock(START))).get("k")
    assert got and got.stored and got.requests == 0
    assert (got.text, got.model, got.value, got.attempts) == (REPLY.text, REPLY.model, REPLY.value, REPLY.attempts)
    assert ReplyStore(Ledger(home, Clock(START))).get("other") is None


def test_a_reply_is_kept_a_month(home: Path) -> None:
    """Stops: an answer of last year given as today's; a file that only grows."""
    clock = Clock(START)
    ledger = Ledger(home, clock)
    store = ReplyStore(ledger)
    store.put("old", REPLY)
    clock.advance(29 * DAY)
    assert store.get("old")
    clock.advance(2 * DAY)
    assert store.get("old") is None
    store.put("new", REPLY)
    assert [row["key"] for row in ledger.database.rows("SELECT key FROM replies")] == ["new"]


@pytest.mark.parametrize(
    "row", ["", "{", "[]", "null", "5", '{"text": "a"}', '{"text": 1, "model": 2, "asked": 3, "new": 4}']
)
def test_a_row_of_another_version_is_asked_again(home: Path, row: str) -> None:
    """Stops: an update, or a damaged row, making a question impossible to ask."""
    ledger = Ledger(home, Clock(START))
    with ledger.database.transaction() as db:
        db.execute("INSERT INTO replies (key, at, reply) VALUES ('k', ?, ?)", (ledger.clock(), row))
    store = ReplyStore(ledger)
    assert store.get("k") is None
    store.put("k", REPLY)
    assert store.get("k")


def test_the_key_is_that_of_the_question_not_of_its_writing() -> None:
    """Stops: the same question paid twice for the order of a dict; two questions sharing one answer."""
    assert question_key({"a": 1, "b": [1, 2]}) == question_key({"b": [1, 2], "a": 1})
    keys = [question_key(parts) for parts in ({"a": 1}, {"a": "1"}, {"a": 1, "b": None}, {"a": [1]}, {})]
    assert len(set(keys)) == 5
    json.dumps(keys)


def test_the_wanted_type_is_part_of_the_question(home: Path, server: OpenRouterDouble) -> None:
    """Stops: a stored prose answer given where a typed one is wanted."""
    desk = gateway(home, server)
    prose, typed = ask(desk), ask(desk, question(answer=Plan))
    assert isinstance(prose, Reply) and isinstance(typed, Reply)
    assert prose.value is None and Plan.model_validate(typed.value) and len(server.requests) == 2


def test_threads_share_one_gateway(home: Path, server: OpenRouterDouble, prose: str) -> None:
    """Stops: two threads of one page mixing up their answers, or sending what the ledger does not know."""
    server.say(lambda body: f"回答：{body['messages'][-1]['content']}，以上。")
    desk = gateway(home, server)
    got: dict[str, str] = {}

    def work(name: int) -> None:
        for number in range(3):
            text = f"第{name}組第{number}題"
            reply = ask(desk, question(text))
            got[text] = reply.text if isinstance(reply, Reply) else str(reply)

    threads = [threading.Thread(target=work, args=(name,)) for name in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert got == {text: f"回答：{text}，以上。" for text in got} and len(got) == 18
    assert len(server.requests) == 18 == desk.ledger.requests_of("r1")
