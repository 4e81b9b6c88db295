"""Which tool a question asks for, and what the question says about its parameters."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any
from zoneinfo import available_timezones

from agents.runs.providers.demo.words import stem, terms, words
from agents.runs.providers.port import ToolOffer

# What the built-in tools do is said in words that also mean other things, so they need more.
_CUES = {
    "current_time": re.compile(
        r"what(['’]s| is)? (the )?(current )?(time|date|day)\b(?! limit| zone)"
        r"|(time|date|day) is it|today['’]s date|(current|exact|local) (time|date)",
        re.IGNORECASE,
    ),
    "knowledge_search": re.compile(
        r"knowledge.?search|search (in |through )?(the |your |our )?(knowledge|documents|sources)",
        re.IGNORECASE,
    ),
}
_WHOLE_QUESTION = {"query", "question", "q", "text", "search", "message", "input", "prompt"}
_QUOTED = re.compile(r"[\"“„']([^\"”“']{1,200})[\"”“']")
_IDENTIFIER = re.compile(r"\b(?=[\w-]*\d)(?=[\w-]*[A-Za-z])[A-Za-z0-9][\w-]+\b|\b[A-Z]{2,}-?\d+\b")
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+\w")
_URL = re.compile(r"https?://[^\s\"'<>]+")
_DATE = re.compile(r"\b\d{4}-\d{2}-\d{2}\b")
_NUMBER = re.compile(r"(?<![\w.-])-?\d+(?:\.\d+)?(?![\w-])")
_NAME = re.compile(r"(?<=[a-z,;] )(?:[A-Z][\w-]+)(?: [A-Z][\w-]+)*")
_TIME_ZONE = {"time_zone", "timezone", "tz"}
_ENOUGH_OF_DESCRIPTION = 2
# Words in a tool's name that say nothing about what it is for.
_ANY_TOOL = terms("get find list show search look lookup fetch read check create make query call")


@dataclass(frozen=True, slots=True)
class Wish:
    """A tool that the question asks for; `missing` names parameters that it says nothing about."""

    tool: ToolOffer
    arguments: str
    missing: tuple[str, ...]


def wished_tool(question: str, tools: Sequence[ToolOffer]) -> Wish | None:
    """The tool that the question asks for most clearly, or None."""
    scored = [(_score(question, tool), -number, tool) for number, tool in enumerate(tools)]
    score, _, tool = max(scored, key=lambda each: each[:2], default=(0, 0, None))
    if tool is None or not score:
        return None
    found, missing = _arguments(question, tool.parameters)
    return Wish(tool, json.dumps(found, ensure_ascii=False), tuple(missing))


def _score(question: str, tool: ToolOffer) -> int:
    plain = " ".join(words(question))
    if " ".join(words(tool.name.replace("_", " "))) in plain and "_" in tool.name:
        return 100
    if tool.name in question.lower().split():
        return 100
    if cue := _CUES.get(tool.name):
        return 50 if cue.search(question) else 0
    asked, named = terms(question), terms(tool.name.replace("_", " ")) - _ANY_TOOL
    of_name, of_description = len(asked & named), len(asked & terms(tool.description))
    is_named = bool(named) and named <= asked
    is_described = of_name and of_description >= _ENOUGH_OF_DESCRIPTION
    return 10 * of_name + of_description if is_named or is_described else 0


def _arguments(question: str, schema: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    properties: Mapping[str, Any] = schema.get("properties") or {}
    required = set(schema.get("required") or ())
    numbers = (float(found) for found in _NUMBER.findall(question))
    found, missing = {}, []
    for name, property_schema in properties.items():
        value = _explicit(question, name, property_schema)
        if value is None and name in required:
            value = _guessed(question, name, property_schema, numbers)
        if value is not None:
            found[name] = value
        elif name in required:
            missing.append(name)
    return found, missing


def _explicit(question: str, name: str, schema: Mapping[str, Any]) -> Any:
    """From `name=value`, `name: value` or a value of its enumeration."""
    for option in schema.get("enum") or ():
        if re.search(rf"\b{re.escape(str(option))}\b", question, re.IGNORECASE):
            return option
    if name.lower() in _TIME_ZONE and (place := _place_named(question)):
        return place
    label = re.escape(name).replace("_", "[ _]")
    said = re.search(
        rf"\b{label}\s*[=:]\s*(?:[\"“']([^\"”']+)[\"”']|([^\s,;?]+))", question, re.IGNORECASE
    )
    return _typed(said[1] or said[2], schema) if said else None


def _place_named(question: str) -> str | None:
    """The IANA time zone of a city that the question names: “in Tokyo” is Asia/Tokyo."""
    said = re.search(_cities()[0], question)
    return _cities()[1][said[0]] if said else None


@cache
def _cities() -> tuple[re.Pattern[str], dict[str, str]]:
    zones = sorted(zone for zone in available_timezones() if "/" in zone and zone[:3] != "Etc")
    by_city = {zone.rpartition("/")[2].replace("_", " "): zone for zone in reversed(zones)}
    longest_first = sorted(by_city, key=len, reverse=True)
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, longest_first))})\b"), by_city


def _guessed(question: str, name: str, schema: Mapping[str, Any], numbers: Iterator[float]) -> Any:
    kind = schema.get("type", "string")
    if kind in ("integer", "number"):
        number = next(numbers, None)
        return int(number) if number is not None and kind == "integer" else number
    if kind == "boolean":
        return stem(name.lower()) in terms(question)
    if kind == "array":
        item = _guessed(question, name, schema.get("items") or {}, numbers)
        return None if item is None else [item]
    return _guessed_text(question, name, schema) if kind == "string" else None


def _guessed_text(question: str, name: str, schema: Mapping[str, Any]) -> str | None:
    form = {"email": _EMAIL, "uri": _URL, "date": _DATE}.get(str(schema.get("format")))
    if form is not None:
        said = form.search(question)
        return said[0] if said else None
    if name.lower() in _WHOLE_QUESTION:
        return question.strip()
    if said := _QUOTED.search(question):
        return said[1]
    if after := _after_its_name(question, name):
        return after
    for pattern in (_IDENTIFIER, _NAME):
        if said := pattern.search(question):
            return said[0]
    return None


def _after_its_name(question: str, name: str) -> str | None:
    """“invoice INV-7” or “invoice number 7” for a parameter `invoice_number`."""
    label = r"(?:\s+|_)".join(re.escape(part) for part in name.split("_"))
    said = re.search(rf"\b{label}s?\s+(?:is\s+|of\s+)?#?([A-Z0-9][\w-]*)", question, re.IGNORECASE)
    is_value = said is not None and (said[1][0].isupper() or any(c.isdigit() for c in said[1]))
    return said[1] if said is not None and is_value else None


def _typed(text: str, schema: Mapping[str, Any]) -> Any:
    kind = schema.get("type", "string")
    try:
        if kind == "integer":
            return int(text)
        if kind == "number":
            return float(text)
    except ValueError:
        return None
    return text.lower() in ("true", "yes", "1") if kind == "boolean" else text
