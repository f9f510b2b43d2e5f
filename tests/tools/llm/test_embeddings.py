"""Embedding through the gateway: batched, counted, paced, free or refused, checked, and silent about the key."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.doubles.embeddings import DIMS, EmbeddingsDouble, vector
from tests.tools.llm.kit import KEY, NOW
from tools.llm import (
    BadVectors,
    Cancelled,
    CostsMoney,
    Gateway,
    KeyRejected,
    Limits,
    NoCredit,
    NoKey,
    NoModel,
    NoReply,
    PaidModel,
    PrivacyBlocked,
    QuestionTooLong,
    QuotaSpent,
    Unreachable,
    open_embedding_gateway,
)
from tools.llm.embeddings import bills
from tools.settings import DEFAULT_BASE_URL, Settings

FREE, OWN = "vendor/embedder:free", "some-embedder"
QUICK = Limits(connect=2, first=10, total=20)


class Clock:
    """Unix seconds that pass only by sleeping."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def own() -> Iterator[EmbeddingsDouble]:
    """A server of one's own: it lists no prices and wants no key."""
    with EmbeddingsDouble() as server:
        yield server


@pytest.fixture
def metered() -> Iterator[EmbeddingsDouble]:
    """A server that lists prices and counts requests, as OpenRouter does."""
    with EmbeddingsDouble(key=KEY, priced=True) as server:
        yield server


def gateway(home: Path, server: EmbeddingsDouble, clock: Clock, **more: Any) -> Gateway:
    given = {"limits": QUICK, "clock": clock, "sleep": clock.sleep, "own_server": True, **more}
    return Gateway(home, server.base_url, given.pop("key", server.key), **given)


def test_vectors_come_back_in_order(home: Path, own: EmbeddingsDouble, clock: Clock) -> None:
    texts = ["貓在睡覺", "a dog barks", "貓在睡覺", "", "半個字\ud83d"]
    rows = gateway(home, own, clock).embed(texts, model=OWN)
    assert rows.shape == (5, DIMS) and rows.dtype == np.float32
    np.testing.assert_allclose(rows[1], vector("a dog barks"), rtol=1e-5)
    np.testing.assert_array_equal(rows[0], rows[2])
    (sent,) = own.requests
    assert sent["input"] == ["貓在睡覺", "a dog barks", ".", "半個字\ufffd"], (
        "equal texts once, none empty, none broken"
    )
    assert sent["encoding_format"] == "float" and "provider" not in sent
    assert "Authorization" not in own.headers[0]
    assert gateway(home, own, clock).embed([], model=OWN).shape[0] == 0 and len(own.requests) == 1


@pytest.mark.parametrize("fault", ["shuffle", "no index"])
def test_order_is_read_off_the_index(home: Path, own: EmbeddingsDouble, clock: Clock, fault: str) -> None:
    own.faults = [fault]
    rows = gateway(home, own, clock).embed(["一二三", "四五六"], model=OWN)
    np.testing.assert_allclose(rows, [vector("一二三"), vector("四五六")], rtol=1e-5)


def test_long_input_goes_in_batches(home: Path, own: EmbeddingsDouble, clock: Clock) -> None:
    texts = [f"第{n}段" for n in range(300)]
    rows = gateway(home, own, clock).embed(texts, model=OWN)
    assert [len(body["input"]) for body in own.requests] == [128, 128, 44]
    np.testing.assert_allclose(rows[299], vector("第299段"), rtol=1e-5)
    own.requests.clear()
    gateway(home, own, clock).embed(["長" * 30_000 + str(n) for n in range(5)], model=OWN)
    assert [len(body["input"]) for body in own.requests] == [2, 2, 1]


@pytest.mark.parametrize("listed", [True, False])
def test_ones_own_server_is_not_counted(home: Path, clock: Clock, listed: bool) -> None:
    with EmbeddingsDouble(listed=listed) as server:
        desk = gateway(home, server, clock)
        for number in range(70):
            desk.embed([str(number)], model=OWN)
        assert len(server.requests) == 70 and clock.now == NOW and not desk.quota().limited


