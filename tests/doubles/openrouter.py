"""A stand-in for OpenRouter on loopback that misbehaves as the real one does.

    with OpenRouterDouble(daily=50) as server:
        server.script("z-ai/glm-5.2:free", [Fault.UPSTREAM_429, Fault.OK])
        ...                         # calls against server.base_url with key server.key
        assert server.counted == 2  # failed calls count too

Without a script a call meets what its model would meet: an unknown id 400, an expired one 404, a priced one 402 on an
account without credits. The account's limits hold for every call with a valid key, whatever the scripts say.
By hand: `python -m tests.doubles.openrouter --help`.
"""

from __future__ import annotations

import argparse
import json
import random
import threading
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, Self

from tests.doubles import answers, routing
from tests.doubles.account import Account, Clock
from tests.doubles.faults import FALLS_BACK, IN_200, STATUS, Fault, Scene, failure
from tests.doubles.records import Call, Recorded
from tests.doubles.wire import Server

__all__ = ["Clock", "Fault", "OpenRouterDouble", "Recorded"]

OLLAMA = [{"id": name, "created": 1787336476} for name in ("qwen3:4b", "gemma3:4b", "llama3.2:3b")]
FLAKY = [Fault.UPSTREAM_429] * 4 + [
    Fault.PROVIDER_502, Fault.OVERLOADED_503, Fault.ERROR_IN_200, Fault.EMPTY_CONTENT, Fault.LENGTH_EMPTY,
    Fault.STREAM_ERROR_CHUNK, Fault.FENCED_JSON, Fault.CUT_JSON, Fault.MISSING_ROWS, Fault.SIMPLIFIED,
]  # fmt: skip
Said = str | Callable[[dict[str, Any]], Any]


