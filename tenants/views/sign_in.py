"""Settings: how people sign in to this organisation."""

from __future__ import annotations

from functools import partial

from allauth.socialaccount.models import SocialAccount
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters

from tenants import reach, services
from tenants.access import Access
from tenants.forms import carried_out
from tenants.links import base_url
from tenants.models import SignInProvider
from tenants.pages import form_status, object_page, paginate, render_page, submitted, tenant_page
from tenants.sign_in_forms import SignInProviderForm

SORTS = {"name": "name"}


@tenant_page("GET", needs="manage_tenant")
def sign_in_list(request: HttpRequest, access: Access) -> HttpResponse:
    """The second factor, and the organisation's own ways in."""
    providers = access.visible(SignInProvider).select_related("role")
    address = reverse("account:organisation")
    context = {
        "access": access,
        "page": paginate(request, providers, sorts=SORTS, default="name"),
        "address": f"{base_url(request)}{address}?organisation={access.tenant.slug}",
    }
    return render_page(request, "tenants/sign_in_list.html", context)


@tenant_page("POST", needs="manage_tenant")
def factor_require(request: HttpRequest, access: Access) -> HttpResponse:
    """Require a second factor of every member, or no longer."""
    is_required = request.POST.get("required") == "on"
    try:
        services.require_factor(access, is_required=is_required)
    except ValidationError as refusal:
        messages.error(request, refusal.messages[0])
    else:
        told = "needs a second factor now" if is_required else "needs no second factor any more"
        messages.success(request, f"{access.tenant} {told}.")
    return redirect("tenants:sign-in-list", access.tenant.slug)


@sensitive_post_parameters("client_secret")
@tenant_page("GET", "POST", needs="manage_tenant")
def sign_in_create(request: HttpRequest, access: Access) -> HttpResponse:
    """A new way in."""
    form = SignInProviderForm(**submitted(request), access=access)
    if provider := carried_out(form, partial(services.create_sign_in, access)):
        messages.success(request, f"{provider} was added.")
        return redirect(provider)
    context = {"access": access, "form": form}
    return render_page(request, "tenants/sign_in_form.html", context, status=form_status(form))


@sensitive_post_parameters("client_secret")
@object_page(SignInProvider, "change", "GET", "POST")
def sign_in_edit(request: HttpRequest, access: Access, provider: SignInProvider) -> HttpResponse:
    """Change one, and what has to be entered at the service."""
    form = SignInProviderForm(**submitted(request), instance=provider, access=access)
    if carried_out(form, partial(services.update_sign_in, access, provider)):
        messages.success(request, f"{provider} was saved.")
        return redirect("tenants:sign-in-list", access.tenant.slug)
    key = reach.provider_key(access.tenant.pk, provider.pk)
    callback = reverse("account:through-callback", args=[access.tenant.pk, provider.pk])
    context = {
        "access": access,
        "form": form,
        "provider": provider,
        "callback": f"{base_url(request)}{callback}",
        "people": SocialAccount.objects.filter(provider=key).count(),
    }
    return render_page(request, "tenants/sign_in_form.html", context, status=form_status(form))


@object_page(SignInProvider, "delete", "POST")
def sign_in_delete(request: HttpRequest, access: Access, provider: SignInProvider) -> HttpResponse:
    """Take a way in away."""
    services.delete_sign_in(access, provider)
    messages.success(request, f"{provider} was deleted, and who came through it is signed out.")
    return redirect("tenants:sign-in-list", access.tenant.slug)
