"""JSON schemas as checks: nothing is fetched for a `$ref`, and no expression in one runs without end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tools.compare.errors import BadCheck

__all__ = ["Schema"]

_PATIENCE = 0.2  # processor seconds for one `pattern` on one text
_DEEPEST = 60
_LARGEST = 200_000  # characters of a schema written as JSON


class Schema:
    """A schema made ready.

    Raises:
        BadCheck: it is no schema, refers to other documents, or needs what cannot be bounded (patternProperties).
    """

    def __init__(self, schema: Mapping[str, Any]) -> None:
        import json

        from jsonschema.exceptions import SchemaError
        from jsonschema.validators import Draft202012Validator, extend, validator_for
        from referencing import Registry

        try:
            schema = json.loads(json.dumps(schema))
        except (TypeError, ValueError, RecursionError) as error:
            raise BadCheck("check_schema", detail=type(error).__name__) from error
        if len(json.dumps(schema)) > _LARGEST:
            raise BadCheck("check_schema", detail=f"> {_LARGEST}")
        for key, value in _walk(schema):
            if key == "patternProperties" or (key in ("$ref", "$dynamicRef") and not str(value).startswith("#")):
                raise BadCheck("check_schema", detail=f"{key}: {str(value)[:60]}")
        kind = validator_for(schema, default=Draft202012Validator)
        try:
            kind.check_schema(schema)
        except SchemaError as error:
            raise BadCheck("check_schema", detail=error.message[:120]) from error
        # With a registry of its own a validator asks no network for a document that it does not hold.
        self._validator = extend(kind, {"pattern": _pattern})(schema, registry=Registry())
        self._try()

    def first_error(self, value: Any) -> tuple[str, str] | None:
        """Where (a JSON pointer) and why `value` does not follow the schema; None where it does.

        Raises:
            TimeoutError, RecursionError: it could not be told.
        """
        from jsonschema.exceptions import best_match

        error = best_match(self._validator.iter_errors(value))
        if error is None:
            return None
        return "/" + "/".join(str(part) for part in error.absolute_path), error.message[:160]

    def _try(self) -> None:
        """A reference to nowhere and one that only leads back to itself are seen now, not with the first reply."""
        from referencing import Registry, Resource
        from referencing.exceptions import Unresolvable
        from referencing.jsonschema import DRAFT202012

        whole = Resource.from_contents(self._validator.schema, default_specification=DRAFT202012)
        resolver = Registry().with_resource("", whole).resolver()
        try:
            for key, value in _walk(self._validator.schema):
                if key == "$ref":
                    resolver.lookup(value)
            for probe in ({}, [], "", 0, None):
                self.first_error(probe)
        except (Unresolvable, RecursionError) as error:
            raise BadCheck("check_schema", detail=f"$ref: {str(error)[:80]}") from error
        except TimeoutError as error:
            raise BadCheck("check_schema", detail="pattern") from error


def _walk(value: Any, depth: int = 0) -> Iterator[tuple[str, Any]]:
    if depth > _DEEPEST:
        raise BadCheck("check_schema", detail=f"> {_DEEPEST}")
    if isinstance(value, dict):
        for key, inner in value.items():
            yield key, inner
            yield from _walk(inner, depth + 1)
    elif isinstance(value, list):
        for inner in value:
            yield from _walk(inner, depth + 1)


def _pattern(validator: Any, pattern: str, instance: Any, schema: Any) -> Iterator[Any]:
    import regex
    from jsonschema.exceptions import ValidationError

    if isinstance(instance, str) and not regex.search(pattern, instance, timeout=_PATIENCE):
        yield ValidationError(f"{instance[:60]!r} !~ {pattern[:60]!r}")