class OpenRouterDouble:
    """The server and its controls. `daily` and `per_minute` are the account's limits, `credits` its USD.

    `start` freezes the clock at that moment; `window` says how the minute is counted; `plain` imitates
    Ollama (no key, no limits, no prices, `models` ignored). Leaving the `with` block raises AssertionError
    when the double itself failed.
    """

    def __init__(
        self,
        key: str = "sk-or-test",
        daily: int = 50,
        per_minute: int = 20,
        seed: int = 1,
        *,
        start: float | datetime | None = None,
        window: Literal["clock", "sliding"] = "clock",
        credits: float = 0.0,
        plain: bool = False,
        key_has_counter: bool = True,
        flaky: float = 0.0,
        port: int = 0,
    ) -> None:
        self.key = key
        self.seed = seed
        self.credits = credits
        self.plain = plain
        self.key_has_counter = key_has_counter
        self.flaky = flaky
        self.drip = 0.05  # seconds between the pieces of SLOW_DRIP and KEEPALIVE_FOREVER
        self.clock = Clock(start)
        self.account = Account(self.clock, daily=daily, per_minute=per_minute, window=window)
        self.models: list[dict[str, Any]] = [dict(row) for row in OLLAMA] if plain else catalogue()
        self.closing = threading.Event()
        self.errors: list[str] = []
        self.fetches: list[str] = []
        self.disconnects: list[str] = []
        self.spent = 0.0
        self.on_request: Callable[[Recorded], None] | None = None
        self._changed = threading.Condition(threading.RLock())
        self._requests: list[Recorded] = []
        self._scripts: dict[str, tuple[deque[Fault], bool]] = {}
        self._default: Fault | None = None
        self._said: dict[str | None, Said] = {}
        self._latency: dict[str | None, tuple[float, float]] = {}
        self._broken: dict[str, Fault] = {}
        self._raised_from: dict[str, int] = {}
        self._rng = random.Random(seed)
        self._port = port
        self._server: Server | None = None

    # Life

    def start(self) -> Self:
        """Listen; after `stop` again on the same port, with all counts kept."""
        self.closing.clear()
        self._server = Server(self._port, self)
        self._port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def stop(self) -> None:
        """Stop listening and cut every open connection. Stopping twice is harmless."""
        if self._server is not None:
            server, self._server = self._server, None
            self.closing.set()
            server.shutdown()
            server.server_close()
            server.cut_all()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, *rest: object) -> None:
        self.stop()
        if kind is None and self.errors:
            raise AssertionError(f"the double itself failed: {self.errors}")

    # What happened

    @property
    def base_url(self) -> str:
        """The address for clients, e.g. http://127.0.0.1:40123/api/v1 (a plain server: …/v1)."""
        return f"http://127.0.0.1:{self._port}{'/v1' if self.plain else '/api/v1'}"

    @property
    def requests(self) -> list[Recorded]:
        """A copy of all chat calls so far, in order of arrival."""
        with self._changed:
            return list(self._requests)

    @property
    def counted(self) -> int:
        """The account's count in the clock's UTC day, failures and refusals included."""
        with self._changed:
            return self.account.today

    def wait_for(self, count: int, timeout: float = 10.0) -> list[Recorded]:
        """Block until `count` chat calls have arrived. Raises TimeoutError after `timeout` seconds."""
        with self._changed:
            if not self._changed.wait_for(lambda: len(self._requests) >= count, timeout):
                raise TimeoutError(f"{len(self._requests)} of {count} calls arrived within {timeout} s")
            return list(self._requests)

    def wait_disconnect(self, count: int = 1, timeout: float = 10.0) -> list[str]:
        """Block until clients left `count` answers half-way; the models they left. Raises TimeoutError."""
        with self._changed:
            if not self._changed.wait_for(lambda: len(self.disconnects) >= count, timeout):
                raise TimeoutError(f"{len(self.disconnects)} of {count} clients left within {timeout} s")
            return list(self.disconnects)

    # Controls

    def script(self, model: str, faults: Fault | Iterable[Fault], repeat: bool = False) -> None:
        """The outcomes of the next calls that try `model`; with `repeat` the last one stays."""
        queue = deque([faults] if isinstance(faults, Fault) else faults)
        with self._changed:
            self._scripts[model] = (queue, repeat)
            self._raised_from.pop(model, None)

    def everyone(self, faults: Fault | Iterable[Fault], repeat: bool = False) -> None:
        """The outcomes of the next attempts whatever the model; consumed before any `script`."""
        self.script("*", faults, repeat)

    def default(self, fault: Fault) -> None:
        """The outcome of every attempt that has no script. Fault.OK brings the catalogue's rules back."""
        with self._changed:
            self._default = None if fault is Fault.OK else fault

    def say(self, what: Said | None, model: str | None = None) -> None:
        """Content of good answers: text, or a function of the request body (a non-string is sent as JSON)."""
        with self._changed:
            self._said.pop(model, None)
            if what is not None:
                self._said[model] = what

    def set_latency(self, first: float = 0.0, per_token: float = 0.0, model: str | None = None) -> None:
        """Real seconds to the first token and between stream pieces, of one model or all."""
        self._latency[model] = (first, per_token)

    def fail(self, path: str, fault: Fault | None) -> None:
        """Make GET `path` ("/models", "/key") fail with `fault`, or work again with None."""
        with self._changed:
            self._broken.pop(path, None)
            if fault is not None:
                self._broken[path] = fault

    def spend(self, count: int) -> None:
        """Other programs of the same account make `count` calls."""
        with self._changed:
            self.account.spend(count)

    # What the wire asks

    def note_fetch(self, path: str) -> Fault | None:
        """Record a GET; the fault set for it, if any."""
        with self._changed:
            self.fetches.append(path)
            return self._broken.get(path)

    def note_disconnect(self, call: Call) -> None:
        """Record that the client left before `call` was fully answered."""
        with self._changed:
            self.disconnects.append(call.record.served or call.record.model)
            self._changed.notify_all()

    def scene(self, model: str) -> Scene:
        """The facts that failure texts quote."""
        row = routing.row_of(self.models, model) or {}
        account = self.account
        return Scene(
            model,
            row.get("context_length") or 131_072,
            account.daily,
            account.per_minute,
            account.day_reset_ms(),
            account.minute_reset_ms(),
        )

    def metadata(self, path: str, authorization: str | None) -> tuple[int, dict[str, Any]]:
        """Status and body of a GET."""
        if path == "/models":
            if self.plain:
                owned = {"object": "model", "owned_by": "library"}
                rows = [{"id": row["id"], "created": row.get("created", 0)} | owned for row in self.models]
                return 200, {"object": "list", "data": rows}
            return 200, {"data": self.models, "total_count": len(self.models), "links": {"next": None}}
        if self.plain or path not in ("/key", "/auth/key", "/credits"):
            return 404, {"error": {"message": "Not Found", "code": 404}}
        refused = self._refuse_key(authorization)
        if refused is not None:
            return 401, failure(refused, Scene()).body
        if path == "/credits":
            return 403, {"error": {"message": "Only management keys can perform this operation", "code": 403}}
        with self._changed:
            return 200, self.account.key_body(self.key, with_counter=self.key_has_counter)

    def receive(self, path: str, headers: dict[str, str], raw: bytes) -> Call:
        """Decide one chat call: key, limits, request, then one model after another."""
        try:
            body = json.loads(raw)
        except ValueError:
            body = None
        good = isinstance(body, dict) and bool(body.get("messages"))
        body = body if isinstance(body, dict) else {}
        listed = body.get("models") if isinstance(body.get("models"), list) and not self.plain else []
        candidates = list(dict.fromkeys([m for m in [body.get("model"), *listed] if isinstance(m, str)]))
        authorization = next((value for name, value in headers.items() if name.lower() == "authorization"), None)
        with self._changed:
            fault = self._gate(authorization, good and bool(candidates), len(listed), candidates)
            attempts: list[tuple[str, Fault]] = []
            if fault is None:
                for model in candidates:
                    fault = self._outcome(model, body)
                    attempts.append((model, fault))
                    if fault not in FALLS_BACK:
                        break
            assert fault is not None
            record = Recorded(
                at=self.clock.now(),
                path=path,
                model=str(body.get("model") or ""),
                models=tuple(str(m) for m in listed),
                body=body,
                stream=bool(body.get("stream")),
                status=0 if fault is Fault.HANG else STATUS.get(fault, 200),
                outcome=fault,
                served=None,
                attempts=tuple(attempts),
                headers={name: value for name, value in headers.items() if name.lower() != "authorization"},
            )
            call = self._settle(record, fault, attempts)
            self._requests.append(call.record)
            self._changed.notify_all()
        if self.on_request is not None:
            self.on_request(call.record)
        return call

    # How it decides

    def _refuse_key(self, authorization: str | None) -> Fault | None:
        if self.plain or authorization == f"Bearer {self.key}":
            return None
        return Fault.KEY_401 if authorization else Fault.NO_KEY_401

    def _gate(self, authorization: str | None, good: bool, listed: int, candidates: list[str]) -> Fault | None:
        """What stops a call before any model is tried. Only calls with a valid key are counted."""
        if refused := self._refuse_key(authorization):
            return refused
        for name in ("*", *candidates[:1]):  # a scripted 401 is a key withdrawn: nothing to count
            queue, _ = self._scripts.get(name, (deque(), False))
            if queue and queue[0] in (Fault.KEY_401, Fault.NO_KEY_401):
                return self._take(name)
            if queue:
                break
        if not self.plain and (limit := self.account.admit()):
            return limit
        if not good:
            return Fault.BAD_REQUEST_400
        return Fault.MODELS_CAP_400 if listed > 3 else None

    def _take(self, name: str) -> Fault | None:
        queue, repeat = self._scripts.get(name, (deque(), False))
        if not queue:
            return None
        return queue[0] if repeat and len(queue) == 1 else queue.popleft()

    def _outcome(self, model: str, body: dict[str, Any]) -> Fault:
        """The outcome of one attempt: the scripts first, then the default, then what the catalogue says."""
        fault = self._take("*") or self._take(model) or self._default
        if fault is None:
            known = model in self._scripts
            fault = routing.refusal(self.models, model, body, self.clock.now(), self.credits, self.plain, known)
        if fault is None and self._rng.random() < self.flaky:
            fault = self._rng.choice(FLAKY)
        if fault is Fault.LENGTH_EMPTY:
            given = body.get("max_completion_tokens") or body.get("max_tokens")
            before = self._raised_from.setdefault(model, given or 1024)
            if before != (given or 1024) and (given is None or given > before):
                fault = Fault.OK
        return fault or Fault.OK

    def _settle(self, record: Recorded, fault: Fault, attempts: list[tuple[str, Fault]]) -> Call:
        """Turn the outcome into a failure or a reply."""
        asked = attempts[-1][0] if attempts else record.model
        rng = answers.dice(record.body, asked, self.seed)
        if fault in STATUS:
            if fault is Fault.NOT_JSON_502:
                return Call(record, fault, None, None, rng)
            failed = failure(fault, self.scene(asked))
            if self.plain and fault is Fault.GONE_404:
                failed = routing.not_pulled(asked)
            elif len(attempts) > 1:
                earlier = [{"model": name, "code": STATUS[each]} for name, each in attempts[:-1]]
                failed.body["error"].setdefault("metadata", {})["previous_errors"] = earlier
            return Call(record, fault, failed, None, rng)
        served = asked
        if asked == "openrouter/free":
            busy = {name for name, (queue, _) in self._scripts.items() if queue}
            served = routing.any_free(self.models, self.clock.now(), busy, rng) or asked
        said = self._said.get(asked, self._said.get(None))
        said = said(record.body) if callable(said) else said
        if said is not None and not isinstance(said, str):
            said = json.dumps(said, ensure_ascii=False)
        reply = routing.reply(self.models, served, record, fault, self.seed, said, self.plain, rng)
        if fault in IN_200:
            reply.failure = failure(IN_200[fault], self.scene(asked))
        self.spent += reply.cost
        first, per_token = self._latency.get(asked, self._latency.get(None, (0.0, 0.0)))
        return Call(replace(record, served=served), fault, None, reply, rng, first, per_token)


