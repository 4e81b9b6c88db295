"""What every page of a person's own account has in common, ours and allauth's."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.core.serializers.json import DjangoJSONEncoder
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.template.response import TemplateResponse
from django.utils import timezone

from tenants import reach
from tenants.attempts import TooManyAttempts

View = Callable[..., HttpResponseBase]


def page(view: View) -> View:
    """A page of the way in: an invalid form answers 422, and too many attempts 429."""

    @wraps(view)
    def shown(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            response = view(request, *args, **kwargs)
        except TooManyAttempts as refusal:
            return too_many(request, refusal)
        if isinstance(response, TemplateResponse):
            _finish(request, response)
        return response

    return shown


def _finish(request: HttpRequest, response: TemplateResponse) -> None:
    """Before it is rendered: the status of a form, and what a passkey is asked with."""
    context = response.context_data or {}
    form = context.get("form")
    if request.method == "POST" and form is not None and form.is_bound and form.errors:
        response.status_code = 422
    if options := context.get("js_data"):
        asked = next(iter(options.values()))
        response.context_data = {**context, "options": json.dumps(asked, cls=DjangoJSONEncoder)}


def own_page(view: View) -> View:
    """A page about the account itself, for whoever is signed in with it."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        if reach.limit(request):
            return redirect("account:out-of-reach")
        return view(request, *args, **kwargs)

    return page(guarded)


def too_many(request: HttpRequest, refusal: TooManyAttempts) -> HttpResponse:
    """When to try again; the same whoever is meant."""
    seconds = max(1, int((refusal.until - timezone.now()).total_seconds()))
    context = {"until": refusal.until, "minutes": -(-seconds // 60)}
    response = render(request, "account/locked_out.html", context, status=429)
    response.headers["Retry-After"] = str(seconds)
    return response
