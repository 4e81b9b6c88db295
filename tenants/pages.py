"""The page kit: a view gets proof instead of ids, and says only what is its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, Concatenate, TypeVar, cast
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.forms import BaseForm
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseRedirect,
)
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_http_methods

from tenants import reach, viewing
from tenants.access import Access, present_slug
from tenants.factors import OutOfReach, SecondFactorMissing
from tenants.merging import chosen
from tenants.models import TenantOwned, User
from tenants.paging import Page, paginate
from tenants.platform import Platform
from tenants.usage import InUse
from tenants.versions import VersionMoved

__all__ = [
    "Page",
    "PageRule",
    "form_status",
    "object_page",
    "paginate",
    "platform_page",
    "render_page",
    "submitted",
    "tenant_page",
]

M = TypeVar("M", bound=TenantOwned)
View = Callable[..., HttpResponseBase]

SAFE = ("GET", "HEAD", "OPTIONS")


@dataclass(frozen=True, slots=True)
class PageRule:
    """What a page demands; the sweep over all URLs reads it from the view."""

    methods: tuple[str, ...]
    needs: str = ""
    model: type[TenantOwned] | None = None
    action: str = ""
    works_archived: bool = False


def tenant_page(
    *methods: str, needs: str = "", works_archived: bool = False
) -> Callable[[Callable[Concatenate[HttpRequest, Access, ...], HttpResponseBase]], View]:
    """A page of a tenant: `view(request, access, **kwargs)`.

    404 for who is no member; with `needs`, 403 for members without that capability. In an
    archived tenant what would change something is a 403, unless it `works_archived`.
    """

    rule = PageRule(methods, needs, works_archived=works_archived)

    def decorate(view: Callable[Concatenate[HttpRequest, Access, ...], HttpResponseBase]) -> View:
        @wraps(view)
        def page(request: HttpRequest, tenant: str, *args: Any, **kwargs: Any) -> HttpResponseBase:
            access = _entering(request, tenant, rule)
            if not isinstance(access, Access):
                return access
            if needs:
                access.require(needs)
            with timezone.override(_zone(request, access)):
                try:
                    return view(request, access, *args, **kwargs)
                except VersionMoved:
                    # Saved by somebody else since this request read it: once more, as if later.
                    access = access.renewed()
                    if needs:
                        access.require(needs)
                    return view(request, access, *args, **kwargs)

        return _guarded(page, rule)

    return decorate


def object_page(
    model: type[M], action: str, *methods: str, needs: str = ""
) -> Callable[[Callable[Concatenate[HttpRequest, Access, M, ...], HttpResponseBase]], View]:
    """A page of one object: `view(request, access, row, **kwargs)`, `pk` from the URL.

    404 for what may not be seen, 403 for what may be seen but not touched in this way; with
    `needs`, also for members without that capability.
    """

    rule = PageRule(methods, needs, model, action)

    def decorate(
        view: Callable[Concatenate[HttpRequest, Access, M, ...], HttpResponseBase],
    ) -> View:
        @wraps(view)
        def page(request: HttpRequest, tenant: str, **kwargs: Any) -> HttpResponseBase:
            access = _entering(request, tenant, rule)
            if not isinstance(access, Access):
                return access
            pk = kwargs.pop("pk")
            row = access.get(model, pk, action)
            if needs:
                access.require(needs)
            try:
                with timezone.override(_zone(request, access)):
                    try:
                        return view(request, access, row, **kwargs)
                    except VersionMoved:
                        # Saved by somebody else since this request read it: once more, as if later.
                        return view(request, access, access.get(model, pk, action), **kwargs)
            except InUse as refusal:
                messages.error(request, _told(refusal))
                return redirect(refusal.obj)

        return _guarded(page, rule)

    return decorate


def platform_page(
    *methods: str,
) -> Callable[[Callable[Concatenate[HttpRequest, Platform, ...], HttpResponseBase]], View]:
    """A page of no tenant, for whoever looks after all: `view(request, platform, **kwargs)`.

    404 for everybody else.
    """

    def decorate(
        view: Callable[Concatenate[HttpRequest, Platform, ...], HttpResponseBase],
    ) -> View:
        @wraps(view)
        def page(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return _to_sign_in(request)
            return view(request, Platform.of(request.user), *args, **kwargs)

        return require_http_methods(_known(methods))(page)

    return decorate


def _entering(request: HttpRequest, slug: str, rule: PageRule) -> Access | HttpResponseBase:
    """What the person may do there, or the way: to sign in, or to where the tenant is now."""
    if not request.user.is_authenticated:
        return _to_sign_in(request)
    try:
        access = Access.of(request.user, slug, within=reach.limit(request))
    except SecondFactorMissing:
        return _instead(request, redirect("mfa_index"))
    except OutOfReach:
        return _instead(request, redirect("account:out-of-reach"))
    except Http404:
        present = present_slug(request.user, slug)
        if present is None:
            raise
        return _led_on(request, slug, present)
    access = viewing.seen(request, access)
    # Nor is there a form for what an archived tenant would refuse.
    is_form = access.is_read_only and "POST" in rule.methods
    if (request.method not in SAFE or is_form) and not rule.works_archived:
        access.require_writable()
    return access


def _zone(request: HttpRequest, access: Access) -> ZoneInfo:
    """In which times are told: that of who looks, also as somebody else; else the tenant's."""
    return cast("User", request.user).zone or access.tenant.zone


def _led_on(request: HttpRequest, former: str, present: str) -> HttpResponseBase:
    """The same page at the tenant's present address, by the same method."""
    there = request.get_full_path().removeprefix(reverse("home", args=[former]))
    return redirect(f"{reverse('home', args=[present])}{there}", preserve_request=True)


def _told(refusal: InUse) -> str:
    return f"“{refusal.obj}” stays: it is used by {refusal.told_users()}, {refusal.why}."


def _guarded(page: View, rule: PageRule) -> View:
    guarded: View = require_http_methods(_known(rule.methods))(page)
    guarded.rule = rule  # type: ignore[attr-defined]
    return guarded


def _known(methods: tuple[str, ...]) -> list[str]:
    return sorted({"GET", "HEAD", *methods} if "GET" in methods else set(methods))


def _to_sign_in(request: HttpRequest) -> HttpResponseBase:
    there = redirect_to_login(request.get_full_path() if request.method != "POST" else "/")
    return _instead(request, there)


def _instead(request: HttpRequest, there: HttpResponseRedirect) -> HttpResponse:
    """Lead to another page, the whole of it."""
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
    if getattr(context.get("form"), "merge", None):
        name = "merge.html"
    told = {**context, "is_piece": "#" in name}
    response = render(request, name, told, status=status)
    patch_vary_headers(response, ["HX-Request"])
    return response


def submitted(request: HttpRequest) -> dict[str, Any]:
    """What a form takes from this request: its data on POST, nothing on GET."""
    if request.method != "POST":
        return {}
    return {"data": chosen(request.POST), "files": request.FILES}


def form_status(form: BaseForm) -> int:
    """422 for a form that came back with errors, else 200."""
    return 422 if form.is_bound and not form.is_valid() else 200
