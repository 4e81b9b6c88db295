"""Taking an invitation: outside of any organisation, since who comes belongs to none yet."""

from __future__ import annotations

from typing import cast
from urllib.parse import urlencode

from allauth.account.internal.flows.login import perform_login
from allauth.account.models import Login
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from tenants import inviting, reach, services
from tenants.access import memberships
from tenants.invitation_forms import NewAccountForm
from tenants.inviting import InvitationGone
from tenants.models import Invitation
from tenants.pages import form_status

NOW_SIGN_IN = (
    "Sign in to go on. If you had no account until now, its password is the one that you chose."
)


@never_cache
@require_safe
def invitation(request: HttpRequest) -> HttpResponse:
    """What is offered, and the two ways to take it. Looks the same whoever has an account."""
    token = request.GET.get("token", "")
    try:
        offer = inviting.opened_by(token)
    except InvitationGone:
        return _taken(request, token)
    return _offer(request, token, offer, NewAccountForm(invitation=offer))


@never_cache
@require_POST
def invitation_join(request: HttpRequest) -> HttpResponse:
    """Take it with the account that is signed in."""
    token = request.POST.get("token", "")
    if not request.user.is_authenticated:
        return redirect(_sign_in_address(token))
    if reach.limit(request):
        return redirect("account:out-of-reach")
    try:
        member = services.accept_invitation(request.user, token)
    except InvitationGone:
        return _gone(request)
    messages.success(request, f"You belong to {member.tenant} now, as {member.role}.")
    return redirect(member.tenant)


@sensitive_post_parameters("password")
@never_cache
@require_POST
def invitation_new_account(request: HttpRequest) -> HttpResponse:
    """Take it with a new account."""
    token = request.POST.get("token", "")
    if request.user.is_authenticated:
        return redirect(_address(token))
    try:
        offer = inviting.opened_by(token)
        form = NewAccountForm(request.POST, invitation=offer)
        if not form.is_valid():
            return _offer(request, token, offer, form)
        person = services.begin_account(token, **form.cleaned_data)
    except InvitationGone:
        return _gone(request)
    if person is None:
        messages.info(request, NOW_SIGN_IN)
        return redirect(_sign_in_address(token))
    messages.success(request, f"Welcome to {offer.tenant}, {person}.")
    there = offer.tenant.get_absolute_url()
    return cast("HttpResponse", perform_login(request, Login(user=person, redirect_url=there)))


def _offer(
    request: HttpRequest, token: str, offer: Invitation, form: NewAccountForm
) -> HttpResponse:
    user, is_theirs = request.user, True
    if user.is_authenticated:
        is_theirs = offer.email in ("", user.email)
        if memberships(user).filter(tenant=offer.tenant).exists():
            return redirect(offer.tenant)
    context = {
        "offer": offer,
        "token": token,
        "form": form,
        "is_theirs": is_theirs,
        "sign_in": _sign_in_address(token),
    }
    return render(request, "account/invitation.html", context, status=form_status(form))


def _taken(request: HttpRequest, token: str) -> HttpResponse:
    """Into the organisation for who came with this token; to everybody else it is gone."""
    if not request.user.is_authenticated:
        return _gone(request)
    try:
        return redirect(inviting.taken(request.user, token).tenant)
    except InvitationGone:
        return _gone(request)


def _gone(request: HttpRequest) -> HttpResponse:
    """The same for a token that was used, withdrawn, is too old, or never was one."""
    return render(request, "account/invitation_gone.html", status=404)


def _address(token: str) -> str:
    return f"{reverse('account:invitation')}?{urlencode({'token': token})}"


def _sign_in_address(token: str) -> str:
    return f"{reverse('account_login')}?{urlencode({'next': _address(token)})}"