def test_a_metered_server_is_counted_and_paced(home: Path, metered: EmbeddingsDouble, clock: Clock) -> None:
    desk = gateway(home, metered, clock)
    for number in range(20):
        desk.embed([str(number)], model=FREE, run="r1")
    assert clock.now == NOW
    desk.embed(["再一次"], model=FREE)
    assert clock.now > NOW + 50, "the minute was full"
    assert desk.quota().used == 21 and desk.ledger.requests_of("r1") == 20
    for number in range(29):
        desk.embed([f"n{number}"], model=FREE)
    with pytest.raises(QuotaSpent) as caught:
        desk.embed(["第五十一次"], model=FREE)
    assert caught.value.until and len(metered.requests) == 50


def test_background_work_leaves_requests_to_people(home: Path, metered: EmbeddingsDouble, clock: Clock) -> None:
    desk = gateway(home, metered, clock)
    with pytest.raises(QuotaSpent, match="留給正在等待的人"):
        for number in range(50):
            desk.embed([str(number)], model=FREE, purpose="background")
    assert len(metered.requests) == 40
    assert desk.embed(["人"], model=FREE).shape == (1, DIMS)


def test_a_model_that_is_not_free_is_refused_before_anything_is_sent(
    home: Path, metered: EmbeddingsDouble, clock: Clock
) -> None:
    with pytest.raises(PaidModel, match=":free"):
        gateway(home, metered, clock).embed(["x"], model="vendor/embedder")
    assert metered.requests == []
    real = Gateway(home, DEFAULT_BASE_URL, KEY, clock=clock, sleep=clock.sleep)
    with pytest.raises(PaidModel):
        real.embed(["x"], model="openai/text-embedding-3-small")
    assert bills("https://openrouter.ai/api/v1") and bills("https://eu.openrouter.ai/v1")
    assert not bills("https://notopenrouter.ai/v1") and not bills("http://localhost:1/openrouter.ai") and not bills("[")


def test_no_key_where_one_is_needed(home: Path, clock: Clock) -> None:
    with pytest.raises(NoKey):
        Gateway(home, DEFAULT_BASE_URL, None, clock=clock).embed(["x"], model=FREE)


@pytest.mark.parametrize("fault", ["busy", "500", "inside", "html", "reset", "redirect"])
def test_what_passes_is_tried_again(home: Path, own: EmbeddingsDouble, clock: Clock, fault: str) -> None:
    own.faults = [fault, fault]
    assert gateway(home, own, clock).embed(["x"], model=OWN).shape == (1, DIMS)
    assert len(own.requests) == 3 and NOW < clock.now < NOW + 60
    own.faults = [fault] * 9
    with pytest.raises(NoModel) as caught:
        gateway(home, own, clock).embed(["x"], model=OWN)
    assert len(caught.value.attempts) == 3 and OWN in str(caught.value)
    assert len(own.requests) == 6


def test_failed_requests_count_too(home: Path, metered: EmbeddingsDouble, clock: Clock) -> None:
    metered.faults = ["500", "500"]
    desk = gateway(home, metered, clock)
    desk.embed(["x"], model=FREE)
    assert desk.quota().used == 3


@pytest.mark.parametrize("fault", ["count", "twice", "dims", "words", "base64", "null", "no data"])
def test_wrong_vectors_are_a_typed_error(home: Path, own: EmbeddingsDouble, clock: Clock, fault: str) -> None:
    own.faults = [fault]
    with pytest.raises(BadVectors, match=OWN) as caught:
        gateway(home, own, clock).embed(["一二", "三四"], model=OWN)
    assert OWN in caught.value.message("en") and len(own.requests) == 1


