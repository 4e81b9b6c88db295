"""An invitation lets one person in once, as what the inviter may still give."""

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from tenants import inviting, services
from tenants.access import Access
from tenants.inviting import InvitationGone
from tenants.models import Attempt, AuditEvent, Invitation, Membership, Role, User
from tests.factories.tenants import UserFactory

pytestmark = pytest.mark.django_db
BASE = "https://roster.example"
PASSWORD = "plum tractor sunday"


def role(tenant, slug):
    return Role.unscoped.get(tenant=tenant, slug=slug)


def by_mail(access, tenant, email="new@example.org", as_what="editor", days=7):
    return services.invite_by_mail(
        access, email=email, role=role(tenant, as_what), days=days, base_url=BASE
    )


def by_link(access, tenant, as_what="editor", days=7):
    _, link = services.invite_by_link(access, role=role(tenant, as_what), days=days, base_url=BASE)
    return token_in(link)


def token_in(text):
    return re.search(r"token=([\w-]+)", text)[1]


def mailed_token():
    return token_in(mail.outbox[-1].body)


def events(tenant, action):
    return list(AuditEvent.unscoped.filter(tenant=tenant, action=action))


def begin(token, email="new@example.org", name="New Person", password=PASSWORD):
    return services.begin_account(token, email=email, name=name, password=password)


# ── Making one ────────────────────────────────────────────────────────────────────────────────


def test_a_mail_says_who_invites_where_as_what_and_until_when(access, admin, tenant):
    by_mail(access(admin), tenant, email=" New@Example.ORG ")

    (message,) = mail.outbox
    assert message.to == ["new@example.org"]
    assert message.subject == "You are invited to Acme"
    assert "Admin (admin@acme.example) invites you to join Acme on Roster as Editor" in message.body
    assert f"{BASE}/accounts/invitation/?token=" in message.body


def test_the_database_keeps_no_token(access, admin, tenant):
    by_mail(access(admin), tenant)

    token, row = mailed_token(), Invitation.unscoped.values().get()
    assert token not in str(row)
    assert token not in str(list(AuditEvent.unscoped.values()))
    assert row["digest"] == inviting.digest(token)


def test_names_can_not_pose_as_headers_or_paragraphs_of_the_mail(access, admin, tenant):
    type(tenant).objects.filter(pk=tenant.pk).update(name="Acme\nBcc: all@example.org\n\nPay here")
    User.objects.filter(pk=admin.pk).update(name="Admin\r\n\r\nUrgent")
    admin.refresh_from_db()

    by_mail(access(admin), tenant)

    (message,) = mail.outbox
    assert message.subject == "You are invited to Acme Bcc: all@example.org Pay here"
    assert message.recipients() == ["new@example.org"]
    assert "\nUrgent" not in message.body


def test_nobody_invites_to_more_than_they_hold(access, admin, editor, tenant):
    with pytest.raises(PermissionDenied):
        by_mail(access(admin), tenant, as_what="owner")
    with pytest.raises(PermissionDenied):
        by_link(access(editor), tenant, as_what="viewer")

    assert not Invitation.unscoped.exists()
    assert not mail.outbox


def test_a_member_is_not_invited_again_and_an_invited_one_not_twice(access, admin, editor, tenant):
    by_mail(access(admin), tenant)

    for known in ("new@example.org", "NEW@example.org", editor.email):
        with pytest.raises(ValidationError):
            by_mail(access(admin), tenant, email=known)

    assert Invitation.unscoped.count() == 1


def test_an_address_with_an_account_elsewhere_is_invited_like_any(access, admin, tenant, stranger):
    by_mail(access(admin), tenant, email=stranger.email)
    by_mail(access(admin), tenant, email="nobody@example.org")

    first, second = (
        re.sub(r"token=[\w-]+|until .* UTC", "", message.body.replace(message.to[0], ""))
        for message in mail.outbox
    )
    assert first == second


def test_a_mail_that_is_not_taken_leaves_an_invitation_to_send_again(
    access, admin, tenant, monkeypatch
):
    def refuse(*args, **kwargs):
        raise ConnectionRefusedError

    monkeypatch.setattr("tenants.invitation_mail.send_mail", refuse)

    invitation = by_mail(access(admin), tenant)

    assert invitation.sent_at is None
    assert Invitation.unscoped.get().sent_at is None


