"""Whom a question is put to: three chances in one request, the wanted model first, nobody twice in vain."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.doubles.openrouter import Fault, OpenRouterDouble
from tests.tools.llm.kit import GEMMA, GLM, SUPER, Ear, Plan, ask, gateway, question
from tools.llm import ROUTER, CostsMoney, NoModel, Reply


def vendors(models: tuple[str, ...]) -> list[str]:
    return [model.split("/")[0] for model in models]


def test_three_chances_of_three_vendors_in_one_request(home: Path, server: OpenRouterDouble, prose: str) -> None:
    """Stops: a fourth model (HTTP 400), three of one vendor, a paid route, or a parameter filter that refuses all."""
    ask(gateway(home, server))
    (request,) = server.requests
    assert request.model == request.models[0] and len(request.models) == 3 == len(set(vendors(request.models)))
    assert ROUTER not in request.models
    assert request.body["provider"] == {"max_price": {"prompt": 0, "completion": 0}}
    assert request.stream and request.headers["x-openrouter-title"] == "Finale"


def test_who_failed_inside_a_request_is_not_asked_again(home: Path, server: OpenRouterDouble, prose: str) -> None:
    """Stops: a second request to the models that the server had just tried for the first."""
    server.default(Fault.UPSTREAM_429)
    got = ask(gateway(home, server))
    assert isinstance(got, NoModel)
    tried = [model for request in server.requests for model, _ in request.attempts]
    assert len(tried) == len(set(tried)) == 7, "3 + 3 + the router"
    assert server.requests[-1].model == ROUTER


def test_each_failure_is_put_to_the_model_that_failed(home: Path, server: OpenRouterDouble, prose: str) -> None:
    """Stops: a busy model shut out for hours because another one, tried after it, was gone."""
    desk = gateway(home, server)
    ask(desk, question("先問一次", version="0"))
    first, second, third = server.requests[-1].models
    server.script(first, [Fault.UPSTREAM_429])
    server.script(second, [Fault.PROVIDER_502])
    server.script(third, [Fault.GONE_404])
    assert isinstance(ask(desk), Reply)
    health = desk.health.all()
    assert [health[model].last_why for model in (first, second, third)] == ["busy", "provider", "gone"]


def test_the_answer_is_credited_to_who_gave_it(home: Path, server: OpenRouterDouble, prose: str) -> None:
    """Stops: a dead model praised for its neighbour's answers, and a reply under the wrong name."""
    desk = gateway(home, server)
    ask(desk, question(version="0"))
    first, second, _ = server.requests[-1].models
    server.script(first, [Fault.UPSTREAM_429])
    got = ask(desk)
    assert isinstance(got, Reply) and (got.model, got.asked, got.requests) == (second, first, 1)
    health = desk.health.all()
    assert (health[first].wins, health[first].losses, health[second].wins) == (1, 1, 1)


def test_the_wanted_model_leads(home: Path, server: OpenRouterDouble, prose: str) -> None:
    """Stops: a person's choice ignored."""
    ear = Ear()
    got = ear.ask(gateway(home, server), question(model=GEMMA))
    assert isinstance(got, Reply) and got.model == GEMMA == server.requests[0].model and ear.keys == []


@pytest.mark.parametrize("fault", [Fault.UPSTREAM_429, Fault.GONE_404])
def test_a_wanted_model_that_does_not_serve_is_told_by_name(
    home: Path, server: OpenRouterDouble, prose: str, fault: Fault
) -> None:
    """Stops: a silent substitution."""
    server.script(GEMMA, [fault])
    ear = Ear()
    got = ear.ask(gateway(home, server), question(model=GEMMA))
    assert isinstance(got, Reply) and got.model != GEMMA and ear.keys == ["served_by_other"]
    assert GEMMA in ear.lines()[0] and got.model in ear.lines()[0]


@pytest.mark.parametrize(
    "name", ["deepseek/long-gone:free", "openai/gpt-5.4-nano", "nvidia/nemotron-3.5-content-safety:free"]
)
def test_a_wanted_model_that_is_not_free_or_unknown(
    home: Path, server: OpenRouterDouble, prose: str, name: str
) -> None:
    """Stops: a request for a model that is gone or costs money, or a substitution nobody is told of."""
    ear = Ear()
    got = ear.ask(gateway(home, server), question(model=name))
    assert isinstance(got, Reply) and "wanted_missing" in ear.keys and name in ear.lines()[0]
    assert name not in server.requests[0].models and name != server.requests[0].model


