"""The API of the persona library."""

from __future__ import annotations

from typing import cast
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpResponse
from ninja import Query, Status

from personas import services
from personas.models import Persona, PersonaQuerySet
from personas.rendering import MissingValues, render
from personas.schemas import (
    PersonaChanges,
    PersonaFilters,
    PersonaIn,
    PersonaOut,
    PersonaTestIn,
    PersonaTestOut,
)
from personas.snapshots import text_of
from tenants.api import ApiRequest, IfMatch, Problems, Router, created
from tenants.problems import CODES, Problem
from tenants.schemas import ProblemOut
from tenants.sharing_api import add_sharing
from tenants.versions import from_if_match

router = Router(tags=["personas"])
add_sharing(router, Persona, "persona_id")


@router.get("", response={200: list[PersonaOut], **Problems}, summary="List personas")
def list_personas(request: ApiRequest, filters: Query[PersonaFilters]) -> QuerySet[Persona]:
    """The personas that this key may see, newest first unless sorted otherwise."""
    return filters.narrow(cast("PersonaQuerySet", request.auth.visible(Persona)))


@router.post("", response={201: PersonaOut, **Problems}, summary="Create a persona")
def create_persona(
    request: ApiRequest, response: HttpResponse, payload: PersonaIn
) -> Status[Persona]:
    """A new persona. A placeholder in the instructions without a variable is a 422."""
    request.auth.require("change_personas")
    persona = services.create_persona(request.auth, **payload.model_dump())
    created(response, f"/api/v1/personas/{persona.pk}")
    return Status(201, persona)


@router.get("/{uuid:persona_id}", response={200: PersonaOut, **Problems}, summary="Read a persona")
def get_persona(request: ApiRequest, persona_id: UUID) -> Persona:
    """One persona with its variables."""
    return request.auth.get(Persona, persona_id)


@router.patch(
    "/{uuid:persona_id}",
    response={200: PersonaOut, **Problems, 412: ProblemOut},
    summary="Change a persona",
)
def update_persona(
    request: ApiRequest, persona_id: UUID, payload: PersonaChanges, if_match: IfMatch = None
) -> Persona:
    """Change it. With `If-Match: "<version>"`, only if nobody else changed it since. Published
    versions of agents keep the persona that they were published with."""
    persona = request.auth.get(Persona, persona_id, "change")
    changes = payload.model_dump(exclude_unset=True)
    return services.update_persona(
        request.auth, persona, expected_version=from_if_match(if_match), **changes
    )


@router.delete(
    "/{uuid:persona_id}",
    response={204: None, **Problems, 409: ProblemOut},
    summary="Delete a persona",
)
def delete_persona(request: ApiRequest, persona_id: UUID, force: bool = False) -> Status[None]:
    """Delete it. While agents use it: 409 that lists them; `?force=true` takes it from them."""
    persona = request.auth.get(Persona, persona_id, "manage")
    services.delete_persona(request.auth, persona, force=force)
    return Status(204, None)


@router.post(
    "/{uuid:persona_id}/test",
    response={200: PersonaTestOut, **Problems},
    summary="Render a persona's prompt",
)
def render_persona(
    request: ApiRequest, persona_id: UUID, payload: PersonaTestIn | None = None
) -> dict[str, str]:
    """The prompt that these values make. Nothing is changed and no model is asked."""
    text = text_of(request.auth.get(Persona, persona_id))
    values = payload.values if payload else {}
    declared = {variable.name for variable in text.variables}
    unknown = [(name, "There is no such variable.") for name in values if name not in declared]
    if unknown:
        raise _unprocessable(unknown)
    try:
        return {"prompt": render(text, values)}
    except MissingValues as missing:
        needed = [(name, "This variable needs a value.") for name in missing.names]
        raise _unprocessable(needed) from missing


def _unprocessable(problems: list[tuple[str, str]]) -> Problem:
    errors = [{"pointer": f"/values/{name}", "detail": detail} for name, detail in problems]
    return Problem(422, "validation_failed", CODES["validation_failed"], errors=errors)
