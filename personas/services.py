"""Verbs of the persona library: each one transaction, with its audit row."""

from __future__ import annotations

from typing import Any, TypedDict, Unpack

from personas.checking import check_persona
from personas.models import Persona
from tenants import audit, usage
from tenants.access import Access
from tenants.versions import require_version


class PersonaFields(TypedDict, total=False):
    """What a persona is made of; `variables` as in personas.rendering.Variable."""

    name: str
    role: str
    tone: str
    instructions: str
    variables: list[dict[str, Any]]
    is_active: bool


@audit.atomic()
def create_persona(access: Access, **fields: Unpack[PersonaFields]) -> Persona:
    """A new persona. Raises ValidationError where a field is not right or the name is taken."""
    persona = Persona(tenant=access.tenant, created_by=access.user, **fields)
    _check(persona)
    access.add(persona)
    audit.record(access, "persona.created", persona)
    return persona


@audit.atomic()
def update_persona(
    access: Access,
    persona: Persona,
    *,
    expected_version: int | None = None,
    **fields: Unpack[PersonaFields],
) -> Persona:
    """Change it, and count the version up; without a difference nothing is saved.

    Raises ValidationError, and VersionMoved when `expected_version` is no longer its version.
    """
    persona = _locked(persona)
    require_version(persona, expected_version)
    with audit.changing(access, persona, "persona.updated"):
        before = {name: getattr(persona, name) for name in fields}
        for name, value in fields.items():
            setattr(persona, name, value)
        _check(persona)
        if any(getattr(persona, name) != value for name, value in before.items()):
            persona.version += 1
            persona.save()
    return persona


@audit.atomic()
def delete_persona(access: Access, persona: Persona, *, force: bool = False) -> None:
    """Delete it. Raises InUse while agents use it, or detaches them with `force`."""
    persona = _locked(persona)
    usage.free(access, persona, force=force)
    audit.record(access, "persona.deleted", persona)
    persona.delete()


def _check(persona: Persona) -> None:
    persona.full_clean()
    check_persona(persona)


def _locked(persona: Persona) -> Persona:
    """The persona as it is now, which nobody else can change before this transaction ends."""
    return (
        Persona.unscoped.select_for_update(of=("self",)).select_related("tenant").get(pk=persona.pk)
    )
