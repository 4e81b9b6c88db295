"""The way in and out, the theme, and the choice between organisations."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import login, logout
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render, resolve_url
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from tenants.access import memberships
from tenants.account_forms import SignInForm
from tenants.context import THEME_COOKIE, THEMES
from tenants.pages import form_status, render_page

YEAR = 365 * 24 * 3600


def _next(request: HttpRequest) -> str:
    """Where the person was going, as far as that is on this site; else home."""
    there = request.POST.get("next", request.GET.get("next", ""))
    is_ours = url_has_allowed_host_and_scheme(
        there, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return there if is_ours else resolve_url("root")


@sensitive_post_parameters("password")
@never_cache
def sign_in(request: HttpRequest) -> HttpResponseBase:
    """E-mail and password; five wrong ones lock the pair of address and machine out for a while."""
    if request.user.is_authenticated:
        return redirect(_next(request))
    form = SignInForm(request, data=request.POST if request.method == "POST" else None)
    if form.is_valid():
        login(request, form.get_user())
        return redirect(_next(request))
    context = {"form": form, "next": _next(request)}
    return render(request, "account/sign_in.html", context, status=form_status(form))


def locked_out(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
    """What django-axes answers after too many failures, whether the person exists or not."""
    return render(request, "account/locked_out.html", status=429)


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session."""
    logout(request)
    return redirect("account:sign-in")


@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """Keep the choice in a cookie, so that the server renders the right page at once."""
    response = redirect(_next(request))
    chosen = request.POST.get("theme")
    if chosen in THEMES:
        response.set_cookie(
            THEME_COOKIE,
            chosen,
            max_age=YEAR,
            samesite="Lax",
            secure=request.is_secure(),
            httponly=True,
        )
    return response


@require_safe
def tenant_list(request: HttpRequest) -> HttpResponse:
    """The organisations that this person belongs to; the switcher takes the list alone."""
    if not request.user.is_authenticated:
        return redirect_to_login(request.get_full_path())
    context = {
        "memberships": memberships(request.user),
        "current": request.GET.get("current", ""),
    }
    return render_page(request, "account/tenant_list.html", context, partial="choices")
