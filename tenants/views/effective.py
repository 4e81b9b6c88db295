"""Settings: what a person may do with what, and which rule decides it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse

from tenants import explaining, sharing
from tenants.access import Access
from tenants.effective_forms import PersonForm, ReachFilters
from tenants.models import Membership, Shareable
from tenants.pages import form_status, object_page, paginate, render_page, tenant_page

SORTS = {"name": "name", "created": "created_at"}
# What the address of an explanation calls the object.
KINDS = {"agents": "agent", "personas": "persona", "tools": "tool", "knowledge": "source"}


@tenant_page("GET", needs="manage_members")
def effective_access(request: HttpRequest, access: Access) -> HttpResponse:
    """Whose access?"""
    form = PersonForm(request.GET, access=access)
    if form.is_valid():
        member = form.cleaned_data["person"]
        return redirect("tenants:member-reach", access.tenant.slug, member.pk)
    context = {"access": access, "form": form, "addresses": sharing.addresses(access)}
    template = "tenants/effective_access.html"
    return render_page(request, template, context, status=form_status(form))


@object_page(Membership, "view", "GET")
def member_reach(request: HttpRequest, access: Access, member: Membership) -> HttpResponse:
    """What one person reaches, of all that whoever asks may see."""
    member = explaining.candidates(access).get(pk=member.pk)
    filters = ReachFilters(request.GET)
    rows = filters.narrow(access.visible(filters.model), member)
    page = paginate(request, rows, sorts=SORTS, default="name")
    standings = explaining.of_member(member, page.rows)
    context = {
        "access": access,
        "filters": filters,
        "member": member,
        "page": page,
        "lines": [
            {"row": row, "standing": standing, "url": _url(access, member, row)}
            for row, standing in zip(page.rows, standings, strict=True)
        ],
    }
    return render_page(request, "tenants/member_reach.html", context, partial="results")


@object_page(Membership, "view", "GET")
def access_explained(
    request: HttpRequest, access: Access, member: Membership, **place: UUID
) -> HttpResponse:
    """What one person may do with one object: each action, with the rule that decides it."""
    member = explaining.candidates(access).get(pk=member.pk)
    [(keyword, pk)] = place.items()
    row = access.get(_model(keyword), pk)
    [standing] = explaining.of_member(member, [row])
    context = {
        "access": access,
        "member": member,
        "row": row,
        "kind": row._meta.verbose_name,
        "standing": standing,
        "lines": _lines(access, row, member, standing),
    }
    return render_page(request, "tenants/access_explained.html", context)


def explained_urls() -> list[URLPattern]:
    """An address for each kind of object."""
    return [
        path(
            f"settings/access/<uuid:pk>/{area}/<uuid:{kind}_id>/",
            access_explained,
            name=f"{kind}-explained",
        )
        for area, kind in KINDS.items()
    ]


def _model(keyword: str) -> type[Shareable]:
    area = next(area for area, kind in KINDS.items() if keyword == f"{kind}_id")
    return explaining.models()[area]


def _url(access: Access, member: Membership, row: Shareable) -> str:
    name = f"tenants:{KINDS[sharing.area_of(type(row))]}-explained"
    return reverse(name, args=[access.tenant.slug, member.pk, row.pk])


def _lines(
    access: Access, row: Shareable, member: Membership, standing: explaining.Standing
) -> list[dict[str, Any]]:
    """Each action in words; with who decided it, where somebody did for this object."""
    deciders = {
        "person": explaining.decided_by(access, row, member),
        "role": explaining.decided_by(access, row, member.role),
    }
    return [
        {
            "verb": sharing.VERBS[action],
            "is_allowed": verdict.is_allowed,
            "reason": explaining.words(verdict),
            "event": deciders.get(verdict.holder),
        }
        for action, verdict in standing.verdicts.items()
    ]
