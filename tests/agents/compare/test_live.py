"""What streams: told in few events, each in order, and nothing left behind."""

from __future__ import annotations

import threading
import time

from agents import compare
from agents.compare.live import Live
from agents.context import RunOptions
from agents.events import Event, Text
from agents.run import open_runs
from tests.agents.compare.kit import GEMMA, GLM, SUPER, THREE, cells
from tests.doubles.openrouter import OpenRouterDouble


def test_pieces_become_few_events_and_none_is_lost() -> None:
    told: list[Event] = []
    with Live(told.append) as live:
        live.begin("1|a", 1)
        for n in range(500):
            live.feed("1|a", f"{n},")
        live.end("1|a")
    texts = [event.text for event in told if isinstance(event, Text)]
    assert "".join(texts) == "".join(f"{n}," for n in range(500)) and len(texts) < 50


def test_a_piece_does_not_wait_for_the_next_one() -> None:
    told: list[Event] = []
    second = threading.Event()

    def emit(event: Event) -> None:
        told.append(event)
        if len(told) == 2:
            second.set()

    with Live(emit) as live:
        live.begin("1|a", 1)
        live.feed("1|a", "先到的")
        live.feed("1|a", "隨後的")  # nothing comes after it, and the reply does not end
        assert second.wait(20)
    assert [event.text for event in told] == ["先到的", "隨後的"]


def test_a_later_attempt_starts_over() -> None:
    told: list[Event] = []
    with Live(told.append) as live:
        for attempt in (3, 7):
            live.begin("1|a", attempt)
            live.feed("1|a", "好")
            live.end("1|a")
    assert [event.attempt for event in told] == [3, 7]


def test_a_stopped_run_keeps_what_it_has_and_goes_on(double: OpenRouterDouble) -> None:
    double.set_latency(first=0.2)
    double.set_latency(first=30, model=GEMMA)
    runs = open_runs()
    given = compare.prepared({"prompts": ["一", "二"], "models": THREE}).model_dump(mode="json")
    run = runs.start(compare.AGENT, given, RunOptions(purpose="interactive"))
    double.wait_for(5)  # the slow one is still at its first, the others have both
    while len([1 for _, answer in runs.store.answers(run) if answer.by == "model"]) < 4:
        time.sleep(0.05)
    runs.stop(run)
    for _ in runs.follow(run):
        pass
    assert runs.store.get(run).status == "stopped"
    double.set_latency(first=0.0, model=GEMMA)
    runs.resume(run)
    for _ in runs.follow(run, runs.last_event(run)):
        pass
    result = runs.result(run)
    assert all(row["text"] for row in result.output.replies)
    assert {call.model for call in double.requests[5:]} == {GEMMA} and result.status == "done"


def test_who_waits_for_another_run_s_reply_holds_nobody_up(double: OpenRouterDouble) -> None:
    double.set_latency(first=3, model=GLM)
    runs = open_runs()

    def start(models: list[str]) -> str:
        given = compare.prepared({"prompts": ["一"], "models": models}).model_dump(mode="json")
        return runs.start(compare.AGENT, given, RunOptions(purpose="interactive"))

    first = start([GLM])
    double.wait_for(1)
    other = start([GLM, SUPER])
    double.wait_for(2)  # SUPER is asked while this run's GLM waits for what the first run is being told
    assert runs.alive(first) and double.requests[1].model == SUPER
    for run in (first, other):
        for _ in runs.follow(run):
            pass
    assert len(double.requests) == 2 and cells(runs.result(other))["p1", GLM, 1]["stored"]


def test_who_asked_for_no_model_gets_none(double: OpenRouterDouble) -> None:
    runs = open_runs()
    given = compare.prepared({"prompts": ["雨天"], "models": [GLM, "offline"], "judge": SUPER}).model_dump(mode="json")
    run = runs.start(compare.AGENT, given, RunOptions(offline=True))
    for _ in runs.follow(run):
        pass
    rows = {row["model"]: row for row in runs.result(run).output.replies}
    assert rows[GLM]["error"] == "asked_offline" and rows["offline"]["text"] and not double.requests
