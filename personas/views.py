"""Pages of the persona library."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from operator import attrgetter
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect

from personas import reading, services
from personas.forms import Draft, PersonaFilters, PersonaForm
from personas.models import Persona
from personas.previewing import preview_saved
from personas.rendering import pieces
from tenants import bulk, usage
from tenants.access import Access
from tenants.bulk import Act, Listed
from tenants.downloads import export_page
from tenants.lists import ListPage
from tenants.pages import (
    form_status,
    object_page,
    paginate,
    render_page,
    submitted,
    tenant_page,
)
from tenants.views.saved_views import with_saved_views

SORTS = {"name": "name", "changed": "updated_at", "created": "created_at"}


LIST = ListPage(
    "personas", "personas:persona-list", PersonaFilters, lambda access: access.visible(Persona)
)


@tenant_page("GET")
@with_saved_views(LIST)
def persona_list(request: HttpRequest, access: Access) -> HttpResponse:
    filters, listing = LIST.shown(access, request.GET)
    page = paginate(request, listing, sorts=SORTS, default="-changed")
    context = {"access": access, "page": page, "filters": filters}
    return render_page(request, "personas/persona_list.html", context, partial="results")


COLUMNS = {
    "id": attrgetter("pk"),
    "name": attrgetter("name"),
    "role": attrgetter("role"),
    "tone": attrgetter("tone"),
    "instructions": attrgetter("instructions"),
    "active": attrgetter("is_active"),
    "restricted": attrgetter("is_restricted"),
    "changed_at": attrgetter("updated_at"),
    "created_at": attrgetter("created_at"),
}
persona_export = export_page(LIST, COLUMNS)
bulk.declare(
    Listed(
        page=LIST,
        model=Persona,
        noun="persona",
        nouns="personas",
        acts=(
            Act(
                "delete",
                "Delete",
                "trash",
                "Published versions of agents keep what they were published with. This can’t be "
                "undone.",
                "deleted",
                right="manage",
                do=partial(services.delete_persona, force=True),
                needs="manage_personas",
            ),
        ),
    )
)


@tenant_page("GET", "POST", needs="change_personas")
def persona_create(request: HttpRequest, access: Access) -> HttpResponse:
    form = PersonaForm(**submitted(request), access=access)
    if form.is_valid():
        persona = services.create_persona(access, **form.fields_for_service())
        messages.success(request, f"{persona} was created.")
        return redirect(persona)
    return _form_page(request, access, form)


@object_page(Persona, "view", "GET")
def persona_detail(request: HttpRequest, access: Access, persona: Persona) -> HttpResponse:
    return _detail_page(request, access, persona, {})


@object_page(Persona, "change", "GET", "POST")
def persona_edit(request: HttpRequest, access: Access, persona: Persona) -> HttpResponse:
    form = PersonaForm(**submitted(request), instance=persona, access=access)
    if form.is_valid():
        persona = services.update_persona(access, persona, **form.fields_for_service())
        messages.success(request, f"{persona} was saved.")
        return redirect(persona)
    return _form_page(request, access, form)


@object_page(Persona, "manage", "POST")
def persona_delete(request: HttpRequest, access: Access, persona: Persona) -> HttpResponse:
    # The confirmation has named the agents that use it.
    services.delete_persona(access, persona, force=True)
    messages.success(request, f"{persona} was deleted.")
    return redirect("personas:persona-list", access.tenant.slug)


@object_page(Persona, "view", "POST")
def persona_preview(request: HttpRequest, access: Access, persona: Persona) -> HttpResponse:
    """The saved persona's prompt with the values that were typed beside it."""
    samples = {
        name.removeprefix("sample-"): str(value)[:2000]
        for name, value in request.POST.items()
        if name.startswith("sample-")
    }
    return _detail_page(request, access, persona, samples)


# ── A form that is still being written: shown again as it stands, nothing is saved ────────────


@tenant_page("POST", needs="change_personas")
def draft_preview(request: HttpRequest, access: Access) -> HttpResponse:
    return _draft_page(request, access, Draft(request.POST), "preview")


@tenant_page("POST", needs="change_personas")
def draft_add_variable(request: HttpRequest, access: Access) -> HttpResponse:
    draft = Draft(request.POST)
    draft.add_row()
    return _draft_page(request, access, draft, "rows")


@tenant_page("POST", needs="change_personas")
def draft_remove_variable(request: HttpRequest, access: Access, row: int) -> HttpResponse:
    draft = Draft(request.POST)
    draft.remove_row(row)
    return _draft_page(request, access, draft, "rows")


# ── Beneath ───────────────────────────────────────────────────────────────────────────────────


def _draft_page(request: HttpRequest, access: Access, draft: Draft, partial: str) -> HttpResponse:
    persona = _edited(access, request.POST.get("persona", ""))
    form = PersonaForm(instance=persona, access=access, draft=draft)
    return _form_page(request, access, form, partial)


def _edited(access: Access, pk: str) -> Persona | None:
    """The persona that a form is about; a new one has none yet."""
    try:
        return access.get(Persona, UUID(pk), "change") if pk else None
    except ValueError as error:
        raise Http404("No such persona.") from error


def _form_page(
    request: HttpRequest, access: Access, form: PersonaForm, partial: str | None = None
) -> HttpResponse:
    persona = None if form.instance._state.adding else form.instance
    context = {"access": access, "form": form, "persona": persona, "preview": form.preview()}
    template = "personas/persona_form.html"
    return render_page(request, template, context, partial=partial, status=form_status(form))


def _detail_page(
    request: HttpRequest, access: Access, persona: Persona, samples: Mapping[str, str]
) -> HttpResponse:
    variables = [
        {**variable, "sample": samples.get(variable["name"], "")} for variable in persona.variables
    ]
    context = {
        "access": access,
        "persona": reading.for_page(access, persona),
        "variables": variables,
        "pieces": pieces(persona.instructions),
        "preview": preview_saved(persona, samples),
        "users": usage.users_of(access, persona),
    }
    return render_page(request, "personas/persona_detail.html", context, partial="preview")
