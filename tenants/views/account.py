"""A person's profile and theme, and the choice between organisations."""

from __future__ import annotations

from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, resolve_url
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tenants import attempts, reach, services
from tenants.access import memberships
from tenants.account_forms import ProfileForm
from tenants.attempts import TooManyAttempts
from tenants.context import THEME_COOKIE, THEMES
from tenants.models import User
from tenants.pages import form_status, render_page, submitted
from tenants.views.account_pages import own_page, too_many

YEAR = 365 * 24 * 3600


def _next(request: HttpRequest) -> str:
    """Where the person was going, as far as that is on this site; else home."""
    there = request.POST.get("next", request.GET.get("next", ""))
    is_ours = url_has_allowed_host_and_scheme(
        there, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    # What is no address may be the name of a view to `redirect`, or of none.
    return there if is_ours and there.startswith("/") else resolve_url("root")


def locked_out(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
    """What django-axes answers after too many failures, whether the person exists or not."""
    return too_many(request, TooManyAttempts(attempts.locked_until(request)))


@own_page
@require_http_methods(["GET", "HEAD", "POST"])
def profile(request: HttpRequest) -> HttpResponse:
    """Who one is for the others, and the way to everything else about the account."""
    user = cast("User", request.user)
    form = ProfileForm(**submitted(request), instance=user)
    if form.is_valid():
        services.update_profile(user, **form.cleaned_data)
        messages.success(request, "Your profile was saved.")
        return redirect("account:profile")
    if form.is_bound:
        user.refresh_from_db()  # the frame shows the name that is saved
    context = {"form": form}
    return render_page(request, "account/profile.html", context, status=form_status(form))


@require_safe
def out_of_reach(request: HttpRequest) -> HttpResponse:
    """What a session that an organisation's own sign-in has opened does not open."""
    within = reach.limit(request)
    if not request.user.is_authenticated or within is None:
        return redirect("root")
    context = {"membership": memberships(request.user, within=within).first()}
    return render_page(request, "account/out_of_reach.html", context, status=403)


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
        "memberships": memberships(request.user, within=reach.limit(request)),
        "current": request.GET.get("current", ""),
    }
    return render_page(request, "account/tenant_list.html", context, partial="choices")
