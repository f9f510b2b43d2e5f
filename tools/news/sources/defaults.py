"""The default list of sources: rag_data/feeds/default.yaml, read against its schema."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from tools.news.model import Permission
from tools.news.sources.errors import BadSourceList
from tools.settings import data_dir
from tools.words import Lang

__all__ = ["DefaultList", "HostRule", "NotShipped", "Shipped", "Spoken", "read_defaults"]

_Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(?:-[a-z0-9]+)*$", max_length=40)]
_Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
_Address = Annotated[str, StringConstraints(pattern=r"^https?://[^\s/@]+(?:/\S*)?$", max_length=500)]
_Checked = Annotated[str, StringConstraints(pattern=r"^20\d\d-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12]\d|3[01]))?$")]
_Host = Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]+(?:\.[a-z0-9-]+)+$")]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Spoken(_Strict):
    """One line in both languages."""

    zh: _Line
    en: _Line

    def say(self, lang: Lang = "zh") -> str:
        return self.zh if lang == "zh" else self.en


class Shipped(_Strict):
    """A source of the list. `evidence` says who saw it work, `checked` when; `why` names the permission's reason."""

    id: _Slug
    name: _Line
    url: _Address
    kind: Literal["feed", "sitemap", "list"] = "feed"
    language: Literal["zh-TW", "en"]
    topics: tuple[_Slug, ...] = Field(min_length=1, max_length=4)
    permission: Permission
    why: _Slug
    evidence: _Line
    checked: _Checked | None = None
    enabled: bool = False


class HostRule(_Strict):
    """What a site has said about AI for all of its addresses, for sources that a person adds."""

    host: _Host
    permission: Permission
    why: _Slug
    checked: _Checked


class NotShipped(_Strict):
    """An address (with all below it) that is often recommended and does not work, so that nobody adds it unwarned."""

    url: _Address
    why: Spoken
    checked: _Checked


class DefaultList(_Strict):
    """The whole file."""

    topics: dict[_Slug, Spoken]
    reasons: dict[_Slug, Spoken]
    sources: tuple[Shipped, ...] = Field(min_length=1)
    hosts: tuple[HostRule, ...] = ()
    not_shipped: tuple[NotShipped, ...] = ()

    @model_validator(mode="after")
    def _holds_together(self) -> DefaultList:
        ids = [source.id for source in self.sources]
        urls = [source.url for source in self.sources]
        for what, values in (("id", ids), ("url", urls)):
            twice = {value for value in values if values.count(value) > 1}
            if twice:
                raise ValueError(f"{what} twice: {', '.join(sorted(twice))}")
        unknown = {topic for source in self.sources for topic in source.topics} - set(self.topics)
        if unknown:
            raise ValueError(f"topics unknown: {', '.join(sorted(unknown))}")
        unexplained = {each.why for each in (*self.sources, *self.hosts)} - set(self.reasons)
        if unexplained:
            raise ValueError(f"reasons unknown: {', '.join(sorted(unexplained))}")
        shipped = {url for url in urls if self.warning(url)}
        if shipped:
            raise ValueError(f"both shipped and not: {', '.join(sorted(shipped))}")
        return self

    def rule_for(self, url: str) -> HostRule | None:
        """What the site of `url` has said for all its addresses."""
        host = (urlsplit(url).hostname or "").lower()
        return next((rule for rule in self.hosts if host == rule.host or host.endswith("." + rule.host)), None)

    def warning(self, url: str) -> Spoken | None:
        """Why an address that people often add does not work, if it is one of those."""
        wanted = _bare(url) + "/"
        return next((bad.why for bad in self.not_shipped if wanted.startswith(_bare(bad.url) + "/")), None)


def _bare(url: str) -> str:
    return url.partition("://")[2].removeprefix("www.").partition("?")[0].rstrip("/").lower()


def read_defaults(path: Path | None = None) -> DefaultList:
    """The list of `path` (default: the one of the repository). Each file is read again only when it has changed.

    Raises:
        BadSourceList: it is missing, no YAML, or breaks the schema.
    """
    path = path or data_dir() / "feeds" / "default.yaml"
    try:
        changed = path.stat().st_mtime_ns
    except OSError as error:
        raise BadSourceList(file=path.name, place="-", why=error.strerror or type(error).__name__) from error
    return _read(path, changed)


@cache
def _read(path: Path, _changed: int) -> DefaultList:
    import yaml

    try:
        return DefaultList.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"])) or "-"
        raise BadSourceList(file=path.name, place=place, why=first["msg"]) from error
    except (yaml.YAMLError, UnicodeDecodeError, OSError) as error:
        raise BadSourceList(file=path.name, place="-", why=" ".join(str(error).split())[:120]) from error
