"""Shop copy: a shop's profile and its products' facts become copy in the shop's own voice that says nothing the facts do not.

from agents import copywriter
result = copywriter.run(shop="rag_data/shops/鹿港手工皂.yaml", product="rag_data/shops/鹿港手工皂-商品.csv")
for product in result.output.products:
    print(product.title, product.description, product.removed)
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from agents.agent import Agent, RunResult
from agents.context import RunOptions
from agents.copywriter.errors import BadProducts, BadShop, FolderTaken, NoSuchFile
from agents.copywriter.shop import Shop, load_shop
from agents.copywriter.state import CopyInputs, CopyOutput, Kept, ProductCopy, Removed, Rule
from agents.copywriter.tables import load_products
from agents.events import Event
from agents.face import run_agent, stream_agent
from agents.step import Step
from agents.store import Papers, RunRecord
from tools.settings import Settings
from tools.words import Lang

__all__ = [
    "AGENT",
    "BadProducts",
    "BadShop",
    "CopyOutput",
    "FolderTaken",
    "Kept",
    "NoSuchFile",
    "ProductCopy",
    "Removed",
    "Rule",
    "Shop",
    "load_products",
    "load_shop",
    "run",
    "stream",
]

_SPARE = 3  # requests for tries that failed, and one more for every fifth product
_PER_SPARE = 5


def _build(checkpointer: Any) -> Any:
    from agents.copywriter.graph import build  # LangGraph is heavy: only a run pays for it

    return build(checkpointer)


def _steps() -> tuple[Step, ...]:
    from agents.copywriter.steps import COPY

    return (COPY,)


def _finish(state: Mapping[str, Any]) -> CopyOutput:
    return CopyOutput.model_validate(state["output"])


def _cost(inputs: CopyInputs) -> tuple[int, int]:
    """One request a product; the most leaves room for tries that fail."""
    count = len(inputs.product["products"])
    return count, count + _SPARE + count // _PER_SPARE


def _title(inputs: CopyInputs) -> str:
    products = inputs.product["products"]
    more = f" 等 {len(products)} 件" if len(products) > 1 else ""
    return f"{inputs.shop['name']}：{products[0]['name']}{more}"


def _markdown(record: RunRecord, papers: Papers, lang: Lang) -> str:
    from agents.copywriter.export import as_markdown

    return as_markdown(_output(record), lang)


def _csv(record: RunRecord, papers: Papers, lang: Lang) -> str:
    from agents.copywriter.export import as_csv

    return "\ufeff" + as_csv(_output(record).products, lang)


def _output(record: RunRecord) -> CopyOutput:
    return CopyOutput.model_validate((record.envelope or {})["output"])


AGENT = Agent(
    name="copywriter",
    inputs=CopyInputs,
    output=CopyOutput,
    steps=_steps,
    build=_build,
    finish=_finish,
    title=_title,
    exports={"md": _markdown, "csv": _csv},
    cost=_cost,
)


def run(
    shop: str | Path | Mapping[str, Any],
    product: str | Path | Mapping[str, Any] | Sequence[Mapping[str, Any]],
    *,
    style: str = "",
    pictures: int = 0,
    out: str | Path = "",
    model: str = "",
    offline: bool = False,
    fresh: bool = False,
    lang: Lang | None = None,
    settings: Settings | None = None,
) -> RunResult:
    """Copy for every product of a file (or plain data) in the voice of a shop. `output` is a CopyOutput.

    One request a product. `pictures` (0..8) are drawn for each in `style` ("" for the shop's own) by the house artist. Files are
    written to `out` (none: under FINALE_HOME/copies).

    Raises:
        NoSuchFile, BadShop, BadProducts: a file cannot be used; says where and why.
        BadInput: another input is not usable.
        RunFailed, StorageError
    """
    inputs = {"shop": shop, "product": product, "style": style, "pictures": pictures, "out": str(out)}
    return run_agent(AGENT, inputs, RunOptions({"*": model}, offline, fresh, lang), settings)


def stream(
    shop: str | Path | Mapping[str, Any],
    product: str | Path | Mapping[str, Any] | Sequence[Mapping[str, Any]],
    *,
    style: str = "",
    pictures: int = 0,
    out: str | Path = "",
    model: str = "",
    offline: bool = False,
    fresh: bool = False,
    lang: Lang | None = None,
    settings: Settings | None = None,
) -> Iterator[Event]:
    """The events of the same run as they come; the last one is a Result or a Failed."""
    inputs = {"shop": shop, "product": product, "style": style, "pictures": pictures, "out": str(out)}
    return stream_agent(AGENT, inputs, RunOptions({"*": model}, offline, fresh, lang), settings)
