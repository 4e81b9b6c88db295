"""From a persona and values to the prompt that a model is given.

Declared variables are replaced by their values, and nothing else happens: no expressions, no
filters, and a value is never searched for placeholders itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from pydantic import BaseModel, ConfigDict, Field

VARIABLE_NAME = r"^[a-z][a-z0-9_]{0,39}$"
_PLACEHOLDER = re.compile(r"\{\{([^{}]*)\}\}")
_WHOLE_PLACEHOLDER = re.compile(r"(\{\{[^{}]*\}\})")


class Variable(BaseModel):
    """A declared variable of a persona's instructions."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(pattern=VARIABLE_NAME, examples=["product"])
    description: str = Field("", max_length=200, examples=["What the team sells."])
    default: str = Field("", max_length=2000, examples=["Roster"])
    required: bool = False


class PersonaText(BaseModel):
    """Everything of a persona that the prompt is made from."""

    model_config = ConfigDict(frozen=True)

    name: str
    role: str = ""
    tone: str = ""
    instructions: str = ""
    variables: tuple[Variable, ...] = ()


class MissingValues(ValueError):
    """Required variables without a value; `names` lists them."""

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__(f"No value for {', '.join(names)}.")
        self.names = names


def render(persona: PersonaText, values: Mapping[str, str]) -> str:
    """The prompt. Values of undeclared variables are ignored. Raises MissingValues.

    An empty value counts as none: the variable's default stands in for it.
    """
    known = {
        variable.name: values.get(variable.name) or variable.default
        for variable in persona.variables
    }
    missing = [
        variable.name
        for variable in persona.variables
        if variable.required and not known[variable.name]
    ]
    if missing:
        raise MissingValues(missing)
    return "\n\n".join(filter(None, [_opening(persona), _substituted(persona.instructions, known)]))


def preview(persona: PersonaText, samples: Mapping[str, str]) -> str:
    """The prompt while it is being written: what has no value yet shows as ‹its name›."""
    values = {
        variable.name: samples.get(variable.name) or variable.default or f"‹{variable.name}›"
        for variable in persona.variables
    }
    return render(persona, values)


def used_names(instructions: str) -> list[str]:
    """What stands in double braces in the instructions, in order, each once."""
    return list(dict.fromkeys(found.strip() for found in _PLACEHOLDER.findall(instructions)))


def pieces(instructions: str) -> list[tuple[str, bool]]:
    """The text cut at its placeholders, each piece with whether it is one; to show them apart."""
    cut = _WHOLE_PLACEHOLDER.split(instructions)
    return [(text, number % 2 == 1) for number, text in enumerate(cut) if text]


def undeclared(instructions: str, names: Iterable[str]) -> list[str]:
    """Placeholders that no variable stands behind: an error."""
    declared = set(names)
    return [name for name in used_names(instructions) if name not in declared]


def unused(instructions: str, names: Iterable[str]) -> list[str]:
    """Declared variables that the instructions don't use: worth a hint."""
    used = set(used_names(instructions))
    return [name for name in names if name not in used]


def _opening(persona: PersonaText) -> str:
    role = persona.role.strip().rstrip(".")
    lines = [f"You are {persona.name}, {role}." if role else f"You are {persona.name}."]
    if tone := persona.tone.strip().rstrip("."):
        lines.append(f"Your tone: {tone}.")
    return "\n".join(lines)


def _substituted(instructions: str, known: Mapping[str, str]) -> str:
    # One pass over the text as it was written: a value with braces in it stays as it is.
    def value(found: re.Match[str]) -> str:
        return known.get(found[1].strip(), found[0])

    return _PLACEHOLDER.sub(value, instructions).strip()
