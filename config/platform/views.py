"""The platform's pages: all organisations, without anything that is in them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect

from config.platform import counting
from config.platform.forms import JoinForm, NewTenantForm, OwnerForm, TenantFilters
from tenants import services
from tenants.access import memberships
from tenants.granting import LastOwner
from tenants.links import base_url
from tenants.models import Invitation, Tenant
from tenants.pages import form_status, paginate, platform_page, render_page, submitted
from tenants.platform import Platform
from tenants.tenant_forms import ArchiveForm

SORTS = {
    "name": "name",
    "created": "created_at",
    "members": "figures__members",
    "agents": "figures__agents",
    "storage": "figures__storage",
    "runs": "figures__runs",
    "spend": "figures__spend",
    "active": "figures__last_activity_at",
}


@platform_page("GET")
def tenant_list(request: HttpRequest, platform: Platform) -> HttpResponse:
    """Every organisation in numbers."""
    filters = TenantFilters(request.GET)
    tenants = filters.narrow(platform.tenants()).select_related("figures")
    page = paginate(request, tenants, sorts=SORTS, default="name")
    counting.fill_in(page.rows)
    mine = memberships(platform.user).filter(tenant__in=page.rows)
    context = {
        "filters": filters,
        "page": page,
        "joined": set(mine.values_list("tenant_id", flat=True)),
    }
    return render_page(request, "platform/tenant_list.html", context, partial="results")


@platform_page("GET", "POST")
def tenant_create(request: HttpRequest, platform: Platform) -> HttpResponse:
    """A new organisation, with an owner or an invitation for one."""
    form = NewTenantForm(**submitted(request))
    if form.is_valid():
        try:
            tenant, invitation = services.found_tenant(
                platform, base_url=base_url(request), **form.cleaned_data
            )
        except ValidationError as refusal:
            form.add_error(None, refusal)
        else:
            _tell_owner(request, tenant, form.cleaned_data["email"], invitation)
            return redirect("platform:tenant-detail", tenant.pk)
    context = {"form": form}
    return render_page(request, "platform/tenant_form.html", context, status=form_status(form))


@platform_page("GET")
def tenant_detail(request: HttpRequest, platform: Platform, pk: UUID) -> HttpResponse:
    """One organisation: its numbers, its owners, and what can be done about it."""
    return _detail(request, platform, _tenant(platform, pk))


@platform_page("POST")
def tenant_join(request: HttpRequest, platform: Platform, pk: UUID) -> HttpResponse:
    """Become a member, visibly."""
    tenant, form = _tenant(platform, pk), JoinForm(request.POST)
    if form.is_valid():
        try:
            services.join_tenant(platform, tenant, **form.cleaned_data)
        except ValidationError as refusal:
            form.add_error(None, refusal)
        else:
            messages.success(request, f"You belong to {tenant} now; its members see it.")
            return redirect("platform:tenant-detail", pk)
    return _detail(request, platform, tenant, join_form=form)


@platform_page("POST")
def tenant_leave(request: HttpRequest, platform: Platform, pk: UUID) -> HttpResponse:
    """End what joining began."""
    tenant = _tenant(platform, pk)
    try:
        services.leave_tenant(platform, tenant)
    except LastOwner as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, f"You left {tenant}.")
    return redirect("platform:tenant-detail", pk)


@platform_page("POST")
def owner_invite(request: HttpRequest, platform: Platform, pk: UUID) -> HttpResponse:
    """An owner for an organisation that has none."""
    tenant, form = _tenant(platform, pk), OwnerForm(request.POST)
    if form.is_valid():
        email = form.cleaned_data["email"]
        try:
            invitation = services.invite_owner(
                platform, tenant, email=email, base_url=base_url(request)
            )
        except ValidationError as refusal:
            form.add_error(None, refusal)
        else:
            _tell_owner(request, tenant, email, invitation)
            return redirect("platform:tenant-detail", pk)
    return _detail(request, platform, tenant, owner_form=form)


@platform_page("POST")
def tenant_archive(request: HttpRequest, platform: Platform, pk: UUID) -> HttpResponse:
    """Close an organisation, once its address was typed."""
    tenant = _tenant(platform, pk)
    form = ArchiveForm(request.POST, slug=tenant.slug)
    if not form.is_valid():
        return _detail(request, platform, tenant, archive_form=form)
    services.archive_tenant(platform, tenant)
    messages.success(request, f"{tenant} is archived.")
    return redirect("platform:tenant-detail", pk)


@platform_page("POST")
def tenant_unarchive(request: HttpRequest, platform: Platform, pk: UUID) -> HttpResponse:
    """Open it again."""
    tenant = services.unarchive_tenant(platform, _tenant(platform, pk))
    messages.success(request, f"{tenant} is back. Waiting work goes on within seconds.")
    return redirect("platform:tenant-detail", pk)


def _tenant(platform: Platform, pk: UUID) -> Tenant:
    tenant = platform.tenants().filter(pk=pk).first()
    if tenant is None:
        raise Http404("No such organisation.")
    return tenant


def _detail(request: HttpRequest, platform: Platform, tenant: Tenant, **forms: Any) -> HttpResponse:
    context = {
        "tenant": tenant,
        "figures": counting.figures_of(tenant),
        "owners": services.owners_of(tenant),
        "membership": services.membership_of(platform, tenant),
        "join_form": JoinForm(),
        "owner_form": OwnerForm(),
        "archive_form": ArchiveForm(slug=tenant.slug),
        "refused": next(iter(forms.values()), None),
        **forms,
    }
    status = form_status(context["refused"]) if context["refused"] else 200
    return render_page(request, "platform/tenant_detail.html", context, status=status)


def _tell_owner(
    request: HttpRequest, tenant: Tenant, email: str, invitation: Invitation | None
) -> None:
    if invitation is None:
        messages.success(request, f"{email} owns {tenant} now.")
    elif invitation.sent_at:
        messages.success(request, f"{email} is invited as owner of {tenant}.")
    else:
        told = f"{tenant} is there, but the mail server did not take the invitation of {email}."
        messages.error(request, f"{told} Send it again below once mail works.")