# ── Taking one ────────────────────────────────────────────────────────────────────────────────


def test_who_reads_the_mail_begins_an_account_and_is_in(access, admin, tenant):
    by_mail(access(admin), tenant)

    person = begin(mailed_token(), email="someone.else@example.org")

    assert person.email == "new@example.org"
    assert person.check_password(PASSWORD)
    assert Access.of(person, "acme").role.slug == "editor"
    assert (person.is_superuser, person.is_staff) == (False, False)
    assert not Invitation.unscoped.exists()
    (event,) = events(tenant, "member.joined")
    assert event.actor == person
    assert event.changes == {"role": [None, "Editor"], "invited_by": [None, "Admin"]}


def test_an_account_that_is_there_joins_by_link(access, admin, tenant, stranger):
    token = by_link(access(admin), tenant)

    member = services.accept_invitation(stranger, token)

    assert member.role.slug == "editor"
    with pytest.raises(InvitationGone):
        services.accept_invitation(UserFactory(), token)


def test_a_mailed_invitation_is_for_its_address_alone(access, admin, tenant, stranger):
    by_mail(access(admin), tenant)

    with pytest.raises(InvitationGone):
        services.accept_invitation(stranger, mailed_token())

    assert Invitation.unscoped.exists()


def test_who_takes_a_link_with_a_new_account_signs_in_before_they_are_in(access, admin, tenant):
    token = by_link(access(admin), tenant)

    assert begin(token) is None

    person = User.objects.get(email="new@example.org")
    assert person.check_password(PASSWORD)
    assert not Membership.unscoped.filter(user=person).exists()
    assert services.accept_invitation(person, token).role.slug == "editor"


def test_a_link_tells_nobody_whether_an_address_has_an_account(access, admin, tenant, stranger):
    """Both ways it answers nothing, and is bound to the one address that was tried."""
    before = stranger.password
    for email in (stranger.email, "nobody@example.org"):
        token = by_link(access(admin), tenant)

        assert begin(token, email=email) is None
        assert begin(token, email=email) is None
        with pytest.raises(InvitationGone):
            begin(token, email="a.third@example.org")

    stranger.refresh_from_db()
    assert stranger.password == before
    assert not User.objects.filter(email="a.third@example.org").exists()


def test_a_claimed_link_is_for_who_claimed_it(access, admin, tenant, stranger):
    token = by_link(access(admin), tenant)
    begin(token)

    with pytest.raises(InvitationGone):
        services.accept_invitation(stranger, token)

    (event,) = events(tenant, "invitation.claimed")
    assert event.changes == {"email": ["", "new@example.org"]}


def test_an_account_that_is_there_is_not_changed_by_a_mailed_token(access, admin, tenant, stranger):
    by_mail(access(admin), tenant, email=stranger.email)
    before = stranger.password

    assert begin(mailed_token(), name="Somebody Else") is None

    stranger.refresh_from_db()
    assert (stranger.password, stranger.name) == (before, "Owner")
    assert not Membership.unscoped.filter(user=stranger, tenant=tenant).exists()


def test_a_member_who_takes_an_invitation_stays_what_they_are(access, admin, tenant, viewer):
    token = by_link(access(admin), tenant, as_what="admin")

    services.accept_invitation(viewer, token)

    assert access(viewer).role.slug == "viewer"
    assert Invitation.unscoped.exists()
    assert not events(tenant, "member.joined")


def test_a_suspended_member_does_not_come_back_by_invitation(access, admin, tenant, viewer):
    token = by_link(access(admin), tenant)
    Membership.unscoped.filter(user=viewer).update(is_suspended=True)

    with pytest.raises(InvitationGone):
        services.accept_invitation(viewer, token)

    assert Membership.unscoped.get(user=viewer).is_suspended


# ── Ending one ────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("token", ["", "null", "None", "\x00", "🦆", "a" * 5_000, "\ud800"])
def test_what_is_no_token_opens_nothing(tenant, token):
    with pytest.raises(InvitationGone):
        inviting.opened_by(token)


