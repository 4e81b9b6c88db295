"""Settings: who belongs to the organisation, and as what."""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from tenants import bulk, factors, granting, services, viewing
from tenants.access import Access
from tenants.bulk import Act, Listed, NotDone
from tenants.downloads import export_page
from tenants.granting import LastOwner
from tenants.lists import ListPage
from tenants.member_forms import MemberFilters, MemberForm, TransferForm
from tenants.models import Membership
from tenants.pages import form_status, object_page, paginate, render_page, submitted, tenant_page
from tenants.views.saved_views import with_saved_views

SORTS = {
    "name": "user__name",
    "email": "user__email",
    "role": "role__label",
    "joined": "created_at",
}


LIST = ListPage(
    "members",
    "tenants:member-list",
    MemberFilters,
    lambda access: access.visible(Membership).select_related("user", "role"),
    needs="manage_members",
    columns=lambda access, members: members.annotate(has_factor=factors.of("user_id")),
)


@tenant_page("GET", needs=LIST.needs)
@with_saved_views(LIST)
def member_list(request: HttpRequest, access: Access) -> HttpResponse:
    """Everybody, with search and filters."""
    filters, members = LIST.shown(access, request.GET)
    context = {
        "access": access,
        "filters": filters,
        "page": paginate(request, members, sorts=SORTS, default="name"),
        "reachable": granting.reachable(access),
    }
    return render_page(request, "tenants/member_list.html", context, partial="results")


COLUMNS = {
    "id": attrgetter("pk"),
    "name": attrgetter("user.name"),
    "email": attrgetter("user.email"),
    "role": attrgetter("role.label"),
    "status": attrgetter("status"),
    "joined_at": attrgetter("created_at"),
}
member_export = export_page(LIST, COLUMNS)


def _suspend(access: Access, member: Membership) -> None:
    if member.is_suspended:
        raise NotDone("they are suspended already")
    services.suspend_member(access, member)


bulk.declare(
    Listed(
        page=LIST,
        model=Membership,
        noun="member",
        nouns="members",
        acts=(
            Act(
                "suspend",
                "Suspend",
                "stop",
                "They are shut out at once, with their API keys and waiting jobs. Everything of "
                "theirs is kept, and they can be let in again.",
                "suspended",
                right="change",
                do=_suspend,
            ),
        ),
    )
)


@object_page(Membership, "change", "GET", "POST")
def member_edit(request: HttpRequest, access: Access, member: Membership) -> HttpResponse:
    """One member: the role, and what else can be decided about them."""
    may_decide = granting.grantable(access).filter(pk=member.role_id).exists()
    form = MemberForm(**submitted(request), instance=member, access=access)
    if form.is_valid():
        services.change_role(access, member, **form.cleaned_data)
        messages.success(request, f"{member.user} is now {member.role}.")
        return redirect("tenants:member-list", access.tenant.slug)
    if form.is_bound:
        member.refresh_from_db()  # the form has put the refused role into it
    context = {"access": access, "form": form, "member": member, "may_decide": may_decide}
    return render_page(request, "tenants/member_form.html", context, status=form_status(form))


@object_page(Membership, "change", "POST")
def member_suspend(request: HttpRequest, access: Access, member: Membership) -> HttpResponse:
    """Shut a member out for now."""
    return _act(request, access, member, services.suspend_member, "is suspended.")


@object_page(Membership, "change", "POST")
def member_unsuspend(request: HttpRequest, access: Access, member: Membership) -> HttpResponse:
    """Let a suspended member in again."""
    return _act(request, access, member, services.unsuspend_member, "may come in again.")


@object_page(Membership, "change", "POST")
def member_remove(request: HttpRequest, access: Access, member: Membership) -> HttpResponse:
    """End a membership."""
    return _act(request, access, member, services.remove_member, "was removed.")


@object_page(Membership, "change", "POST", needs="manage_tenant")
def member_view_as(request: HttpRequest, access: Access, member: Membership) -> HttpResponse:
    """Look at the portal as this member would see it, without changing anything."""
    viewing.start(request, access, member)
    return redirect("home", access.tenant.slug)


@tenant_page("POST", works_archived=True)
def viewing_stop(request: HttpRequest, access: Access) -> HttpResponse:
    """Look as oneself again."""
    viewing.stop(request)
    return redirect("home", access.tenant.slug)


@tenant_page("GET", "POST", needs="manage_tenant")
def ownership_transfer(request: HttpRequest, access: Access) -> HttpResponse:
    """Hand the ownership to another member, and become admin."""
    form = TransferForm(**submitted(request), initial=request.GET.dict(), access=access)
    if form.is_valid():
        heir = services.transfer_ownership(access, form.cleaned_data["member"])
        messages.success(request, f"{heir.user} is owner now, and you are admin.")
        return redirect("tenants:settings", access.tenant.slug)
    context = {"access": access, "form": form}
    template = "tenants/ownership_transfer.html"
    return render_page(request, template, context, status=form_status(form))


def _act(
    request: HttpRequest,
    access: Access,
    member: Membership,
    act: Callable[[Access, Membership], Any],
    told: str,
) -> HttpResponse:
    who = str(member.user)
    try:
        act(access, member)
    except LastOwner as refusal:
        messages.error(request, str(refusal))
        return redirect(member)
    messages.success(request, f"{who} {told}")
    if member.user_id == access.user.pk:
        return redirect("root")  # whoever left has nothing to see here any more
    return redirect("tenants:member-list", access.tenant.slug)
