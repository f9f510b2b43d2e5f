"""The copywriter's graph: write every product's copy, one question each, then draw, then put the files together."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from langgraph.graph import END, START, StateGraph
from langgraph.runtime import Runtime

from agents.context import RunContext
from agents.copywriter.checks import checked
from agents.copywriter.errors import WORDS
from agents.copywriter.evidence import evidence_of
from agents.copywriter.export import check_folder, files_of, text_name, write_files
from agents.copywriter.pictures import artist_of, orders_of, paint
from agents.copywriter.products import Product, Products
from agents.copywriter.shop import Shop
from agents.copywriter.state import CopyOutput, CopyState, ProductCopy
from agents.copywriter.steps import COPY, question_of
from agents.copywriter.tracing import names_forbidden
from agents.events import Artifact, Event, Progress, Warned
from agents.step import Answer
from tools.words import Words

__all__ = ["build"]

# Reasons that the gateway gives at once, unless it has a stored reply: asking on costs nothing and may find one.
_AT_ONCE = frozenset({"quota_spent", "quota_kept", "run_limit", "no_key", "key_rejected", "no_credit"})
_PATIENCE = 3  # products in a row that waited for a model in vain


def write(state: CopyState, runtime: Runtime[RunContext]) -> dict[str, Any]:
    """Ask for each product's draft and hold it against the facts."""
    context, inputs = runtime.context, state["inputs"]
    shop, given = Shop.model_validate(inputs["shop"]), Products.model_validate(inputs["product"])
    names = [text_name(product.id, product.name) for product in given.products]
    check_folder(_folder(context, inputs), names, context.lang)  # before anything is paid for
    for row in given.skipped:
        _warn(context, "row_skipped", line=row.line, why=_say(context, row.key, **row.params))
    asker, done = _Asker(context), []
    for n, product in enumerate(given.products, 1):
        context.check_stop()
        what = _say(context, "writing", n=n, count=len(given.products), name=product.name[:30])
        at = Progress(step=COPY.name, what=what, done=n - 1, of=len(given.products))
        context.emit(at)
        _tell_about(context, shop, product)
        answer = asker.ask(shop, product, at)
        draft = answer.value if answer.by == "model" else None
        copy = checked(draft, shop, product, context.lang)
        who = {"id": product.id, "name": product.name, "by": answer.by, "model": answer.model}
        done.append({**copy, **who})
    if asker.unanswered:
        _warn(context, "no_reply", count=asker.unanswered, id=context.run)
    return {"products": done}


def draw(state: CopyState, runtime: Runtime[RunContext]) -> dict[str, Any]:
    """Draw each product's pictures where some are wanted."""
    context, inputs = runtime.context, state["inputs"]
    if not inputs["pictures"]:
        return {}
    shop, given = Shop.model_validate(inputs["shop"]), Products.model_validate(inputs["product"])
    artist, folder = artist_of(context), _folder(context, inputs)
    wanted = {
        product.id: orders_of(
            shop, product, inputs["style"], inputs["pictures"], folder, artist,
            lambda key, **params: _warn(context, key, **params),
        )
        for product in given.products
    }  # fmt: skip
    orders = [order for some in wanted.values() for order in some]
    made = paint(context, orders, _say(context, "painting", count=len(orders))) if orders else set()
    paths = {id: [str(order.path) for order in some if str(order.path) in made] for id, some in wanted.items()}
    return {"products": [{**copy, "pictures": paths[copy["id"]]} for copy in state["products"]]}


def pack(state: CopyState, runtime: Runtime[RunContext]) -> dict[str, Any]:
    """Write the files and put everything together."""
    context, inputs = runtime.context, state["inputs"]
    context.check_stop()
    context.emit(Progress(step="pack", what=_say(context, "packing")))
    copies = [ProductCopy.model_validate(one) for one in state["products"]]
    files = files_of(copies, context.lang)
    paths = write_files(_folder(context, inputs), files, context.lang)
    for file, path in list(zip(files, paths, strict=True))[-2:]:
        context.emit(Artifact(path=str(path), media_type=file.media_type, title=file.name))
    skipped = [
        {"line": row["line"], "why": _say(context, row["key"], **row["params"])} for row in inputs["product"]["skipped"]
    ]
    output = CopyOutput(products=copies, shop=inputs["shop"], files=[str(path) for path in paths], skipped=skipped)
    return {"output": output.model_dump(mode="json")}


class _Asker:
    """Asks product by product until it is plain that no model will answer; the rest then waits for a resume."""

    def __init__(self, context: RunContext) -> None:
        self._context = context
        self._failures = 0
        self._why = ""
        self._told: set[str] = set()
        self.unanswered = 0

    def ask(self, shop: Shop, product: Product, at: Progress) -> Answer:
        """The answer to one product's question; `at` is how far the run is.

        Raises:
            Cancelled: the person stopped the run.
        """
        inputs, context = question_of(shop, product), self._context
        known = context.recall(COPY.name, product.id)
        if self._why and known is None:
            answer = Answer(COPY.offline(inputs), "offline", why=self._why)
            context.remember(COPY.name, product.id, answer)
            self.unanswered += 1
            return answer
        answer = COPY.ask(inputs, _Counting(context, at, self._told), product.id)
        if answer.by == "model":
            self._failures = 0
        elif not context.offline and answer.why != "no_key":
            self.unanswered += 1
            self._failures += answer.why not in _AT_ONCE
            if self._failures >= _PATIENCE:
                self._why = answer.why
        return answer


class _Counting:
    """A run's context in which a step's own progress tells how far the whole run is, and a warning comes once.

    Implements StepContext; `told` holds the warnings that were given.
    """

    def __init__(self, context: RunContext, at: Progress, told: set[str]) -> None:
        self._context, self._at, self._told = context, at, told

    def __getattr__(self, name: str) -> Any:
        return getattr(self._context, name)

    def emit(self, event: Event) -> None:
        if isinstance(event, Progress):
            own = event.what.startswith(COPY.what[self._context.lang])  # else it is what the gateway waits for
            what = self._at.what if own else event.what
            event = event.model_copy(update={"done": self._at.done, "of": self._at.of, "what": what})
        if isinstance(event, Warned):
            if event.message in self._told:
                return
            self._told.add(event.message)
        self._context.emit(event)


def _tell_about(context: RunContext, shop: Shop, product: Product) -> None:
    for order in evidence_of(shop, product).orders:
        _warn(context, "order_in_fact", product=product.name, text=order[:60])
    word = names_forbidden(product.name)
    if word:
        _warn(context, "name_claim", product=product.name, word=word)


def _folder(context: RunContext, inputs: Mapping[str, Any]) -> Path:
    return Path(inputs["out"]) if inputs["out"] else context.home / "copies" / context.run


def _say(context: RunContext, key: str, **params: Any) -> str:
    return Words.load(WORDS).say(key, context.lang, **params)


def _warn(context: RunContext, key: str, **params: Any) -> None:
    context.emit(Warned(code=key, message=_say(context, key, **params)))


def build(checkpointer: Any) -> Any:
    """The compiled graph."""
    graph = StateGraph(CopyState, context_schema=RunContext)
    graph.add_sequence([("write", write), ("draw", draw), ("pack", pack)])
    graph.add_edge(START, "write")
    graph.add_edge("pack", END)
    return graph.compile(checkpointer=checkpointer)
