"""Saved views: a list opens with one's default, and views are saved, changed and deleted."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect

from tenants import services, viewed_lists
from tenants.access import Access
from tenants.lists import ListPage
from tenants.models import SavedView, TenantOwned
from tenants.pages import form_status, object_page, render_page, submitted, tenant_page
from tenants.saved_view_forms import NewViewForm, ViewForm

ListView = Callable[..., HttpResponse]  # of a request, an Access, and a row or none


def with_saved_views(page: ListPage) -> Callable[[ListView], ListView]:
    """A list's view, which opens with the person's default view where its address asks nothing."""
    listed = viewed_lists.declare(page)

    def decorate(view: ListView) -> ListView:
        @wraps(view)
        def opened(request: HttpRequest, access: Access, *rows: TenantOwned) -> HttpResponse:
            scope = {page.within: str(rows[0].pk)} if rows else {}
            saved = list(viewed_lists.of(access, page.name))
            default = next((one for one in saved if one.is_default), None)
            if default and not request.GET and request.method in ("GET", "HEAD"):
                return redirect(f"{request.path}{listed.query(default)}")
            # For the template, whose tag draws them.
            request.saved_views = (listed, saved, scope)  # type: ignore[attr-defined]
            return view(request, access, *rows)

        return opened

    return decorate


@tenant_page("GET", "POST")
def view_create(request: HttpRequest, access: Access, listed: str) -> HttpResponse:
    """Save the query of a list's address."""
    known = viewed_lists.find(listed)
    back = known.address(access, scope=request.GET)
    initial = {"query": request.GET.get("query", ""), "replaces": request.GET.get("replaces")}
    form = NewViewForm(**submitted(request), initial=initial, access=access, listed=listed)
    if form.is_valid() and (view := _saved(access, form, listed)):
        messages.success(request, f"The view “{view}” was saved.")
        return redirect(known.address(access, view, request.GET))
    query = form["query"].value() or ""
    shown = known.told(QueryDict(query.lstrip("?")))
    context = {"access": access, "form": form, "listed": known, "shown": shown, "back": back}
    return render_page(request, "tenants/view_form.html", context, status=form_status(form))


@object_page(SavedView, "change", "GET", "POST")
def view_edit(request: HttpRequest, access: Access, view: SavedView) -> HttpResponse:
    """Rename it, share it, or let the list open with it."""
    known = viewed_lists.find(view.listed)
    back = known.address(access, view, request.GET)
    is_default = any(v.is_default for v in viewed_lists.of(access, view.listed) if v.pk == view.pk)
    initial = {"name": view.name, "is_shared": view.is_shared, "is_default": is_default}
    form = ViewForm(**submitted(request), initial=initial, access=access, view=view)
    if form.is_valid() and _changed(access, form, view):
        messages.success(request, "The view was saved.")
        return redirect(back)
    shown = known.told(view.query)
    context = {"access": access, "form": form, "view": view, "listed": known, "shown": shown}
    context["back"] = back
    return render_page(request, "tenants/view_form.html", context, status=form_status(form))


@object_page(SavedView, "view", "POST")
def view_default(request: HttpRequest, access: Access, view: SavedView) -> HttpResponse:
    """Open the list with it for oneself, or no longer."""
    back = viewed_lists.find(view.listed).address(access, view, request.GET)
    is_default = request.POST.get("is_default") == "on"
    services.open_with(access, view, is_default=is_default)
    opens = "now opens with" if is_default else "no longer opens with"
    messages.success(request, f"The list {opens} “{view}”.")
    return redirect(back)


@object_page(SavedView, "change", "POST")
def view_delete(request: HttpRequest, access: Access, view: SavedView) -> HttpResponse:
    """Remove it."""
    back = viewed_lists.find(view.listed).address(access, scope=request.GET)
    services.delete_view(access, view)
    messages.success(request, f"The view “{view}” was deleted.")
    return redirect(back)


def _saved(access: Access, form: NewViewForm, listed: str) -> SavedView | None:
    """The view, new or changed; None where the form says what is wrong."""
    replaced, fields = form.cleaned_data.get("replaces"), form.fields_for_service()
    try:
        if replaced:
            view = services.update_view(access, replaced, query=form.asked())
        else:
            view = services.create_view(access, listed=listed, query=form.asked(), **fields)
    except ValidationError as refusal:
        form.add_error(None, refusal)
        return None
    if form.cleaned_data["is_default"]:
        services.open_with(access, view, is_default=True)
    return view


def _changed(access: Access, form: ViewForm, view: SavedView) -> bool:
    try:
        services.update_view(access, view, **form.fields_for_service())
    except ValidationError as refusal:
        form.add_error(None, refusal)
        return False
    services.open_with(access, view, is_default=form.cleaned_data["is_default"])
    return True
