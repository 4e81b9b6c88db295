"""The page kit: a view gets proof instead of ids, and says only what is its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, Concatenate, TypeVar

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed
from django.shortcuts import redirect, render
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_http_methods

from tenants.access import Access
from tenants.models import TenantOwned
from tenants.paging import Page, paginate
from tenants.usage import InUse

__all__ = [
    "Page",
    "PageRule",
    "form_status",
    "object_page",
    "paginate",
    "render_page",
    "submitted",
    "tenant_page",
]

M = TypeVar("M", bound=TenantOwned)
View = Callable[..., HttpResponseBase]


@dataclass(frozen=True, slots=True)
class PageRule:
    """What a page demands; the sweep over all URLs reads it from the view."""

    methods: tuple[str, ...]
    needs: str = ""
    model: type[TenantOwned] | None = None
    action: str = ""


def tenant_page(
    *methods: str, needs: str = ""
) -> Callable[[Callable[Concatenate[HttpRequest, Access, ...], HttpResponseBase]], View]:
    """A page of a tenant: `view(request, access, **kwargs)`.

    404 for who is no member; with `needs`, 403 for members without that capability.
    """

    def decorate(view: Callable[Concatenate[HttpRequest, Access, ...], HttpResponseBase]) -> View:
        @wraps(view)
        def page(request: HttpRequest, tenant: str, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return _to_sign_in(request)
            access = Access.of(request.user, tenant)
            if needs:
                access.require(needs)
            return view(request, access, *args, **kwargs)

        return _guarded(page, PageRule(methods, needs))

    return decorate


def object_page(
    model: type[M], action: str, *methods: str
) -> Callable[[Callable[Concatenate[HttpRequest, Access, M, ...], HttpResponseBase]], View]:
    """A page of one object: `view(request, access, row, **kwargs)`, `pk` from the URL.

    404 for what may not be seen, 403 for what may be seen but not touched in this way.
    """

    def decorate(
        view: Callable[Concatenate[HttpRequest, Access, M, ...], HttpResponseBase],
    ) -> View:
        @wraps(view)
        def page(request: HttpRequest, tenant: str, **kwargs: Any) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return _to_sign_in(request)
            access = Access.of(request.user, tenant)
            row = access.get(model, kwargs.pop("pk"), action)
            try:
                return view(request, access, row, **kwargs)
            except InUse as refusal:
                messages.error(request, _told(refusal))
                return redirect(refusal.obj)

        return _guarded(page, PageRule(methods, "", model, action))

    return decorate


def _told(refusal: InUse) -> str:
    users = [f"“{user}”" for user in refusal.users]
    if refusal.hidden:
        users.append(f"{refusal.hidden} that you may not see")
    return f"“{refusal.obj}” stays: it is used by {', '.join(users)}, {refusal.why}."


def _guarded(page: View, rule: PageRule) -> View:
    known = {"GET", "HEAD", *rule.methods} if "GET" in rule.methods else set(rule.methods)
    guarded: View = require_http_methods(sorted(known))(page)
    guarded.rule = rule  # type: ignore[attr-defined]
    return guarded


def _to_sign_in(request: HttpRequest) -> HttpResponseBase:
    if request.method not in ("GET", "HEAD", "POST"):
        return HttpResponseNotAllowed(["GET", "HEAD", "POST"])
    there = redirect_to_login(request.get_full_path() if request.method != "POST" else "/")
    if request.headers.get("HX-Request") == "true":
        # htmx follows a redirect inside the page; this one must replace it.
        return HttpResponse(status=401, headers={"HX-Redirect": there["Location"]})
    return there


def render_page(
    request: HttpRequest,
    template: str,
    context: dict[str, Any],
    *,
    partial: str | None = None,
    status: int = 200,
) -> HttpResponse:
    """The page, or its named piece when htmx asks for a piece.

    Boosted and history-restore requests get the whole page.
    """
    headers = request.headers
    wants_piece = (
        headers.get("HX-Request") == "true"
        and headers.get("HX-Boosted") != "true"
        and headers.get("HX-History-Restore-Request") != "true"
    )
    name = f"{template}#{partial}" if partial and wants_piece else template
    response = render(request, name, context, status=status)
    patch_vary_headers(response, ["HX-Request"])
    return response


def submitted(request: HttpRequest) -> dict[str, Any]:
    """What a form takes from this request: its data on POST, nothing on GET."""
    return {"data": request.POST, "files": request.FILES} if request.method == "POST" else {}


def form_status(form: BaseForm) -> int:
    """422 for a form that came back with errors, else 200."""
    return 422 if form.is_bound and not form.is_valid() else 200
