"""The news digest: today's news, kept to a topic, without what is muted, scored by one's own rubric, summarised.

from agents import digest
result = digest.run(topic="AI 的應用，要有具體案例", mute=["名人"], limit=10)
for article in result.output.articles:
    print(article.score, article.title, article.summary)
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from agents.agent import Agent, RunResult
from agents.context import RunOptions
from agents.digest.mutes import MuteRule
from agents.digest.rubric import load_rubric, shipped_rubrics
from agents.digest.state import DEFAULT_RUBRIC, JUDGED, DigestArticle, DigestInputs, DigestOutput, Dropped, Reason
from agents.events import Event
from agents.face import run_agent, stream_agent
from agents.step import Step
from agents.store import Papers, RunRecord
from tools.settings import Settings
from tools.words import Lang

__all__ = [
    "AGENT",
    "DigestArticle",
    "DigestOutput",
    "Dropped",
    "MuteRule",
    "Reason",
    "load_rubric",
    "run",
    "shipped_rubrics",
    "stream",
]

_SPARE = 3  # requests for tries that failed, rows that were lost, and summaries that have to be written again


def _build(checkpointer: Any) -> Any:
    from agents.digest.graph import build  # LangGraph is heavy: only a run pays for it

    return build(checkpointer)


def _steps() -> tuple[Step, ...]:
    return ()  # it asks in batches: see _cost


def _finish(state: Mapping[str, Any]) -> DigestOutput:
    return DigestOutput.model_validate(state["output"])


def _cost(inputs: DigestInputs) -> tuple[int, int]:
    """The least: one batch judged, the rest told before. The most: every batch, a second look, and what is spare."""
    from agents.digest.steps import JUDGE, JUDGE_AGAIN, SUMMARISE

    stories = JUDGED
    if inputs.paste and not inputs.sources:
        from tools.news.article import pasted

        stories = min(JUDGED, sum(len(pasted(text)) for text in inputs.paste))
    shown = min(inputs.limit, stories)
    again = JUDGE_AGAIN.requests(min(20, stories)) if stories > inputs.limit else 0
    return 0, JUDGE.requests(stories) + again + SUMMARISE.requests(shown) + _SPARE


def _title(inputs: DigestInputs) -> str:
    pasted = inputs.paste[0].strip().split("\n")[0][:40] if inputs.paste and not inputs.sources else ""
    return inputs.topic or pasted or inputs.rubric["name"]["zh"]


def _seen(record: RunRecord, lang: Lang) -> DigestOutput:
    """A run's digest without what its reader has muted since."""
    from agents.digest.reader import Reader
    from agents.digest.shown import arranged

    output = DigestOutput.model_validate((record.envelope or {})["output"])
    return arranged(output, None, Reader(Settings().home).wishes().mute, lang)


def _markdown(record: RunRecord, papers: Papers, lang: Lang) -> str:
    from agents.digest.export import as_markdown

    return as_markdown(_seen(record, lang), lang)


def _html(record: RunRecord, papers: Papers, lang: Lang) -> str:
    from agents.digest.export import as_html

    return as_html(_seen(record, lang), lang)


def _json(record: RunRecord, papers: Papers, lang: Lang) -> str:
    from agents.digest.export import as_json

    return as_json(record.envelope or {}, _seen(record, lang))


AGENT = Agent(
    name="digest",
    inputs=DigestInputs,
    output=DigestOutput,
    steps=_steps,
    build=_build,
    finish=_finish,
    title=_title,
    exports={"md": _markdown, "html": _html, "json": _json},
    cost=_cost,
)


def _inputs(
    topic: str,
    sources: Sequence[str],
    mute: Sequence[str | Mapping[str, Any] | MuteRule],
    rubric: str | Path | Mapping[str, Any],
    paste: Sequence[str],
    more: Mapping[str, Any],
) -> dict[str, Any]:
    return {
        "topic": topic,
        "sources": list(sources),
        "mute": list(mute),
        "rubric": rubric,
        "paste": list(paste),
        **more,
    }


def run(
    topic: str = "",
    *,
    sources: Sequence[str] = (),
    mute: Sequence[str | Mapping[str, Any] | MuteRule] = (),
    rubric: str | Path | Mapping[str, Any] = DEFAULT_RUBRIC,
    paste: Sequence[str] = (),
    model: str = "",
    offline: bool = False,
    fresh: bool = False,
    lang: Lang | None = None,
    settings: Settings | None = None,
    **more: Any,
) -> RunResult:
    """Today's news about `topic` (any, if empty), the best first. `sources` are addresses or ids of the list (none: those
    switched on); `mute` words or /expressions/; `rubric` a shipped name, a file or data; `paste` texts one has oneself.
    `more`: limit, hours, length (of a summary, in characters), points, weights (see DigestInputs).

    `output` is a DigestOutput.

    Raises:
        BadInput: an input is not usable.
        RunFailed, StorageError
    """
    inputs = _inputs(topic, sources, mute, rubric, paste, more)
    return run_agent(AGENT, inputs, RunOptions({"*": model}, offline, fresh, lang), settings)


def stream(
    topic: str = "",
    *,
    sources: Sequence[str] = (),
    mute: Sequence[str | Mapping[str, Any] | MuteRule] = (),
    rubric: str | Path | Mapping[str, Any] = DEFAULT_RUBRIC,
    paste: Sequence[str] = (),
    model: str = "",
    offline: bool = False,
    fresh: bool = False,
    lang: Lang | None = None,
    settings: Settings | None = None,
    **more: Any,
) -> Iterator[Event]:
    """The events of the same run as they come; the last one is a Result or a Failed."""
    inputs = _inputs(topic, sources, mute, rubric, paste, more)
    return stream_agent(AGENT, inputs, RunOptions({"*": model}, offline, fresh, lang), settings)