def test_an_expired_invitation_opens_nothing(access, admin, tenant):
    token = by_link(access(admin), tenant)
    Invitation.unscoped.update(expires_at=timezone.now() - timedelta(seconds=1))

    with pytest.raises(InvitationGone):
        begin(token)


def test_a_withdrawn_invitation_opens_nothing(access, admin, tenant):
    token = by_link(access(admin), tenant)

    services.revoke_invitation(access(admin), Invitation.unscoped.get())

    with pytest.raises(InvitationGone):
        services.accept_invitation(UserFactory(), token)
    assert len(events(tenant, "invitation.revoked")) == 1


def test_sending_again_ends_the_old_token(access, admin, tenant):
    invitation = by_mail(access(admin), tenant, days=1)
    old, until = mailed_token(), invitation.expires_at

    renewed, link = services.resend_invitation(access(admin), invitation, days=7, base_url=BASE)

    assert link == ""
    assert renewed.expires_at > until
    with pytest.raises(InvitationGone):
        begin(old)
    assert begin(mailed_token())


def again(access, invitation, times):
    for _ in range(times):
        services.resend_invitation(access, invitation, days=7, base_url=BASE)


def test_five_mails_a_day_go_to_one_mailbox_and_the_sixth_changes_nothing(access, admin, tenant):
    invitation = by_mail(access(admin), tenant)
    again(access(admin), invitation, 4)
    last = mailed_token()

    with pytest.raises(ValidationError, match="got 5 invitations within a day"):
        again(access(admin), invitation, 1)

    assert len(mail.outbox) == 5
    assert len(events(tenant, "invitation.renewed")) == 4
    assert begin(last)


def test_other_mailboxes_organisations_and_days_have_their_own_five(
    access, admin, tenant, stranger, other_tenant
):
    invitation = by_mail(access(admin), tenant)
    again(access(admin), invitation, 4)

    by_mail(access(admin), tenant, email="another@example.org")
    by_mail(access(stranger, other_tenant), other_tenant)
    Attempt.objects.update(ends_at=timezone.now())
    again(access(admin), invitation, 1)

    assert len(mail.outbox) == 8


def test_a_mail_that_was_not_taken_is_not_counted(access, admin, tenant, monkeypatch):
    with monkeypatch.context() as refusing:
        refusing.setattr("tenants.invitation_mail.send", lambda *sent: False)
        invitation = by_mail(access(admin), tenant)

    again(access(admin), invitation, 5)

    assert len(mail.outbox) == 5


def test_a_link_is_made_anew_as_often_as_one_likes(access, admin, tenant):
    by_link(access(admin), tenant)

    again(access(admin), Invitation.unscoped.get(), 6)

    assert len(events(tenant, "invitation.renewed")) == 6


def test_a_link_made_anew_is_free_of_who_claimed_the_old_one(access, admin, tenant, stranger):
    begin(by_link(access(admin), tenant))

    _, link = services.resend_invitation(
        access(admin), Invitation.unscoped.get(), days=7, base_url=BASE
    )

    assert services.accept_invitation(stranger, token_in(link))


@pytest.mark.parametrize("loss", ["demoted", "suspended", "removed", "inactive"])
def test_an_invitation_is_worth_what_its_maker_may_still_give(access, owner, admin, tenant, loss):
    token = by_link(access(admin), tenant)
    membership = Membership.unscoped.get(user=admin)

    if loss == "demoted":
        services.change_role(access(owner), membership, role=role(tenant, "editor"))
    elif loss == "suspended":
        services.suspend_member(access(owner), membership)
    elif loss == "removed":
        services.remove_member(access(owner), membership)
    else:
        User.objects.filter(pk=admin.pk).update(is_active=False)

    with pytest.raises(InvitationGone):
        services.accept_invitation(UserFactory(), token)


def test_an_admin_touches_no_invitation_to_own(access, owner, admin, tenant):
    by_link(access(owner), tenant, as_what="owner")
    invitation = Invitation.unscoped.get()

    with pytest.raises(PermissionDenied):
        services.revoke_invitation(access(admin), invitation)
    with pytest.raises(PermissionDenied):
        services.resend_invitation(access(admin), invitation, days=7, base_url=BASE)
