"""An invitation is taken once, however many come in the same moment."""

import re

import pytest
from django.core import mail

from tenants import services
from tenants.access import Access
from tenants.inviting import InvitationGone
from tenants.models import AuditEvent, Invitation, Membership, Role, User
from tests.factories.tenants import UserFactory
from tests.tenants.test_member_races import at_once

pytestmark = pytest.mark.django_db(transaction=True)
CROWD = 50
BASE = "https://roster.example"


@pytest.fixture
def offer(tenant, admin):
    return {"role": Role.unscoped.get(tenant=tenant, slug="editor"), "days": 7, "base_url": BASE}


@pytest.fixture
def token(admin, offer):
    _, link = services.invite_by_link(Access.of(admin, "acme"), **offer)
    return link.partition("=")[2]


def joined(answers):
    return [answer for answer in answers if isinstance(answer, Membership)]


def test_fifty_accepts_by_one_person_make_one_membership(tenant, token):
    person = UserFactory()

    answers = at_once(*[lambda: services.accept_invitation(person, token)] * CROWD)

    assert Membership.unscoped.filter(user=person).count() == 1
    assert len(joined(answers)) == CROWD
    assert AuditEvent.unscoped.filter(tenant=tenant, action="member.joined").count() == 1


def test_fifty_people_with_one_link_make_one_member(tenant, token):
    people = [UserFactory() for _ in range(CROWD)]

    answers = at_once(*[lambda p=p: services.accept_invitation(p, token) for p in people])

    assert Membership.unscoped.filter(tenant=tenant, user__in=people).count() == 1
    assert len(joined(answers)) == 1
    assert not Invitation.unscoped.exists()


def test_fifty_new_accounts_of_one_mail_make_one_account_and_one_membership(tenant, admin, offer):
    services.invite_by_mail(Access.of(admin, "acme"), email="new@example.org", **offer)
    token = re.search(r"token=([\w-]+)", mail.outbox[-1].body)[1]

    def begin():
        return services.begin_account(token, email="", name="New", password="plum tractor sunday")

    answers = at_once(*[begin] * CROWD)

    assert User.objects.filter(email="new@example.org").count() == 1
    assert Membership.unscoped.filter(user__email="new@example.org").count() == 1
    assert sum(isinstance(answer, User) for answer in answers) == 1


def test_a_link_that_many_claim_is_bound_to_one_address(tenant, token):
    def begin(number):
        return services.begin_account(
            token, email=f"p{number}@example.org", name="New", password="plum tractor sunday"
        )

    answers = at_once(*[lambda n=n: begin(n) for n in range(8)])

    assert sum(isinstance(answer, InvitationGone) for answer in answers) == 7
    assert User.objects.filter(email__startswith="p").filter(name="New").count() == 1


def test_withdrawing_and_accepting_at_once_end_in_one_of_both(tenant, admin, token):
    person, invitation = UserFactory(), Invitation.unscoped.get()
    access = Access.of(admin, "acme")

    at_once(
        lambda: services.accept_invitation(person, token),
        lambda: services.revoke_invitation(access, invitation),
    )

    is_member = Membership.unscoped.filter(user=person).exists()
    was_withdrawn = AuditEvent.unscoped.filter(action="invitation.revoked").exists()
    assert is_member != was_withdrawn