def test_batches_of_different_lengths_are_one_too(home: Path, own: EmbeddingsDouble, clock: Clock) -> None:
    desk = gateway(home, own, clock)

    def narrower() -> bool:
        own.dims = DIMS if len(own.requests) == 0 else 12
        return False

    with pytest.raises(BadVectors, match="12"):
        desk.embed([str(n) for n in range(200)], model=OWN, cancelled=narrower)


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ("401", KeyRejected),
        ("402", NoCredit),
        ("day", QuotaSpent),
        ("privacy", PrivacyBlocked),
        ("long", QuestionTooLong),
        ("404", NoModel),
        ("cost", CostsMoney),
    ],
)
def test_what_concerns_the_account_or_the_text_ends_it(
    home: Path, metered: EmbeddingsDouble, clock: Clock, fault: str, kind: type[NoReply]
) -> None:
    metered.faults = [fault]
    desk = gateway(home, metered, clock)
    with pytest.raises(kind) as caught:
        desk.embed(["x"], model=FREE)
    assert caught.value.message("zh") and caught.value.message("en")
    assert len(metered.requests) == 1
    if fault in ("401", "day", "cost"):
        with pytest.raises(kind):
            desk.embed(["x"], model=FREE)
        assert len(metered.requests) == 1, "the account is known to be refused"


def test_a_full_minute_is_waited_for(home: Path, metered: EmbeddingsDouble, clock: Clock) -> None:
    metered.faults = ["minute"]
    assert gateway(home, metered, clock).embed(["x"], model=FREE).shape == (1, DIMS)
    assert clock.now > NOW + 50 and len(metered.requests) == 2


def test_a_server_that_is_not_there(home: Path, clock: Clock) -> None:
    with EmbeddingsDouble() as gone:
        url = gone.base_url
    desk = Gateway(home, url, None, own_server=True, limits=QUICK, clock=clock, sleep=clock.sleep)
    with pytest.raises(Unreachable, match="127"):
        desk.embed(["x"], model=OWN)


@pytest.mark.parametrize("fault", ["hang", "drip"])
def test_a_slow_server_is_left(home: Path, own: EmbeddingsDouble, clock: Clock, fault: str) -> None:
    own.faults = [fault] * 3
    desk = gateway(home, own, clock, limits=Limits(connect=2, first=0.3, total=0.5))
    with pytest.raises(NoModel, match="timeout"):
        desk.embed(["x"], model=OWN)
    assert len(own.requests) == 3


def test_a_stop_is_heard(home: Path, own: EmbeddingsDouble, clock: Clock) -> None:
    with pytest.raises(Cancelled):
        gateway(home, own, clock).embed(
            [str(n) for n in range(300)], model=OWN, cancelled=lambda: len(own.requests) > 0
        )
    assert len(own.requests) == 1


def test_the_key_is_nowhere(home: Path, metered: EmbeddingsDouble, clock: Clock, caplog: Any) -> None:
    caplog.set_level(logging.DEBUG)
    metered.faults = ["echo"] * 3
    desk = gateway(home, metered, clock)
    with pytest.raises(NoModel) as caught:
        desk.embed(["x"], model=FREE)
    desk.ledger.database.close()
    told = [str(caught.value), repr(vars(caught.value)), *traceback.format_exception(caught.value), caplog.text]
    assert not [text for text in told if KEY[:20] in text]
    for path in home.rglob("*"):
        assert not path.is_file() or KEY[:20].encode() not in path.read_bytes(), path.name


def test_the_main_key_goes_to_the_main_server_only(home: Path, own: EmbeddingsDouble, monkeypatch: Any) -> None:
    monkeypatch.setenv("OPENROUTER_API_KEY", KEY)
    monkeypatch.setenv("FINALE_EMBED_URL", own.base_url + "/")
    open_embedding_gateway(Settings()).embed(["x"], model=OWN)
    assert "Authorization" not in own.headers[-1]
    monkeypatch.setenv("FINALE_EMBED_KEY", " own-key-of-that-server ")
    open_embedding_gateway(Settings()).embed(["x"], model=OWN)
    assert own.headers[-1]["Authorization"] == "Bearer own-key-of-that-server"
    monkeypatch.delenv("FINALE_EMBED_KEY")
    monkeypatch.setenv("OPENROUTER_BASE_URL", own.base_url)
    open_embedding_gateway(Settings()).embed(["x"], model=OWN)
    assert own.headers[-1]["Authorization"] == f"Bearer {KEY}"
