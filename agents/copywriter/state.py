"""The copywriter's inputs, draft, state and output."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal, TypedDict

from pydantic import BaseModel, ConfigDict, Field, field_validator

from agents.copywriter.products import MOST_PRODUCTS
from agents.copywriter.shop import load_shop
from agents.copywriter.tables import load_products
from agents.errors import BadInput
from agents.inputs import Refused

__all__ = ["MOST_PICTURES", "CopyInputs", "CopyOutput", "CopyState", "Draft", "Kept", "ProductCopy", "Removed", "Rule"]

MOST_PICTURES = 8


class CopyInputs(BaseModel):
    """What a person gives. `shop` and `product` are paths or plain data; a run keeps what was in them.

    `style` is a house style's id or name and overrules the shop's; `pictures` are drawn for each product; `out` is a folder
    ("" for one under FINALE_HOME).
    """

    model_config = ConfigDict(extra="forbid")

    shop: dict[str, Any]
    product: dict[str, Any]
    style: str = ""
    pictures: int = 0
    out: str = ""

    @field_validator("shop", mode="before")
    @classmethod
    def _shop(cls, value: Any) -> dict[str, Any]:
        # A run keeps the profile itself: the file may be another one tomorrow.
        return load_shop(value).model_dump(mode="json")

    @field_validator("product", mode="before")
    @classmethod
    def _product(cls, value: Any) -> dict[str, Any]:
        return load_products(value).model_dump(mode="json")

    @field_validator("style", mode="before")
    @classmethod
    def _style(cls, value: Any) -> str:
        from tools.images.styles import NoSuchStyle, known_styles

        try:
            return known_styles().get(str(value).strip()).id if str(value or "").strip() else ""
        except NoSuchStyle as error:
            raise Refused(error) from error

    @field_validator("pictures", mode="before")
    @classmethod
    def _pictures(cls, value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MOST_PICTURES:
            raise BadInput("not_in_range", field="pictures", value=str(value)[:40], least=0, most=MOST_PICTURES)
        return value

    @field_validator("out", mode="before")
    @classmethod
    def _out(cls, value: Any) -> str:
        given = str(value)
        if not given.strip():
            return ""
        try:
            path = Path(given).expanduser().resolve()  # a run that is taken up elsewhere still finds its folder
            taken = path.exists() and not path.is_dir()
        except (OSError, ValueError, RuntimeError) as error:
            raise BadInput("cannot_write", path=given[:80].replace("\0", "?"), why=type(error).__name__) from error
        if taken:
            raise BadInput("cannot_write", path=path, why="not a folder")
        return str(path)


class Draft(BaseModel):
    """A model's answer. What it lacks or overdoes is put right afterwards: asking a second time would cost a request."""

    title: str
    bullets: list[str] = Field(min_length=1, max_length=20)
    description: str
    social: str
    alt: str


class Kept(BaseModel):
    """A claim of the copy and the fact it rests on."""

    claim: str
    fact: str


class Removed(BaseModel):
    """A sentence that was taken out, from which field, and why."""

    field: str = ""
    text: str
    why: str


class Rule(BaseModel):
    """One rule of the shop's profile, held against the copy."""

    rule: str
    ok: bool
    note: str = ""


class ProductCopy(BaseModel):
    """The copy of one product. `by` says who wrote it, `template` which fields came from templates all the same."""

    id: str
    name: str
    title: str
    bullets: list[str]
    description: str
    social: str
    alt: str
    kept: list[Kept] = []
    removed: list[Removed] = []
    voice: list[Rule] = []
    pictures: list[str] = []
    by: Literal["model", "offline"] = "offline"
    model: str = ""
    template: list[str] = []


class CopyOutput(BaseModel):
    """The result: every product's copy in the order of its file, the shop, the files, and the rows that were left out."""

    products: list[ProductCopy] = Field(max_length=MOST_PRODUCTS)
    shop: dict[str, Any] = {}
    files: list[str] = []
    skipped: list[dict[str, Any]] = []


class CopyState(TypedDict, total=False):
    """What flows through the graph; plain data, so that checkpoints stay readable."""

    inputs: dict[str, Any]
    products: list[dict[str, Any]]
    output: dict[str, Any]
