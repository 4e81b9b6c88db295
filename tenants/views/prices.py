"""Settings: an organisation's own prices of a provider's models."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from tenants import services
from tenants.access import Access
from tenants.models import ModelPrice, Provider
from tenants.pages import form_status, object_page, render_page, submitted
from tenants.settings_forms import PriceForm


@object_page(Provider, "change", "GET", "POST")
def price_create(request: HttpRequest, access: Access, provider: Provider) -> HttpResponse:
    """A price for a model of this provider."""
    fresh = ModelPrice(provider=provider, model=request.GET.get("model", ""))
    form = PriceForm(**submitted(request), instance=fresh, access=access)
    if form.is_valid():
        services.create_price(access, provider, **form.cleaned_data)
        messages.success(request, "The price holds from now on.")
        return redirect(provider)
    return _form_page(request, access, provider, form)


@object_page(ModelPrice, "change", "GET", "POST")
def price_edit(request: HttpRequest, access: Access, price: ModelPrice) -> HttpResponse:
    """Another price from now on."""
    form = PriceForm(**submitted(request), instance=price, access=access)
    if form.is_valid():
        services.update_price(access, price, **form.cleaned_data)
        messages.success(request, "The price holds from now on.")
        return redirect(price)
    return _form_page(request, access, price.provider, form)


@object_page(ModelPrice, "delete", "POST")
def price_delete(request: HttpRequest, access: Access, price: ModelPrice) -> HttpResponse:
    """Back to the public price."""
    provider = price.provider
    services.delete_price(access, price)
    messages.success(request, f"The price of {price.model} was deleted.")
    return redirect(provider)


def _form_page(
    request: HttpRequest, access: Access, provider: Provider, form: PriceForm
) -> HttpResponse:
    is_new = form.instance._state.adding
    context = {"access": access, "provider": provider, "form": form, "is_new": is_new}
    return render_page(request, "tenants/price_form.html", context, status=form_status(form))
