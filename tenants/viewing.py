"""An owner looks at the portal as another member would see it: for an hour at most, and read-only.

The session keeps as whom. It ends with the session, with the owner's ownership, and with the other
person's membership.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib.auth.signals import user_logged_out
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.dispatch import receiver
from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils import timezone

from tenants import audit
from tenants.access import VIEWING, Access
from tenants.models import Membership, Tenant

KEY = "viewing"
AT_MOST = timedelta(hours=1)
SAFE = ("GET", "HEAD", "OPTIONS")
ELSEWHERE = "You are viewing another organisation as somebody else. Stop viewing first."

STOPPED = "stopped"
SIGNED_OUT = "signed out"
OVER = "the hour was over"
NO_MORE = "the right to it ended"


def start(request: HttpRequest, access: Access, member: Membership) -> None:
    """Look at this tenant as the member. Raises as `Access.seen_as`."""
    access.seen_as(member.user_id)
    until = timezone.now() + AT_MOST
    with transaction.atomic():
        audit.record(access, "member.view_started", member, {"until": [None, until]})
    request.session[KEY] = {
        "tenant": str(access.tenant.pk),
        "slug": access.tenant.slug,
        "member": str(member.pk),
        "user": str(member.user_id),
        "name": str(member.user),
        "until": until.isoformat(),
    }


def stop(request: HttpRequest, because: str = STOPPED) -> None:
    """Look as oneself again. Safe to repeat."""
    seen = request.session.pop(KEY, None)
    request.viewing = None  # type: ignore[attr-defined]
    if seen is None:
        return
    tenant = Tenant.objects.get(pk=seen["tenant"])
    changes = {"as": [seen["name"], None], "because": [None, because]}
    with transaction.atomic():
        try:
            access = Access.for_member(request.user.pk, tenant.pk)
        except Http404:
            audit.record_system(tenant, "member.view_stopped", None, changes)
        else:
            audit.record(access, "member.view_stopped", None, changes)


def current(request: HttpRequest) -> dict[str, Any] | None:
    """As whom this session looks, and where; None once the hour is over."""
    seen: dict[str, Any] | None = request.session.get(KEY)
    if seen and datetime.fromisoformat(seen["until"]) <= timezone.now():
        stop(request, OVER)
        return None
    return seen


def require_unchanging(request: HttpRequest) -> None:
    """Raise PermissionDenied for a change while viewing; only the ways out are open."""
    seen = getattr(request, "viewing", None)
    if seen is None or request.method in SAFE:
        return
    ways_out = (reverse("tenants:viewing-stop", args=[seen["slug"]]), reverse("account_logout"))
    if request.path not in ways_out:
        raise PermissionDenied(VIEWING)


def seen(request: HttpRequest, access: Access) -> Access:
    """What is to be shown to somebody who is in the tenant with this access.

    Raises PermissionDenied in another tenant than the one that is viewed.
    """
    viewing = getattr(request, "viewing", None)
    if viewing is None:
        return access
    if viewing["tenant"] != str(access.tenant.pk):
        raise PermissionDenied(ELSEWHERE)
    try:
        return access.seen_as(UUID(viewing["user"]))
    except (Http404, PermissionDenied):
        stop(request, NO_MORE)
        return access


@receiver(user_logged_out)
def _signed_out(request: HttpRequest, **_: Any) -> None:
    stop(request, SIGNED_OUT)
