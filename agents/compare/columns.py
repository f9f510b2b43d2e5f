"""Which columns a comparison has: "all" and "best:N" become names, and names that are no free model are told."""

from __future__ import annotations

from agents.compare.say import Said
from agents.compare.state import COLUMNS, Column, CompareInputs
from tools.compare import OFFLINE
from tools.llm import ROUTER, Gateway, Listing

__all__ = ["columns_of", "settled", "unknown"]


def settled(inputs: CompareInputs, gateway: Gateway) -> CompareInputs:
    """`inputs` with every model named: what "all" and "best:N" mean right now. The same inputs compare the same ever after.

    Raises:
        BadInput: no free model is left to be compared.
    """
    if inputs.settled:
        return inputs
    named: list[str] = []
    for spec in inputs.models:
        named += _meant(spec, gateway)
    models = list(dict.fromkeys(named))[: COLUMNS - len(inputs.variants)]
    if not models and not inputs.variants:
        raise Said("nothing_left_of_all")
    return inputs.model_copy(update={"models": models})


def columns_of(inputs: CompareInputs) -> list[Column]:
    """The columns, models first."""
    return [*(Column(name=model, model=model) for model in inputs.models), *inputs.variants]


def unknown(columns: list[Column], listing: Listing) -> list[str]:
    """Names of columns with a model that the server's own list does not offer for free.

    A list that is not the server's own of today cannot tell, and one's own server may serve what it does not list.
    """
    if listing.state != "live" or not listing.priced:
        return []
    free = {model.id for model in listing.free} | {OFFLINE}
    return [one.name for one in columns if not {one.model, *one.models.values()} - {""} <= free]


def _meant(spec: str, gateway: Gateway) -> list[str]:
    if spec != "all" and not spec.startswith("best:"):
        return [spec]
    listing = gateway.catalogue.listing()
    charging = gateway.health.charging()
    free = [model for model in listing.free if model.id != ROUTER and model.id not in charging]
    if spec == "all":
        return [model.id for model in free]
    best = gateway.health.ranked(free, structured=False)
    return [model.id for model in best[: int(spec.removeprefix("best:"))]]