def catalogue() -> list[dict[str, Any]]:
    """A fresh copy of the catalogue kept beside this file: 35 true rows of GET /models, traps included."""
    return json.loads(Path(__file__).with_name("catalogue.json").read_text(encoding="utf-8"))["data"]


def main(argv: list[str] | None = None) -> None:
    """Start the double by hand."""
    parser = argparse.ArgumentParser(prog="python -m tests.doubles.openrouter", description=__doc__.splitlines()[0])
    parser.add_argument("--port", type=int, default=0, help="port on 127.0.0.1 (default: any free one)")
    parser.add_argument("--key", default="sk-or-test")
    parser.add_argument("--daily", type=int, default=50, help="requests a UTC day")
    parser.add_argument("--per-minute", type=int, default=20, help="requests a clock minute")
    parser.add_argument("--latency-first", type=float, default=0.0, help="seconds to the first token")
    parser.add_argument("--per-token", type=float, default=0.0, help="seconds between stream pieces")
    parser.add_argument("--flaky", type=float, default=0.0, help="share of attempts that fail as captured, 0 to 1")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--plain", action="store_true", help="imitate Ollama")
    args = parser.parse_args(argv)
    double = OpenRouterDouble(
        args.key, args.daily, args.per_minute, args.seed, plain=args.plain, flaky=args.flaky, port=args.port
    )
    double.set_latency(args.latency_first, args.per_token)
    double.on_request = lambda one: print(  # noqa: T201
        f"{datetime.now():%H:%M:%S} {one.status} {one.outcome} {one.served or one.model} "
        f"{'stream ' if one.stream else ''}counted={double.counted}",
        flush=True,
    )
    with double:
        print(f"OPENROUTER_BASE_URL={double.base_url}\nOPENROUTER_API_KEY={double.key}", flush=True)  # noqa: T201
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            print("stopped")  # noqa: T201


if __name__ == "__main__":
    main()
