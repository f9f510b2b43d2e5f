"""Checks in code: what a reply must hold or be. Each is made ready, and refused, when it is read; running it never fails."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any, get_args

from tools.chinese import inspect
from tools.compare.errors import BadCheck, said
from tools.compare.measures import language
from tools.compare.model import Check, CheckKind, CheckResult, Said
from tools.compare.schema import Schema

__all__ = ["CHECK_KINDS", "parse_checks", "run_checks"]

CHECK_KINDS: tuple[str, ...] = get_args(CheckKind)
_MOST_CHECKS = 50
_LONGEST = 500  # characters of an expression or of a text looked for
_PATIENCE, _PATIENCE_PROBE = 0.3, 0.1  # processor seconds for an expression on a reply, and on a probe
_COUNT = re.compile(r"\{(\d*)(?:,(\d*))?\}")
_MOST_REPEATS = 20_000  # counted repeats are multiplied out before anything is searched
_FENCE = re.compile(r"\A\s*```[\w-]*\s*\n(.*?)\n?\s*```\s*\Z", re.DOTALL)
_LANGUAGES = ("zh-TW", "zh", "en")
Verdict = tuple[bool | None, Said]


def parse_checks(raw: Any) -> list[Check]:
    """Checks as people write them: `no_simplified`, `{contains: 台北}`, several in one mapping, or a list of such.

    A mapping with `kind` is one check with `value` and `name`.

    Raises:
        BadCheck: one of them is unknown, lacks its value, or could never be told.
    """
    if raw is None or raw == "":
        return []
    checks: list[Check] = []
    for each in raw if isinstance(raw, list) else [raw]:
        if isinstance(each, Check):
            checks.append(each)
        elif isinstance(each, str):
            checks.append(_check(each, None, ""))
        elif isinstance(each, Mapping) and "kind" in each:
            checks.append(_check(each["kind"], each.get("value"), str(each.get("name") or "")))
        elif isinstance(each, Mapping) and each:
            checks += [_check(kind, value, "") for kind, value in each.items()]
        else:
            raise BadCheck("check_shape", found=str(each)[:60])
    if len(checks) > _MOST_CHECKS:
        raise BadCheck("check_many", most=_MOST_CHECKS, found=len(checks))
    for check in checks:
        _ready(check)
    return checks


def run_checks(text: str, checks: Sequence[Check]) -> list[CheckResult]:
    """What each check says of `text`, in their order. For a reply that never came there is nothing to check: do not ask.

    Raises:
        BadCheck: a check could never work; those from `parse_checks` can.
    """
    results = []
    for check in checks:
        ok, why = _ready(check)(text)
        results.append(CheckResult(name=check.label, ok=ok, why=why))
    return results


def _check(kind: Any, value: Any, name: str) -> Check:
    if kind not in CHECK_KINDS:
        raise BadCheck("check_unknown", kind=str(kind)[:40], kinds="、".join(CHECK_KINDS))
    if kind in ("json", "no_simplified") and value in (None, True, ""):
        value = None
    return Check(kind=kind, value=value, name=name[:80])


def _ready(check: Check) -> Callable[[str], Verdict]:
    """The check as a function of a reply."""
    try:
        return _made(check.kind, json.dumps(check.value, sort_keys=True))
    except (TypeError, ValueError, RecursionError) as error:
        raise BadCheck("check_shape", found=str(check.value)[:60]) from error


@lru_cache(maxsize=500)
def _made(kind: CheckKind, value: str) -> Callable[[str], Verdict]:
    """Kept, because one check judges thousands of replies; the value is written as JSON to be a key."""
    return _MAKERS[kind](Check(kind=kind, value=json.loads(value)))


def _texts(check: Check) -> list[str]:
    given = check.value if isinstance(check.value, list) else [check.value]
    texts = [str(each) for each in given if isinstance(each, str | int | float) and not isinstance(each, bool)]
    if not texts or len(texts) != len(given) or not all(text.strip() and len(text) <= _LONGEST for text in texts):
        raise _wrong(check, "check_wants_text")
    return texts


def _contains(check: Check) -> Callable[[str], Verdict]:
    texts = _texts(check)

    def told(reply: str) -> Verdict:
        missing = [text for text in texts if _plain(text) not in _plain(reply)]
        return not missing, _about("found_missing" if missing else "found_all", missing or texts)

    return told


def _excludes(check: Check) -> Callable[[str], Verdict]:
    texts = _texts(check)

    def told(reply: str) -> Verdict:
        there = [text for text in texts if _plain(text) in _plain(reply)]
        return not there, _about("found_unwanted" if there else "found_none", there or texts)

    return told


def _regex(check: Check) -> Callable[[str], Verdict]:
    import regex

    pattern = check.value
    if not isinstance(pattern, str) or not pattern:
        raise _wrong(check, "check_wants_pattern")
    repeats = 1
    for least, most in _COUNT.findall(pattern[: _LONGEST + 1]):
        repeats *= max(1, int((least or "0")[:6]), int((most or "0")[:6]))
    if len(pattern) > _LONGEST or repeats > _MOST_REPEATS:
        raise BadCheck("check_heavy", pattern=pattern[:40])
    try:
        compiled = regex.compile(pattern, regex.VERSION0)
        for probe in ("", "a" * 40 + "!", "1" * 40 + "!", "中" * 40 + "!", "ab " * 20 + "!"):
            compiled.search(probe, timeout=_PATIENCE_PROBE)
    except (regex.error, OverflowError, RecursionError) as error:
        raise BadCheck("check_regex", pattern=pattern[:40], detail=str(error)[:80]) from error
    except TimeoutError as error:
        raise BadCheck("check_heavy", pattern=pattern[:40]) from error

    def told(reply: str) -> Verdict:
        try:
            found = compiled.search(reply, timeout=_PATIENCE)
        except TimeoutError:
            return None, said("regex_time")
        return bool(found), said("regex_found", what=found[0][:40]) if found else said("regex_none")

    return told


def _json(check: Check) -> Callable[[str], Verdict]:
    if check.value is not None:
        raise _wrong(check, "check_wants_switch")

    def told(reply: str) -> Verdict:
        _, problem = _parsed(reply)
        return problem is None, problem or said("json_ok")

    return told


def _json_schema(check: Check) -> Callable[[str], Verdict]:
    if not isinstance(check.value, Mapping):
        raise _wrong(check, "check_wants_object")
    schema = Schema(check.value)

    def told(reply: str) -> Verdict:
        value, problem = _parsed(reply)
        if problem:
            return False, problem
        try:
            wrong = schema.first_error(value)
        except (TimeoutError, RecursionError):
            return None, said("schema_time")
        return (False, said("schema_bad", where=wrong[0], detail=wrong[1])) if wrong else (True, said("schema_ok"))

    return told


def _length(check: Check) -> Callable[[str], Verdict]:
    limit = int(check.value) if isinstance(check.value, str) and check.value.strip().isdecimal() else check.value
    if not isinstance(limit, int) or isinstance(limit, bool) or limit < 0:
        raise _wrong(check, "check_wants_count")
    least = check.kind == "min_length"
    wanted = said("at_least" if least else "at_most", n=limit)

    def told(reply: str) -> Verdict:
        found = len(reply.strip())
        ok = found >= limit if least else found <= limit
        why: Said = {lang: said("length_is", found=found, wanted=line)[lang] for lang, line in wanted.items()}
        return ok, why

    return told


def _language(check: Check) -> Callable[[str], Verdict]:
    wanted = check.value
    if wanted not in _LANGUAGES:
        raise _wrong(check, "check_wants_language")

    def told(reply: str) -> Verdict:
        found = language(reply)
        if not found:
            return None, said("language_unknown", wanted=wanted)
        return found == wanted or found.startswith(f"{wanted}-"), said("language_is", found=found, wanted=wanted)

    return told


def _no_simplified(check: Check) -> Callable[[str], Verdict]:
    if check.value is not None:
        raise _wrong(check, "check_wants_switch")

    def told(reply: str) -> Verdict:
        found = inspect(reply)
        if not found.simplified_count:
            return True, said("simplified_none")
        return False, said("simplified_found", n=found.simplified_count, what="".join(found.simplified[:12]))

    return told


_MAKERS: dict[str, Callable[[Check], Callable[[str], Verdict]]] = {
    "contains": _contains,
    "excludes": _excludes,
    "regex": _regex,
    "json": _json,
    "json_schema": _json_schema,
    "min_length": _length,
    "max_length": _length,
    "language": _language,
    "no_simplified": _no_simplified,
}


def _parsed(reply: str) -> tuple[Any, Said | None]:
    """The JSON of a reply, perhaps inside one code fence, or why it is none. NaN and Infinity are no JSON."""
    fenced = _FENCE.match(reply)
    try:
        return json.loads(fenced[1] if fenced else reply, parse_constant=_no_constant), None
    except json.JSONDecodeError as error:
        return None, said("json_bad", line=error.lineno, detail=error.msg)
    except (ValueError, RecursionError) as error:
        return None, said("json_bad", line=1, detail=str(error)[:60])


def _no_constant(name: str) -> Any:
    raise ValueError(name)


def _plain(text: str) -> str:
    """For finding texts: neither case nor full or half width counts; Traditional and Simplified stay two."""
    return unicodedata.normalize("NFKC", text).casefold()


def _about(key: str, texts: Sequence[str]) -> Said:
    return said(key, what="、".join(text[:40] for text in texts[:5]))


def _wrong(check: Check, key: str) -> BadCheck:
    return BadCheck(key, kind=check.kind, found=str(check.value)[:60])
