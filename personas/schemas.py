"""Shapes of the personas' API."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from ninja import Field, Schema
from pydantic import ConfigDict

from personas.checking import MAX_VARIABLES
from personas.models import PersonaQuerySet
from personas.rendering import Variable
from tenants.schemas import Changes, In, Out

Name = Annotated[str, Field(min_length=1, max_length=120)]
Sort = Literal["created", "-created", "name", "-name", "changed", "-changed"]
ORDER: dict[str, str] = {"created": "created_at", "name": "name", "changed": "updated_at"}

_PERSONA_IN: dict[str, Any] = {
    "name": "Patient explainer",
    "role": "a billing clerk",
    "tone": "warm, brief, never ironic",
    "instructions": "Help the customers of {{company}}. Never promise a refund.",
    "variables": [
        {
            "name": "company",
            "description": "Whose customers ask.",
            "default": "",
            "required": True,
        }
    ],
    "is_active": True,
}
_PERSONA_OUT: dict[str, Any] = {
    **_PERSONA_IN,
    "id": "0198f2a0-6f0e-7c3a-9d0e-3f1f5b1c7a10",
    "version": 3,
    "created_at": "2026-10-30T14:03:10Z",
    "updated_at": "2026-11-02T09:10:02Z",
}
_PROMPT = (
    "You are Patient explainer, a billing clerk.\nYour tone: warm, brief, never ironic.\n\n"
    "Help the customers of Acme. Never promise a refund."
)


class PersonaIn(In):
    """A new persona. Placeholders like {{company}} stand in the instructions only."""

    model_config = ConfigDict(json_schema_extra={"example": _PERSONA_IN})

    name: Name
    role: str = Field("", max_length=200)
    tone: str = Field("", max_length=200)
    instructions: str = Field("", max_length=20_000)
    variables: list[Variable] = Field([], max_length=MAX_VARIABLES)
    is_active: bool = True


class PersonaChanges(Changes):
    """Only what changes. `variables` replaces the whole list."""

    model_config = ConfigDict(json_schema_extra={"example": {"tone": "formal"}})

    name: Name = ""
    role: str = Field("", max_length=200)
    tone: str = Field("", max_length=200)
    instructions: str = Field("", max_length=20_000)
    variables: list[Variable] = Field([], max_length=MAX_VARIABLES)
    is_active: bool = True


class PersonaOut(Out):
    model_config = ConfigDict(json_schema_extra={"example": _PERSONA_OUT})

    id: UUID
    name: str
    role: str
    tone: str
    instructions: str
    variables: list[Variable]
    is_active: bool
    version: int
    created_at: datetime
    updated_at: datetime


class PersonaTestIn(In):
    """Values of the declared variables; a missing one falls back to its default."""

    model_config = ConfigDict(json_schema_extra={"example": {"values": {"company": "Acme"}}})

    values: dict[str, Annotated[str, Field(max_length=2000)]] = Field({}, max_length=MAX_VARIABLES)


class PersonaTestOut(Out):
    """The prompt, as a model would be given it."""

    model_config = ConfigDict(json_schema_extra={"example": {"prompt": _PROMPT}})

    prompt: str


class PersonaFilters(Schema):
    """Which personas to list, in which order."""

    q: str = Field("", max_length=200, description="Words in name, role, tone or instructions.")
    is_active: bool | None = None
    sort: Sort = "-created"

    def narrow(self, personas: PersonaQuerySet) -> PersonaQuerySet:
        if self.q:
            personas = personas.matching(self.q)
        if self.is_active is not None:
            personas = personas.filter(is_active=self.is_active)
        sign, name = ("-", self.sort[1:]) if self.sort[0] == "-" else ("", self.sort)
        return personas.order_by(f"{sign}{ORDER[name]}")
