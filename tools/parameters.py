"""The JSON Schema of a tool's arguments: what a tenant may write, and what arguments must meet.

A closed set of keywords, because a schema is somebody's program: references recurse, Python's
regular expressions and `uniqueItems` can take for ever. Patterns run in RE2, in linear time.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

import re2
from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError, ValidationError
from jsonschema.validators import extend

MAX_SCHEMA_BYTES = 32 * 1024
MAX_SCHEMA_DEPTH = 12
MAX_ARGUMENT_BYTES = 64 * 1024
MAX_ARGUMENT_DEPTH = 20
MAX_PROPERTIES = 60
_MAX_REPORTED = 5
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,63}")  # what the model vendors take

_KEYWORDS = {
    *("type", "title", "description", "default", "examples", "deprecated", "format"),
    *("properties", "required", "additionalProperties", "items", "minProperties", "maxProperties"),
    *("enum", "const", "anyOf", "oneOf", "allOf", "pattern", "minLength", "maxLength"),
    *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
    *("minItems", "maxItems"),
}
EMPTY: dict[str, Any] = {"type": "object", "properties": {}, "required": []}


class Problem(NamedTuple):
    """Where (a JSON pointer) and what."""

    pointer: str
    detail: str

    def __str__(self) -> str:
        return f"{self.pointer}: {self.detail}" if self.pointer else self.detail


class Parameter(NamedTuple):
    """What a page tells of a parameter."""

    name: str
    type: str
    is_required: bool
    description: str


class ArgumentError(Exception):
    """Arguments that a tool does not take; `problems` say why, for a person or a model."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("; ".join(map(str, problems)))
        self.problems = problems


def schema_problems(schema: Any) -> list[Problem]:
    """What speaks against a schema of a tool's parameters; nothing where it is fine."""
    if not isinstance(schema, dict) or schema.get("type") != "object":
        return [Problem("", 'The schema has to be an object with "type": "object".')]
    if detail := _oversize(schema, MAX_SCHEMA_BYTES, MAX_SCHEMA_DEPTH):
        return [Problem("", f"The schema {detail}.")]
    try:
        Draft202012Validator.check_schema(schema)
    except SchemaError as error:
        return [_problem(error)]
    return [*_name_problems(schema), *_walk(schema, "")]


def described(schema: Mapping[str, Any]) -> list[Parameter]:
    """The parameters one by one, for people."""
    required = schema.get("required", [])
    return [
        Parameter(name, _type_name(part), name in required, str(part.get("description", "")))
        for name, part in schema.get("properties", {}).items()
        if isinstance(part, dict)
    ]


def checked_arguments(schema: Mapping[str, Any], arguments: Any) -> dict[str, Any]:
    """The arguments with the defaults filled in. Raises ArgumentError.

    What the schema doesn't name is refused unless it says so: a model's inventions go nowhere.
    """
    if not isinstance(arguments, dict):
        raise ArgumentError([Problem("", "The arguments have to be a JSON object.")])
    if detail := _oversize(arguments, MAX_ARGUMENT_BYTES, MAX_ARGUMENT_DEPTH):
        raise ArgumentError([Problem("", f"The arguments {detail}.")])
    filled = {**_defaults(schema), **arguments}
    validator = _Validator({"additionalProperties": False, **schema})
    try:
        problems = [_problem(error) for error in _first(validator.iter_errors(filled))]
    except (OverflowError, RecursionError):
        problems = [Problem("", "The arguments hold a number that is too large.")]
    if problems:
        raise ArgumentError(problems)
    return filled


def _defaults(schema: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: part["default"]
        for name, part in schema.get("properties", {}).items()
        if isinstance(part, dict) and "default" in part
    }


def _oversize(value: Any, max_bytes: int, max_depth: int) -> str:
    """Why a JSON value can't be taken at all, as the end of a sentence."""
    if _is_deeper(value, max_depth):
        return f"nests deeper than {max_depth} levels"
    try:
        text = json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
    except (TypeError, ValueError):  # NaN, lone surrogates, what isn't JSON
        return "can't be written as JSON"
    if len(text) > max_bytes:
        return f"is larger than {max_bytes // 1024} KiB"
    # PostgreSQL stores no NUL, and a path or header with one is an attack.
    return "contains a NUL character" if b"\\u0000" in text else ""


def _is_deeper(value: Any, limit: int) -> bool:
    level = [value]
    for _ in range(limit + 1):
        inner = [part for part in level if isinstance(part, (dict, list))]
        if not inner:
            return False
        level = [
            child for part in inner for child in (part.values() if isinstance(part, dict) else part)
        ]
    return True


def _walk(schema: Any, pointer: str) -> Iterator[Problem]:
    if not isinstance(schema, dict):
        return
    for keyword, value in schema.items():
        at = f"{pointer}/{keyword}"
        if keyword not in _KEYWORDS:
            yield Problem(at, "This keyword isn't supported.")
        elif keyword == "pattern" and not _compiled(value):
            yield Problem(at, "This pattern isn't one that RE2 understands.")
        for step, part in _inner(keyword, value):
            yield from _walk(part, f"{at}{step}")


def _inner(keyword: str, value: Any) -> Iterator[tuple[str, Any]]:
    """The schemas inside a keyword's value, each with the rest of its pointer."""
    if keyword == "properties":
        yield from ((f"/{_escaped(name)}", part) for name, part in value.items())
    elif keyword in ("anyOf", "oneOf", "allOf"):
        yield from ((f"/{number}", part) for number, part in enumerate(value))
    elif keyword in ("items", "additionalProperties"):
        yield "", value


def _name_problems(schema: dict[str, Any]) -> Iterator[Problem]:
    if len(schema.get("properties", {})) > MAX_PROPERTIES:
        yield Problem("/properties", f"At most {MAX_PROPERTIES} parameters.")
    for name in schema.get("properties", {}):
        if not _NAME.fullmatch(name):
            yield Problem("/properties", f"“{name[:80]}” can't be the name of a parameter.")


def _type_name(part: dict[str, Any]) -> str:
    kind = part.get("type", "any")
    return " or ".join(kind) if isinstance(kind, list) else str(kind)


_OPTIONS = re2.Options()
_OPTIONS.log_errors = False
_OPTIONS.max_mem = 1 << 20


def _compiled(pattern: str) -> Any:
    try:
        return re2.compile(pattern, _OPTIONS)
    except re2.error:
        return None


def _matches(validator: Any, pattern: str, instance: Any, schema: Any) -> Iterator[ValidationError]:
    compiled = _compiled(pattern)
    if isinstance(instance, str) and (compiled is None or not compiled.search(instance)):
        yield ValidationError(f"{instance!r} does not match {pattern!r}")


_Validator: Any = extend(Draft202012Validator, {"pattern": _matches})  # type: ignore[no-untyped-call]


def _first(errors: Iterable[ValidationError]) -> Iterator[ValidationError]:
    for number, error in enumerate(errors):
        if number == _MAX_REPORTED:
            return
        yield error


def _problem(error: ValidationError | SchemaError) -> Problem:
    pointer = "".join(f"/{_escaped(str(part))}" for part in error.absolute_path)
    detail = error.message if len(error.message) <= 300 else f"{error.message[:300]}…"
    return Problem(pointer, detail)


def _escaped(part: str) -> str:
    return part.replace("~", "~0").replace("/", "~1")
