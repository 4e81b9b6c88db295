"""Where a person is signed in, and the way out of it."""

from __future__ import annotations

from typing import cast

from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from tenants import devices
from tenants.models import User
from tenants.pages import render_page
from tenants.user_agents import described
from tenants.views.account_pages import own_page


@own_page
@require_safe
def device_list(request: HttpRequest) -> HttpResponse:
    """Every session that still opens the account, the present one first."""
    current = request.session.session_key
    sessions = UserSession.objects.purge_and_list(request.user)
    sessions.sort(key=lambda one: (one.session_key == current, one.last_seen_at), reverse=True)
    rows = [
        {"row": one, "name": described(one.user_agent), "is_current": one.session_key == current}
        for one in sessions
    ]
    return render_page(request, "account/device_list.html", {"devices": rows})


@require_POST
@own_page
def device_end(request: HttpRequest, pk: int) -> HttpResponse:
    """Sign one device out; one's own session goes by the way of signing out."""
    session = UserSession.objects.filter(user=request.user, pk=pk).first()
    if session is None:
        raise Http404("No such device.")
    if session.session_key != request.session.session_key:
        session.end()
        messages.success(request, "That device is signed out.")
    return redirect("account:device-list")


@require_POST
@own_page
def devices_end(request: HttpRequest) -> HttpResponse:
    """Sign every other device out."""
    user, current = cast("User", request.user), request.session.session_key or ""
    ended = devices.end_sessions(user, but=current)
    messages.success(request, f"{ended} other {'device is' if ended == 1 else 'devices are'} out.")
    return redirect("account:device-list")
