"""Prompts from a line or a file: variables filled in, checks made ready, and what is wrong said by line. Limits hold for each row."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from tools.compare.checks import parse_checks
from tools.compare.errors import BadCheck, BadPrompts, said
from tools.compare.model import Check, PromptItem, Said
from tools.compare.prompt_files import MAX_FILE, SUFFIXES, Raw, Sheet, Written, read_sheet

__all__ = ["MAX_PROMPT", "MAX_ROWS", "Problem", "Prompts", "parse_prompts", "read_prompts", "source_of"]

MAX_PROMPT = 200_000  # bytes of UTF-8, with its system prompt
MAX_ROWS = 2_000
_MAX_ID = 60
_PLACE = re.compile(r"\{\{\s*([^\W\d]\w{0,60})\s*\}\}")
_OWN = ("prompt", "text", "id", "system", "checks", "variables")


class Problem(NamedTuple):
    """A row that cannot be used: its line, from 1, and why, in both languages."""

    line: int
    message: Said


@dataclass(frozen=True)
class Prompts:
    """What can be asked, in the file's order, and the rows that cannot. Whether the rest runs is the caller's to decide."""

    items: tuple[PromptItem, ...] = ()
    problems: tuple[Problem, ...] = ()


class _RowBad(ValueError):
    def __init__(self, message: Said) -> None:
        super().__init__(message["en"])
        self.message = message


def source_of(argument: str) -> str | Path:
    """What a person typed for prompts on a command line: a path where it names a file or ends like one, else the prompt itself.

    Only for what comes from the machine's own user: a page must not let a stranger name files.
    """
    path = Path(argument)
    try:
        is_file = path.is_file()
    except (OSError, ValueError):  # too long for a name, or with a NUL in it
        is_file = False
    named = "\n" not in argument and " " not in argument.strip() and path.suffix.lower() in SUFFIXES
    return path if is_file or named else argument


def read_prompts(source: str | Path) -> Prompts:
    """Prompts of a file (a `Path`), or the one prompt that a text is, with nothing in it read as a variable.

    Files: .txt and .md (a prompt a line, # for notes; or blocks between lines of ---), .yaml and .json (a list, or `prompts` with
    `system`, `checks` and `variables` for all), .jsonl, .csv and .tsv (columns prompt, id, system, checks; all others are
    variables). In all but the first two `{{name}}` is filled in. UTF-8, UTF-16 with a mark, Big5.

    Raises:
        BadPrompts: the file is not there, too large, unreadable, holds no prompt or too many.
        BadCheck: a check that the file gives for all its prompts could never work.
    """
    if isinstance(source, str):
        return _prompts(Sheet([Raw(1, source)] if source.strip() else [], variables_given=False), "—")
    try:
        if source.stat().st_size > MAX_FILE:
            size = f"{source.stat().st_size / 1e6:.1f}"
            raise BadPrompts("prompts_large", name=source.name, size=size, most=MAX_FILE // 1_000_000)
        data = source.read_bytes()
    except FileNotFoundError as error:
        raise BadPrompts("prompts_missing", name=str(source)) from error
    except (OSError, ValueError) as error:
        detail = getattr(error, "strerror", None) or str(error)
        raise BadPrompts(name=str(source), detail=detail) from error
    return parse_prompts(data, source.name)


def parse_prompts(data: bytes | str, name: str) -> Prompts:
    """Prompts of a file's content, read as the ending of `name` says (for an upload or a text field).

    Raises:
        BadPrompts: as for `read_prompts`.
    """
    return _prompts(read_sheet(data, name), name)


def _prompts(sheet: Sheet, name: str) -> Prompts:
    count = len(sheet.rows) * max(1, len(sheet.variables))
    if not count:
        raise BadPrompts("prompts_empty", name=name)
    if count > MAX_ROWS:
        raise BadPrompts("prompts_many", name=name, found=count, most=MAX_ROWS)
    system, checks = sheet.common.get("system") or "", parse_checks(sheet.common.get("checks"))
    if not isinstance(system, str):
        raise BadPrompts("prompts_shape", name=name)
    problems: list[Problem] = []
    fills = _fills(sheet, problems)
    items: list[PromptItem] = []
    lines: dict[str, int] = {}
    for at, row in enumerate(sheet.rows):
        try:
            base = _base(row, system, checks)
        except _RowBad as bad:
            problems.append(Problem(row.line, bad.message))
            continue
        for n, (line, extra) in enumerate(fills or [(row.line, {})], start=1):
            id = base.id + (f"-{n}" if base.id and fills else "") or f"p{at * max(1, len(fills)) + n}"
            try:
                item = _item(base, id, extra, sheet.variables_given)
                if id in lines or len(id) > _MAX_ID:
                    raise _RowBad(said("row_id", id=id[:_MAX_ID], line=lines.get(id, row.line), most=_MAX_ID))
            except _RowBad as bad:
                problems.append(Problem(line, bad.message))
                continue
            lines[id] = row.line
            items.append(item)
    told = {(problem.line, problem.message["en"]): problem for problem in problems}
    return Prompts(tuple(items), tuple(sorted(told.values(), key=lambda problem: problem.line)))


def _fills(sheet: Sheet, problems: list[Problem]) -> list[tuple[int, dict[str, str]]]:
    fills = []
    for row in sheet.variables:
        try:
            fills.append((row.line, _variables(_mapping(row))))
        except _RowBad as bad:
            problems.append(Problem(row.line, bad.message))
    return fills


def _base(row: Raw, system: str, checks: list[Check]) -> PromptItem:
    """The row as it is written, with what the file says for all; its places are not filled yet."""
    own: Mapping[str, Any] = {"prompt": row.value} if isinstance(row.value, str | int | float) else _mapping(row)
    text, own_system, given = own.get("prompt", own.get("text")), own.get("system"), own.get("variables")
    if text is None or not str(text).strip():
        raise _RowBad(said("row_empty"))
    if not isinstance(text, str | int | float) or not isinstance(own_system or "", str):
        raise _RowBad(said("row_shape"))
    if given is not None and not isinstance(given, Mapping):
        raise _RowBad(said("row_shape"))
    variables = _variables({key: value for key, value in own.items() if key not in _OWN} | dict(given or {}))
    try:
        raw = own.get("checks")
        own_checks = parse_checks(raw.load() if isinstance(raw, Written) else raw)
    except BadCheck as bad:
        raise _RowBad(
            {
                "zh": said("row_check", detail=bad.message("zh"))["zh"],
                "en": said("row_check", detail=bad.message("en"))["en"],
            }
        ) from bad
    except ValueError as error:
        raise _RowBad(said("row_check", detail=str(error))) from error
    return PromptItem(
        id=str(own.get("id") or "").strip(),
        text=str(text).strip(),
        variables=variables,
        checks=[*checks, *own_checks],
        system=(own_system or system).strip(),
    )


def _item(base: PromptItem, id: str, extra: Mapping[str, str], fill: bool) -> PromptItem:
    variables = {**base.variables, **extra}
    text, system = base.text, base.system
    if fill:
        missing = [name for name in _PLACE.findall(f"{text}\n{system}") if name not in variables]
        if missing:
            raise _RowBad(said("row_missing", names="、".join(dict.fromkeys(missing))))
        # Each place is filled once: a value that looks like a place stays text.
        text, system = (_PLACE.sub(lambda place: variables[place[1]], part) for part in (text, system))
    try:
        size = len(text.encode()) + len(system.encode())
    except UnicodeEncodeError as error:
        raise _RowBad(said("row_unreadable")) from error
    if size > MAX_PROMPT:
        raise _RowBad(said("row_large", size=f"{size / 1000:,.0f}", most=MAX_PROMPT // 1000))
    return base.model_copy(update={"id": id, "text": text, "system": system, "variables": variables})


def _mapping(row: Raw) -> Mapping[str, Any]:
    if row.problem:
        raise _RowBad(row.problem)
    if not isinstance(row.value, Mapping) or not all(isinstance(key, str) for key in row.value):
        raise _RowBad(said("row_shape"))
    return row.value


def _variables(given: Mapping[str, Any]) -> dict[str, str]:
    for name, value in given.items():
        if not isinstance(value, str | int | float):
            raise _RowBad(said("row_variable", name=str(name)[:40]))
    return {str(name): str(value) for name, value in given.items()}
