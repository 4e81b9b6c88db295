"""The activity log: who changed what, when, from what to what."""

from __future__ import annotations

from typing import TypeVar

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path

from tenants import activity, restoring
from tenants.access import Access
from tenants.activity_forms import ActivityFilters
from tenants.downloads import export_page
from tenants.lists import ListPage
from tenants.models import AuditEvent, Shareable, TenantOwned
from tenants.pages import object_page, paginate, render_page, tenant_page
from tenants.restoring import NotRestorable
from tenants.versions import VersionMoved
from tenants.views.saved_views import with_saved_views
from tenants.views.sharing import AccessTab

S = TypeVar("S", bound=Shareable)

SORTS = {"when": "created_at"}


LIST = ListPage(
    "activity",
    "tenants:event-list",
    ActivityFilters,
    lambda access: access.visible(AuditEvent),
    needs="view_audit",
)


@tenant_page("GET", needs=LIST.needs)
@with_saved_views(LIST)
def event_list(request: HttpRequest, access: Access) -> HttpResponse:
    """Everything, newest first, with search and filters."""
    filters, events = LIST.narrowed(access, request.GET)
    filters.offer_choices()
    context = {
        "access": access,
        "filters": filters,
        "page": paginate(request, events, sorts=SORTS, default="-when"),
    }
    return render_page(request, "tenants/event_list.html", context, partial="results")


COLUMNS = {
    "number": lambda event: event.number,
    "time": lambda event: event.created_at,
    "actor": lambda event: event.actor_label,
    "actor_id": lambda event: event.actor_id,
    "key_id": lambda event: event.key_id,
    "action": lambda event: event.action,
    "withheld": lambda event: not event.is_told,
    "object_type": lambda event: event.object_type if event.is_told else None,
    "object_id": lambda event: event.object_id if event.is_told else None,
    "object": lambda event: event.object_label if event.is_told else None,
    "changes": lambda event: event.changes if event.is_told else None,
    "request_id": lambda event: event.request_id,
    "address": lambda event: event.address,
    "hash": lambda event: event.hash,
}
event_export = export_page(LIST, COLUMNS)


@object_page(AuditEvent, "view", "GET")
def event_detail(request: HttpRequest, access: Access, event: AuditEvent) -> HttpResponse:
    """One event, field by field."""
    context = {
        "access": access,
        "event": event,
        "object": _object(access, event),
        "changes": activity.changes(access, event),
        "restorable": restoring.fields_of(access, event),
    }
    return render_page(request, "tenants/event_detail.html", context)


@object_page(AuditEvent, "view", "GET", "POST")
def event_restore(
    request: HttpRequest, access: Access, event: AuditEvent, field: str
) -> HttpResponse:
    """Show what putting one value back would do, and do it."""
    try:
        offered = restoring.offer(access, event, field)
        if request.method == "POST":
            address = restoring.restore(access, event, offered, request.POST.get("version", ""))
            told = f"{offered.difference.label} of {event.object_label} was put back."
            messages.success(request, told)
            return redirect(address)
    except (NotRestorable, ValidationError, VersionMoved) as refusal:
        return _restore_page(request, access, event, None, _reasons(refusal))
    return _restore_page(request, access, event, offered, [])


def activity_tab(tab: AccessTab[S]) -> URLPattern:
    """The address of the Activity tab of an object, which stands beside its Access tab."""

    @object_page(tab.model, "view", "GET", needs="view_audit")
    def object_activity(request: HttpRequest, access: Access, row: S) -> HttpResponse:
        events = activity.of_object(access, row)
        page = paginate(request, events, sorts=SORTS, default="-when")
        about = {"row": row, "frame": tab.frame, "tab": "activity", "kind": row._meta.label_lower}
        context = {"access": access, "page": page, **about, **tab.opened(access, row)}
        return render_page(request, "tenants/event_tab.html", context)

    return path("<uuid:pk>/activity/", object_activity, name=f"{tab.name}-activity")


def _object(access: Access, event: AuditEvent) -> TenantOwned | None:
    """What the event is about, where that is still there and may be seen."""
    model = activity.model_of(event)
    if model is None or not event.is_told:  # type: ignore[attr-defined]  # annotated by the rule
        return None
    return access.visible(model).filter(pk=event.object_id).first()


def _reasons(refusal: Exception) -> list[str]:
    return refusal.messages if isinstance(refusal, ValidationError) else [str(refusal)]


def _restore_page(
    request: HttpRequest,
    access: Access,
    event: AuditEvent,
    offered: restoring.Offer | None,
    reasons: list[str],
) -> HttpResponse:
    context = {"access": access, "event": event, "offer": offered, "reasons": reasons}
    status = 422 if reasons and request.method == "POST" else 200
    return render_page(request, "tenants/event_restore.html", context, status=status)