@pytest.mark.parametrize("name", [GLM, "liquid/lfm-2.5-2.6b:free"])
def test_a_dated_name_is_the_same_model(home: Path, server: OpenRouterDouble, prose: str, name: str) -> None:
    """Stops: a person told that another model answered although it was the chosen one."""
    server.everyone([Fault.DATED_MODEL])
    ear = Ear()
    desk = gateway(home, server)
    got = ear.ask(desk, question(model=name))
    assert isinstance(got, Reply) and got.model != name and ear.keys == []
    assert desk.health.of(name).wins == 1


def test_the_router_may_be_wanted(home: Path, server: OpenRouterDouble, prose: str) -> None:
    """Stops: who chose "any free model" being told that the choice was not honoured."""
    ear = Ear()
    got = ear.ask(gateway(home, server), question(model=ROUTER))
    assert isinstance(got, Reply) and server.requests[0].model == ROUTER and ear.keys == []
    assert got.model != ROUTER


def test_what_is_said_to_come_next_comes(home: Path, server: OpenRouterDouble, prose: str) -> None:
    """Stops: "no other model to try", and then another one is tried."""
    server.everyone(Fault.PROVIDER_502, repeat=True)
    ear = Ear()
    ear.ask(gateway(home, server), question(model="deepseek/long-gone:free"))
    nexts = [notice.params["next"] for notice in ear.notices if notice.key == "attempt_failed"]
    assert nexts == ["@trying_next", "@trying_next", "@no_next"] and len(server.requests) == 3


def test_a_refused_parameter_is_left_out_next_time(home: Path, server: OpenRouterDouble) -> None:
    """Stops: a good model thrown away for a schema it does not take, and the same refusal learnt every time."""
    server.everyone([Fault.NO_PARAMS_404])
    server.models = [each for each in server.models if each["id"] == GLM]
    desk = gateway(home, server)
    got = ask(desk, question(answer=Plan))
    assert isinstance(got, Reply)
    sent = [request.body.get("response_format", {}).get("type") for request in server.requests]
    assert sent[:2] == ["json_schema", None]
    before = len(server.requests)
    assert isinstance(ask(desk, question("另一題", answer=Plan)), Reply)
    assert "response_format" not in server.requests[before].body


def test_a_refused_parameter_that_was_never_sent(home: Path, server: OpenRouterDouble, prose: str) -> None:
    """Stops: the same words sent to the same model three times, and its schema held against it."""
    server.everyone(Fault.NO_PARAMS_404, repeat=True)
    desk = gateway(home, server)
    assert isinstance(ask(desk), NoModel)
    tried = [request.model for request in server.requests]
    assert len(tried) == len(set(tried)) == 3
    assert not any(health.lacks for health in desk.health.all().values())


def test_a_repair_goes_to_who_answered(home: Path, server: OpenRouterDouble) -> None:
    """Stops: a correction asked of a model that never saw the question."""
    desk = gateway(home, server)
    ask(desk, question(version="0", answer=Plan))
    first, second, _ = server.requests[-1].models
    server.script(first, [Fault.UPSTREAM_429] * 4)
    server.script(second, [Fault.CUT_JSON])
    got = ask(desk, question(answer=Plan))
    assert isinstance(got, Reply) and got.requests == 2
    assert server.requests[-1].model == second == got.model
    roles = [message["role"] for message in server.requests[-1].body["messages"]]
    assert roles == ["system", "user", "assistant", "user"]


def test_after_a_repair_in_vain_comes_somebody_new(home: Path, server: OpenRouterDouble) -> None:
    """Stops: the next request led by the model that was passed over, or by the one that answered badly twice."""
    desk = gateway(home, server)
    ask(desk, question(version="0", answer=Plan))
    first, second, _ = server.requests[-1].models
    server.script(first, Fault.UPSTREAM_429, repeat=True)
    server.script(second, Fault.CUT_JSON, repeat=True)
    got = ask(desk, question(answer=Plan))
    assert isinstance(got, Reply) and got.requests == 3
    assert not {first, second} & {*server.requests[-1].models, server.requests[-1].model}
    health = desk.health.all()
    assert (health[first].last_why, health[second].last_why) == ("provider", "bad_answer")


def test_one_repair_a_question(home: Path, server: OpenRouterDouble) -> None:
    """Stops: a correction asked of every model in turn: six requests for one answer."""
    server.everyone(Fault.CUT_JSON, repeat=True)
    ear = Ear()
    ear.ask(gateway(home, server), question(answer=Plan))
    assert ear.keys.count("asking_again") == 1 and len(server.requests) == 4


