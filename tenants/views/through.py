"""Signing in through an organisation's own service, and connecting that to an account."""

from __future__ import annotations

from typing import cast
from uuid import UUID

from allauth.account.internal.flows.reauthentication import raise_if_reauthentication_required
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.models import Authenticator
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.models import SocialAccount
from allauth.socialaccount.providers.base.constants import AuthProcess
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from tenants import devices, signing_in
from tenants.models import SignInProvider, User
from tenants.pages import render_page
from tenants.views.account_pages import own_page, page
from tenants.views.provider_adapter import FAILED, refused


@require_safe
def organisation(request: HttpRequest) -> HttpResponse:
    """The ways in that an organisation offers, by its address."""
    slug = request.GET.get("organisation", "").replace("\0", "").strip().lower()
    context = {"slug": slug, "providers": signing_in.of_organisation(slug) if slug else []}
    return render(request, "account/organisation.html", context)


@require_POST
@page
def through(request: HttpRequest, tenant: UUID, pk: UUID) -> HttpResponseBase:
    """Off to the service, to come back signed in."""
    row = _row(tenant, pk)
    return _leave(request, row, AuthProcess.LOGIN, row.tenant.get_absolute_url())


@require_safe
@page
def through_callback(request: HttpRequest, tenant: UUID, pk: UUID) -> HttpResponseBase:
    """Back from the service."""
    row = _row(tenant, pk)
    provider = get_adapter().get_provider(request, signing_in.key_of(row))
    view = OAuth2CallbackView.adapter_view(provider.get_oauth2_adapter(request))
    try:
        return cast("HttpResponseBase", view(request))
    except (ValueError, KeyError, TypeError):  # a server that tells something else than people
        signing_in.note_failure(signing_in.key_of(row), {"error": "malformed"})
        return refused(request, row, FAILED.format(row.tenant))


@own_page
@require_safe
def connected(request: HttpRequest) -> HttpResponse:
    """What is connected to one's account, and what could be."""
    user = cast("User", request.user)
    mine = signing_in.identities(user)
    have = {str(one["identity"].provider) for one in mine}
    others = [row for row in signing_in.open_to(user) if signing_in.key_of(row) not in have]
    context = {"connected": mine, "others": others}
    return render_page(request, "account/connected.html", context)


@require_POST
@own_page
def connect(request: HttpRequest, tenant: UUID, pk: UUID) -> HttpResponseBase:
    """Off to the service, to come back with it connected to the account that is signed in."""
    raise_if_reauthentication_required(request, app="allauth.socialaccount")
    row = _row(tenant, pk)
    if row not in signing_in.open_to(cast("User", request.user)):
        raise Http404("No such sign-in.")
    return _leave(request, row, AuthProcess.CONNECT, None)


@require_POST
@own_page
def disconnect(request: HttpRequest, pk: int) -> HttpResponse:
    """Take one off, unless nothing else would open the account."""
    user = cast("User", request.user)
    identity = SocialAccount.objects.filter(user=user, pk=pk).first()
    if identity is None:
        raise Http404("No such connection.")
    keys = Authenticator.objects.filter(user=user, type=Authenticator.Type.WEBAUTHN)
    if not (user.has_usable_password() or keys.exists()):
        messages.error(request, "Set a password first: nothing else would open your account.")
    else:
        identity.delete()
        devices.end_sessions(user, but=request.session.session_key or "")
        messages.success(request, "It is disconnected, and your other devices are signed out.")
    return redirect("account:connected")


def _row(tenant: UUID, pk: UUID) -> SignInProvider:
    row = signing_in.by_ids(tenant, pk)
    if row is None:
        raise Http404("No such sign-in.")
    return row


def _leave(
    request: HttpRequest, row: SignInProvider, process: str, there: str | None
) -> HttpResponseBase:
    provider = get_adapter().get_provider(request, signing_in.key_of(row))
    try:
        there = provider.redirect(request, process, next_url=there)["Location"]
    except OAuth2Error as problem:
        signing_in.note_failure(signing_in.key_of(row), {"exception": problem})
    except ImmediateHttpResponse as answer:
        return cast("HttpResponseBase", answer.response)
    else:
        return _on_to(request, row, str(there))
    return refused(request, row, FAILED.format(row.tenant))


def _on_to(request: HttpRequest, row: SignInProvider, address: str) -> HttpResponse:
    """A page that goes there by itself: the policy's `form-action` binds where a form's answer may
    redirect to, and a server of OpenID Connect may be anywhere."""
    response = render(request, "account/leaving.html", {"provider": row, "address": address})
    response.headers["Refresh"] = f"0; url={address}"
    return response
