"""Settings: accounts at model vendors."""

from __future__ import annotations

from functools import partial

from django.contrib import messages
from django.db.models import ProtectedError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.debug import sensitive_post_parameters

from tenants import services, vendors
from tenants.access import Access
from tenants.forms import carried_out
from tenants.models import ModelPrice, Provider
from tenants.pages import form_status, object_page, paginate, render_page, submitted, tenant_page
from tenants.settings_forms import DefaultModelForm, ProviderForm
from tenants.vendors import Trial

SORTS = {"name": "name", "created": "created_at"}


@tenant_page("GET")
def provider_list(request: HttpRequest, access: Access) -> HttpResponse:
    """The accounts, and the demo provider that needs none."""
    providers = access.visible(Provider).select_related("secret")
    page = paginate(request, providers, sorts=SORTS, default="name")
    return render_page(request, "tenants/provider_list.html", {"access": access, "page": page})


@object_page(Provider, "view", "GET")
def provider_detail(request: HttpRequest, access: Access, provider: Provider) -> HttpResponse:
    """Where it is, what it costs, whether it works."""
    return _detail_page(request, access, provider)


@object_page(Provider, "change", "POST")
def provider_test(request: HttpRequest, access: Access, provider: Provider) -> HttpResponse:
    """Really connect to it."""
    return _detail_page(request, access, provider, services.test_provider(access, provider))


@object_page(Provider, "change", "POST")
def provider_default_model(
    request: HttpRequest, access: Access, provider: Provider
) -> HttpResponse:
    """Take one of the listed models as the default."""
    form = DefaultModelForm(request.POST)
    if form.is_valid():
        services.set_default_model(access, provider, **form.cleaned_data)
        messages.success(request, f"{provider.default_model} is the default model now.")
    else:
        messages.error(request, "Choose a model of at most 120 characters.")
    return redirect(provider)


@sensitive_post_parameters("key")
@tenant_page("GET", "POST", needs="manage_providers")
def provider_create(request: HttpRequest, access: Access) -> HttpResponse:
    """A new account."""
    form = ProviderForm(**submitted(request), access=access)
    if provider := carried_out(form, partial(services.create_provider, access)):
        messages.success(request, f"{provider} was added.")
        return redirect(provider)
    context = {"access": access, "form": form}
    return render_page(request, "tenants/provider_form.html", context, status=form_status(form))


@sensitive_post_parameters("key")
@object_page(Provider, "change", "GET", "POST")
def provider_edit(request: HttpRequest, access: Access, provider: Provider) -> HttpResponse:
    """Change an account."""
    form = ProviderForm(**submitted(request), instance=provider, access=access)
    if carried_out(form, partial(services.update_provider, access, provider)):
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
        told = (
            f"{provider} is used by agents, or is the organisation’s default. Choose another there."
        )
        messages.error(request, told)
    else:
        messages.success(request, f"{provider} was deleted.")
    return redirect("tenants:provider-list", access.tenant.slug)


def _detail_page(
    request: HttpRequest, access: Access, provider: Provider, trial: Trial | None = None
) -> HttpResponse:
    prices = list(access.visible(ModelPrice).filter(provider=provider).order_by("model"))
    context = {
        "access": access,
        "provider": provider,
        "trial": trial,
        "prices": prices,
        "is_priced": any(price.model == provider.default_model for price in prices),
        "public_price": vendors.public_price(provider, provider.default_model),
        "is_default": access.tenant.default_provider_id == provider.pk,
    }
    return render_page(request, "tenants/provider_detail.html", context, partial="trial")
