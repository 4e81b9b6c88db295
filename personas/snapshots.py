"""A persona as a published agent keeps it."""

from uuid import UUID

from pydantic import ConfigDict

from personas.models import Persona
from personas.rendering import PersonaText, Variable


class PersonaSnapshot(PersonaText):
    """A persona at one version; later edits don't reach it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    persona_id: UUID
    version: int


def text_of(persona: Persona) -> PersonaText:
    """What its prompt is made from."""
    return PersonaText(
        name=persona.name,
        role=persona.role,
        tone=persona.tone,
        instructions=persona.instructions,
        variables=tuple(Variable.model_validate(variable) for variable in persona.variables),
    )


def snapshot(persona: Persona) -> PersonaSnapshot:
    return PersonaSnapshot(**dict(text_of(persona)), persona_id=persona.pk, version=persona.version)
