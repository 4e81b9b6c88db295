"""Settings: who is invited and has not come yet."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from tenants import bulk, granting, inviting, links, services
from tenants.access import Access
from tenants.bulk import Act, Listed
from tenants.forms import Filters
from tenants.invitation_forms import InvitationForm
from tenants.lists import ListPage
from tenants.models import Invitation, Role
from tenants.pages import form_status, object_page, paginate, render_page, submitted, tenant_page

SORTS = {"created": "created_at", "email": "email", "expires": "expires_at"}
NOT_SENT = "The mail server did not take the message. The invitation is kept: send it once more."


LIST = ListPage(
    "invitations",
    "tenants:invitation-list",
    Filters,
    lambda access: access.visible(Invitation).select_related("role", "invited_by"),
    needs="manage_members",
)


@tenant_page("GET", needs=LIST.needs)
def invitation_list(request: HttpRequest, access: Access) -> HttpResponse:
    """Open and expired invitations."""
    context = {
        "access": access,
        "page": paginate(request, LIST.rows(access), sorts=SORTS),
        "reachable": granting.reachable(access),
    }
    return render_page(request, "tenants/invitation_list.html", context)


bulk.declare(
    Listed(
        page=LIST,
        model=Invitation,
        noun="invitation",
        nouns="invitations",
        acts=(
            Act(
                "withdraw",
                "Withdraw",
                "trash",
                "Their links open nothing any more. You can invite the same people again.",
                "withdrawn",
                right="change",
                do=services.revoke_invitation,
            ),
        ),
    )
)


@tenant_page("GET", "POST", needs="manage_members")
def invitation_create(request: HttpRequest, access: Access) -> HttpResponse:
    """Invite somebody, by mail or with a link to pass on."""
    form = InvitationForm(**submitted(request), access=access)
    if form.is_valid():
        try:
            return _invite(request, access, **form.cleaned_data)
        except ValidationError as refusal:
            form.add_error(None, refusal)
    context = {"access": access, "form": form}
    return render_page(request, "tenants/invitation_form.html", context, status=form_status(form))


@object_page(Invitation, "change", "POST")
def invitation_resend(request: HttpRequest, access: Access, invitation: Invitation) -> HttpResponse:
    """A new link in place of the old one, open for a week."""
    try:
        renewed, link = services.resend_invitation(
            access, invitation, days=inviting.USUAL_LIFETIME, base_url=links.base_url(request)
        )
    except ValidationError as refusal:
        messages.error(request, refusal.messages[0])
        return redirect(invitation)
    return _told(request, access, renewed, link)


@object_page(Invitation, "change", "POST")
def invitation_revoke(request: HttpRequest, access: Access, invitation: Invitation) -> HttpResponse:
    """Withdraw it."""
    services.revoke_invitation(access, invitation)
    messages.success(request, "The invitation was withdrawn. Its link opens nothing any more.")
    return redirect("tenants:invitation-list", access.tenant.slug)


def _invite(
    request: HttpRequest, access: Access, *, delivery: str, email: str, role: Role, days: int
) -> HttpResponse:
    base_url = links.base_url(request)
    if delivery == Invitation.Delivery.LINK:
        made, link = services.invite_by_link(access, role=role, days=days, base_url=base_url)
        return _told(request, access, made, link)
    made = services.invite_by_mail(access, email=email, role=role, days=days, base_url=base_url)
    return _told(request, access, made, "")


def _told(request: HttpRequest, access: Access, invitation: Invitation, link: str) -> HttpResponse:
    """The link, this once; of a mailed one only that it was sent."""
    if link:
        # Not kept for a page after a redirect: it would have to be written down somewhere.
        context = {"access": access, "invitation": invitation, "link": link}
        return render_page(request, "tenants/invitation_link.html", context)
    if invitation.sent_at:
        messages.success(request, f"An invitation was sent to {invitation.email}.")
    else:
        messages.error(request, NOT_SENT)
    return redirect(invitation)
