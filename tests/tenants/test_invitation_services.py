"""Who stands behind an invitation, and what is noted of it."""

import pytest

from tenants import inviting, services
from tenants.inviting import InvitationGone
from tenants.models import Invitation, Membership
from tests.factories.tenants import UserFactory
from tests.tenants.test_invitations import (
    BASE,
    begin,
    by_link,
    by_mail,
    events,
    role,
    token_in,
)

pytestmark = pytest.mark.django_db


def test_who_sends_it_again_stands_behind_it_from_then_on(access, owner, admin, tenant):
    by_link(access(admin), tenant)
    _, link = services.resend_invitation(
        access(owner), Invitation.unscoped.get(), days=7, base_url=BASE
    )

    services.remove_member(access(owner), Membership.unscoped.get(user=admin))

    assert services.accept_invitation(UserFactory(), token_in(link)).role.slug == "editor"


def test_an_account_that_is_switched_off_joins_nothing(access, admin, tenant):
    person = UserFactory(is_active=False)

    with pytest.raises(InvitationGone):
        services.accept_invitation(person, by_link(access(admin), tenant))

    assert not Membership.unscoped.filter(user=person).exists()


@pytest.mark.parametrize(
    ("invited_by", "told"), [(True, "Admin"), (False, "the platform")], ids=["a member", "nobody"]
)
def test_the_log_tells_who_had_invited(admin, tenant, invited_by, told):
    invitation = Invitation(tenant=tenant, role=role(tenant, "viewer"), delivery="link")
    invitation.invited_by = admin if invited_by else None
    token = inviting.renew(invitation, 1)
    invitation.save()

    services.accept_invitation(UserFactory(), token)

    [event] = events(tenant, "member.joined")
    assert event.changes == {"role": [None, "Viewer"], "invited_by": [None, told]}


def test_who_begins_an_account_twice_has_claimed_the_link_once(access, admin, tenant):
    token = by_link(access(admin), tenant)

    for _ in range(2):
        begin(token)

    assert len(events(tenant, "invitation.claimed")) == 1


def test_who_claimed_a_link_may_be_sent_a_mail(access, admin, tenant):
    begin(by_link(access(admin), tenant))

    assert by_mail(access(admin), tenant, email="new@example.org").sent_at


def test_when_it_was_sent_is_noted_of_the_one_that_was(access, admin, tenant):
    by_link(access(admin), tenant)

    sent = by_mail(access(admin), tenant)

    noted = dict(Invitation.unscoped.values_list("delivery", "sent_at"))
    assert noted == {"mail": sent.sent_at, "link": None}
    assert sent.sent_at
