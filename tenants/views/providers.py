"""Settings: accounts at model vendors."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import ProtectedError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.debug import sensitive_post_parameters

from tenants import services
from tenants.access import Access
from tenants.models import Provider
from tenants.pages import form_status, object_page, paginate, render_page, submitted, tenant_page
from tenants.settings_forms import ProviderForm

SORTS = {"name": "name", "created": "created_at"}


@tenant_page("GET")
def provider_list(request: HttpRequest, access: Access) -> HttpResponse:
    """The accounts, and the demo provider that needs none."""
    providers = access.visible(Provider).select_related("secret")
    page = paginate(request, providers, sorts=SORTS, default="name")
    return render_page(request, "tenants/provider_list.html", {"access": access, "page": page})


@sensitive_post_parameters("key")
@tenant_page("GET", "POST", needs="manage_providers")
def provider_create(request: HttpRequest, access: Access) -> HttpResponse:
    """A new account."""
    form = ProviderForm(**submitted(request), access=access)
    if form.is_valid():
        try:
            provider = services.create_provider(access, **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, f"{provider} was added.")
            return redirect(provider)
    context = {"access": access, "form": form}
    return render_page(request, "tenants/provider_form.html", context, status=form_status(form))


@sensitive_post_parameters("key")
@object_page(Provider, "change", "GET", "POST")
def provider_edit(request: HttpRequest, access: Access, provider: Provider) -> HttpResponse:
    """Change an account."""
    form = ProviderForm(**submitted(request), instance=provider, access=access)
    if form.is_valid():
        try:
            services.update_provider(access, provider, **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, f"{provider} was saved.")
            return redirect(provider)
    context = {"access": access, "form": form, "provider": provider}
    return render_page(request, "tenants/provider_form.html", context, status=form_status(form))


@object_page(Provider, "delete", "POST")
def provider_delete(request: HttpRequest, access: Access, provider: Provider) -> HttpResponse:
    """Remove an account that no agent uses."""
    try:
        services.delete_provider(access, provider)
    except ProtectedError:
        messages.error(request, f"{provider} is used by agents. Give them another provider first.")
    else:
        messages.success(request, f"{provider} was deleted.")
    return redirect("tenants:provider-list", access.tenant.slug)
