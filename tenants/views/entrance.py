"""Pages of django-allauth to which something is added: counting, what a page tells besides."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, cast
from urllib.parse import quote

from allauth.account import views as allauth_account
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base import views as allauth_mfa
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes import views as recovery_codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as webauthn
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.views.decorators.http import require_POST

from tenants import attempts, factors
from tenants.models import User
from tenants.views.account_pages import own_page, page


@require_POST
def sign_out(request: HttpRequest) -> HttpResponseBase:
    """End the session; a link can't."""
    return cast("HttpResponseBase", allauth_account.logout(request))


@page
def passkey(request: HttpRequest) -> HttpResponseBase:
    """What the browser's dialog for passkeys asks for, and what it brings back."""
    if request.method == "POST":
        attempts.take("passkey from", attempts.machine_of(request))
    return cast("HttpResponseBase", webauthn.login_webauthn(request))


@page
def password_reset(request: HttpRequest) -> HttpResponseBase:
    """Ask for a link to choose a new password. The answer tells nothing about the address."""
    if request.method == "POST":
        attempts.take("reset of", request.POST.get("email", "").strip().lower())
        attempts.take("reset from", attempts.machine_of(request))
    return cast("HttpResponseBase", allauth_account.password_reset(request))


@own_page
def password_change(request: HttpRequest) -> HttpResponseBase:
    """Another password, for whoever knows the present one."""
    user = cast("User", request.user)
    if request.method == "POST":
        attempts.take("password of", user.email)
    response = cast("HttpResponseBase", allauth_account.password_change(request))
    if isinstance(response, HttpResponseRedirect):
        attempts.forget("password of", user.email)
    return response


@own_page
def email(request: HttpRequest) -> HttpResponseBase:
    """The address to sign in with, and another one in its place."""
    if request.method == "POST":
        attempts.take("mail of", cast("User", request.user).pk)
    return cast("HttpResponseBase", allauth_account.email(request))


@own_page
def second_factor(request: HttpRequest) -> HttpResponseBase:
    """What protects the account besides the password, and who requires that."""
    user = cast("User", request.user)
    response = cast("TemplateResponse", allauth_mfa.index(request))
    asked = {"required_by": factors.requiring(user), "has_factor": factors.has_factor(user)}
    response.context_data = {**(response.context_data or {}), **asked}
    return response


@own_page
def recovery_code_list(request: HttpRequest) -> HttpResponseBase:
    """The codes, once; as a file, too, which needs no second request for them."""
    response = cast("TemplateResponse", recovery_codes.view_recovery_codes(request))
    context = response.context_data or {}
    lines = "".join(f"{code}\r\n" for code in context["unused_codes"])
    response.context_data = {**context, "download": f"data:text/plain,{quote(lines)}"}
    return response


def _one_by_one(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Removals of a person's factors wait for one another, or two could both leave the other's."""

    @wraps(view)
    def alone(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        with transaction.atomic():
            factors.locked(cast("User", request.user))
            return view(request, *args, **kwargs)

    return alone


@own_page
@_one_by_one
def app_remove(request: HttpRequest) -> HttpResponseBase:
    """Remove the authenticator app; allauth's form asks whether that may be."""
    return cast("HttpResponseBase", totp.deactivate_totp(request))


@own_page
@_one_by_one
def passkey_remove(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Remove a passkey, unless it is the last factor where one is required."""
    mine = Authenticator.objects.filter(user=request.user, type=Authenticator.Type.WEBAUTHN)
    key = mine.filter(pk=pk).first()
    if key is not None and not get_adapter().can_delete_authenticator(key):
        refusal = get_adapter().validation_error("cannot_delete_authenticator")
        messages.error(request, refusal.messages[0])
        return redirect("mfa_index")
    return cast("HttpResponseBase", webauthn.remove_webauthn(request, pk=pk))
