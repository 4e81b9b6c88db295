"""Settings: the organisation itself."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from tenants import services
from tenants.access import Access
from tenants.pages import form_status, render_page, submitted, tenant_page
from tenants.tenant_forms import ArchiveForm, TenantForm


@tenant_page("GET")
def settings(request: HttpRequest, access: Access) -> HttpResponse:
    """What the organisation is, and the way to change it."""
    return _settings(request, access, ArchiveForm(slug=access.tenant.slug))


@tenant_page("GET", "POST", needs="manage_tenant")
def tenant_edit(request: HttpRequest, access: Access) -> HttpResponse:
    """Name, address, time zone, default model, retention, hosts."""
    form = TenantForm(**submitted(request), access=access)
    if form.is_valid():
        expected = access.tenant.version
        try:
            tenant = services.update_tenant(access, expected_version=expected, **form.cleaned_data)
        except ValidationError as refusal:
            form.add_error(None, refusal)
        else:
            messages.success(request, "The settings were saved.")
            return redirect("tenants:settings", tenant.slug)
    context = {"access": access, "form": form}
    return render_page(request, "tenants/tenant_form.html", context, status=form_status(form))


@tenant_page("POST", needs="manage_tenant")
def tenant_archive(request: HttpRequest, access: Access) -> HttpResponse:
    """Close the organisation, once its address was typed."""
    form = ArchiveForm(request.POST, slug=access.tenant.slug)
    if not form.is_valid():
        return _settings(request, access, form)
    services.archive_tenant(access, access.tenant)
    messages.success(request, f"{access.tenant} is archived.")
    return redirect("tenants:settings", access.tenant.slug) if access.is_owner else redirect("root")


@tenant_page("POST", needs="manage_tenant", works_archived=True)
def tenant_unarchive(request: HttpRequest, access: Access) -> HttpResponse:
    """Open it again."""
    services.unarchive_tenant(access, access.tenant)
    messages.success(request, f"{access.tenant} is back. Waiting work goes on within seconds.")
    return redirect("tenants:settings", access.tenant.slug)


def _settings(request: HttpRequest, access: Access, form: ArchiveForm) -> HttpResponse:
    context = {"access": access, "archive_form": form}
    return render_page(request, "tenants/settings.html", context, status=form_status(form))
