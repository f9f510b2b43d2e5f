"""Question sets as retrieval tasks: passages, questions, and which passage answers each."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

__all__ = ["Task", "crossed", "read_squad", "simplified"]


@dataclass(frozen=True)
class Task:
    """`answers[i]` is the position in `passages` of the one that answers `questions[i]`."""

    name: str
    passages: list[str]
    questions: list[str]
    answers: list[int]


def read_squad(name: str, path: Path) -> Task:
    """A reading-comprehension set in SQuAD's JSON form: every paragraph is a passage, every question asks for its own."""
    passages: list[str] = []
    questions: list[str] = []
    answers: list[int] = []
    for article in json.loads(path.read_text(encoding="utf-8"))["data"]:
        for paragraph in article["paragraphs"]:
            for asked in paragraph["qas"]:
                questions.append(asked["question"])
                answers.append(len(passages))
            passages.append(paragraph["context"])
    return Task(name, passages, questions, answers)


def crossed(chinese: Task, english: Task) -> Iterator[Task]:
    """The four ways to ask a parallel set."""
    for asked, asking in ((chinese, "zh"), (english, "en")):
        for told, telling in ((chinese, "zh"), (english, "en")):
            yield Task(f"XQuAD {asking} -> {telling}", told.passages, asked.questions, asked.answers)


def simplified(task: Task) -> Task:
    """The same task with every question in Simplified Chinese."""
    import opencc

    converter = opencc.OpenCC("t2s")
    asked = [converter.convert(question) for question in task.questions]
    return replace(task, name=f"{task.name}, Simplified questions", questions=asked)
