"""The prompt while a persona is being written: it may be wrong, and shows what is."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from personas.checking import not_declared
from personas.models import Persona
from personas.rendering import (
    VARIABLE_NAME,
    PersonaText,
    Variable,
    preview,
    undeclared,
    unused,
)
from personas.snapshots import text_of


@dataclass(frozen=True, slots=True)
class Preview:
    """The rendered prompt, what stops a save, and what is only worth a hint."""

    prompt: str
    problems: Sequence[str] = ()
    hints: Sequence[str] = ()


def preview_saved(persona: Persona, samples: Mapping[str, str]) -> Preview:
    """Of a persona as it is saved."""
    return _previewed(text_of(persona), samples)


def preview_draft(texts: Mapping[str, str], rows: Sequence[Mapping[str, str]]) -> Preview:
    """Of what stands in a form; rows have name, default and sample."""
    named = [row for row in rows if re.fullmatch(VARIABLE_NAME, row.get("name", ""))]
    text = PersonaText(
        name=texts.get("name") or "‹name›",
        role=texts.get("role", ""),
        tone=texts.get("tone", ""),
        instructions=texts.get("instructions", ""),
        variables=tuple(
            # Required or not: a preview shows a variable without value by its name.
            Variable(name=row["name"], default=row.get("default", "")[:2000])
            for row in named
        ),
    )
    return _previewed(text, {row["name"]: row.get("sample", "") for row in named})


def _previewed(text: PersonaText, samples: Mapping[str, str]) -> Preview:
    names = [variable.name for variable in text.variables]
    return Preview(
        prompt=preview(text, samples),
        problems=[not_declared(name) for name in undeclared(text.instructions, names)],
        hints=[f"{name} is declared, but not used." for name in unused(text.instructions, names)],
    )
