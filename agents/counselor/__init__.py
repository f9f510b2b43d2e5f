"""The counselor: a question and the MBTI type a person reported, answered from trusted passages with citations.

    from agents import counselor
    result = counselor.run(mbti="INFP", question="不知道未來可以做什麼，覺得很迷惘")
    print(result.output.answer)
    for source in result.output.sources: print(source.n, source.topic, source.text)
    more = counselor.run(question="那感情方面呢？", after=result.run)

A message about suicide, self-harm or violence is answered before anything else with fixed text and hotlines. It starts no
run, reaches no model and is stored nowhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from agents.agent import Agent, RunResult
from agents.context import RunOptions
from agents.counselor.asking import TYPES
from agents.counselor.gate import CrisisKind, reply, screen
from agents.counselor.state import QUESTION_LIMIT, CounselInputs, CounselOutput, CounselSource
from agents.counselor.voice import tone_names
from agents.events import Event
from agents.face import run_agent, stream_agent
from agents.step import Step
from agents.store import Papers, RunRecord
from tools.settings import Settings
from tools.words import Lang

__all__ = ["AGENT", "QUESTION_LIMIT", "TYPES", "CounselOutput", "CounselSource", "run", "stream", "tone_names"]

_ANSWERED_AT_ONCE = (CrisisKind.SELF, CrisisKind.OTHER, CrisisKind.VIOLENCE)


def _build(checkpointer: Any) -> Any:
    from agents.counselor.graph import build  # LangGraph is heavy: only a run pays for it

    return build(checkpointer)


def _steps() -> tuple[Step, ...]:
    from agents.counselor.steps import ANSWER

    return (ANSWER,)


def _guard(inputs: Mapping[str, Any], lang: Lang) -> CounselOutput | None:
    """The crisis gate, on the raw question: it must work whatever else is wrong with the inputs."""
    question = inputs.get("question")
    kind = screen(question).kind if isinstance(question, str) else CrisisKind.NONE
    if kind not in _ANSWERED_AT_ONCE:
        return None
    return CounselOutput(answer=reply(kind, lang), crisis=True, match="none")


def _export(record: RunRecord, papers: Papers, lang: Lang) -> str:
    """The whole conversation up to this turn."""
    from agents.counselor.conversation import chain
    from agents.counselor.export import as_markdown

    return as_markdown(chain(record.id, papers.find), lang)


AGENT = Agent(
    name="counselor",
    inputs=CounselInputs,
    output=CounselOutput,
    steps=_steps,
    build=_build,
    finish=lambda state: CounselOutput.model_validate(state["output"]),
    title=lambda inputs: f"{inputs.mbti} {inputs.question}".strip(),
    guard=_guard,
    exports={"md": _export},
)


def _inputs(
    question: str, mbti: str, tone: str, after: str, collections: list[str] | None, remember: bool
) -> dict[str, Any]:
    own = {"after": after, "collections": collections, "remember": remember}
    return {"question": question, "mbti": mbti, "tone": tone, **own}


def run(
    question: str,
    mbti: str = "",
    *,
    tone: str = "溫暖",
    after: str = "",
    collections: list[str] | None = None,
    remember: bool = False,
    model: str = "",
    offline: bool = False,
    fresh: bool = False,
    lang: Lang | None = None,
    settings: Settings | None = None,
) -> RunResult:
    """Answer `question` for a person who reported the type `mbti` ("" if they do not know). `output` is a CounselOutput.

    `after` is the run that this question goes on from (`result.run` of the turn before), whose type is used where none is
    given. `collections`: ids of the person's own texts to search besides the house's notes (None: those they prefer).
    `remember`: read and keep short notes about the person.

    Raises:
        BadInput: no question, too long a question, no such type or tone.
        RunFailed, StorageError
    """
    options = RunOptions({"answer": model}, offline, fresh, lang)
    return run_agent(AGENT, _inputs(question, mbti, tone, after, collections, remember), options, settings)


def stream(
    question: str,
    mbti: str = "",
    *,
    tone: str = "溫暖",
    after: str = "",
    collections: list[str] | None = None,
    remember: bool = False,
    model: str = "",
    offline: bool = False,
    fresh: bool = False,
    lang: Lang | None = None,
    settings: Settings | None = None,
) -> Iterator[Event]:
    """The events of the same run as they come; the last one is a Result or a Failed."""
    options = RunOptions({"answer": model}, offline, fresh, lang)
    return stream_agent(AGENT, _inputs(question, mbti, tone, after, collections, remember), options, settings)