def test_the_form_is_always_in_the_prompt(home: Path, server: OpenRouterDouble) -> None:
    """Stops: a model without structured output that never learns what is wanted."""
    for name in (GLM, "cohere/north-mini-code:free", GEMMA):
        assert isinstance(ask(gateway(home, server), question(name, answer=Plan, model=name)), Reply)
    kinds = [request.body.get("response_format", {}).get("type") for request in server.requests]
    assert kinds == ["json_schema", None, "json_object"]
    assert all('"points"' in request.body["messages"][0]["content"] for request in server.requests)


def test_an_empty_answer_that_was_all_thought_gets_more_room_once(
    home: Path, server: OpenRouterDouble, prose: str
) -> None:
    """Stops: giving up on a model that only needed room; or raising the budget again and again."""
    server.script(SUPER, [Fault.LENGTH_EMPTY] * 2)
    ear = Ear()
    got = ear.ask(gateway(home, server), question(model=SUPER, max_tokens=500))
    assert isinstance(got, Reply) and got.model == SUPER and ear.keys == ["raising_budget"]
    budgets = [request.body["max_tokens"] for request in server.requests]
    assert budgets[0] == 500 and budgets[1] >= 4_000 and len(budgets) == 2
    assert server.requests[0].body["reasoning"] == {"effort": "low"}


def test_a_reply_that_costs_stops_everything_and_that_model(home: Path, server: OpenRouterDouble, prose: str) -> None:
    """Stops: a second paid reply, before a person could look at the account; and for long, one of the same model."""
    server.script(GLM, Fault.COSTS_MONEY, repeat=True)
    desk = gateway(home, server)
    got = ask(desk, question(model=GLM))
    assert isinstance(got, CostsMoney) and GLM in str(got) and "0.002" in str(got) and len(server.requests) == 1
    again = ask(desk, question("另一題"))
    assert isinstance(again, CostsMoney) and str(again) == str(got) and len(server.requests) == 1
    server.clock.advance(3_700)
    for number in range(3):
        assert isinstance(ask(desk, question(f"第{number}題", model=GLM if number else "")), Reply)
    assert not any(GLM in (request.model, *request.models) for request in server.requests[1:])


@pytest.mark.parametrize("shown", ["<think>" + "想了又想，還是想不出來。" * 20, "短"])
def test_a_broken_answer_without_anything_to_keep_is_no_answer(
    home: Path, server: OpenRouterDouble, shown: str
) -> None:
    """Stops: an empty page called an answer, because what broke off was only thought."""
    server.say(shown)
    server.everyone(Fault.STREAM_RESET, repeat=True)
    assert isinstance(ask(gateway(home, server)), NoModel)


def test_what_was_shown_is_kept_and_marked_and_not_stored(home: Path, server: OpenRouterDouble, prose: str) -> None:
    """Stops: half a text lost, or half a text stored as the answer for a month."""
    server.everyone([Fault.STREAM_ERROR_CHUNK] * 3)
    desk, ear = gateway(home, server), Ear()
    got = ear.ask(desk, question())
    assert isinstance(got, Reply) and got.cut and got.finish_reason == "broken"
    assert len(got.text) > 60 and prose.startswith(got.text) and ear.shown[1] and "cut_short" in ear.keys
    again = ask(desk)
    assert isinstance(again, Reply) and again.text == prose and not again.stored


def test_each_attempt_is_shown_under_its_number(home: Path, server: OpenRouterDouble, prose: str) -> None:
    """Stops: the text of two attempts run together on the screen."""
    server.everyone([Fault.STREAM_RESET])
    ear = Ear()
    got = ear.ask(gateway(home, server), question())
    assert isinstance(got, Reply) and ear.shown[2] == got.text == prose and prose.startswith(ear.shown[1])


def test_ones_own_server(home: Path) -> None:
    """Stops: Ollama refused for want of a key, limited to 50 a day, or sent fields it does not know."""
    with OpenRouterDouble(plain=True, daily=1, per_minute=1) as server:
        desk = gateway(home, server, key=None)
        for number in range(25):
            got = ask(desk, question(f"第{number}題", answer=Plan if number == 0 else None))
            assert isinstance(got, Reply), got
        assert isinstance(ask(desk, question(model="llama3.2:3b")), Reply)
        assert server.requests[-1].model == "llama3.2:3b"
        for request in server.requests:
            assert not {"models", "provider", "reasoning"} & set(request.body)
        assert not desk.quota().limited and desk.ledger.requests_of("r1") == 26 == len(server.requests)


def test_ones_own_server_may_serve_what_it_does_not_list(home: Path) -> None:
    """Stops: a model that a person names being refused by us instead of by the server."""
    with OpenRouterDouble(plain=True) as server:
        server.script("my-own:latest", [Fault.OK])
        got = ask(gateway(home, server, key=None), question(model="my-own:latest"))
        assert isinstance(got, Reply) and got.model == "my-own:latest"
