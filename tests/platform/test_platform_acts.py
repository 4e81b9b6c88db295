"""What is done from the platform's pages happens to that organisation, and is told."""

import pytest
from django.urls import reverse

from tenants import services
from tenants.models import AuditEvent, Membership, Tenant
from tests.factories.agents import AgentFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def act(page, operator):
    """`act(tenant, "tenant-join", role="viewer")`: the status, and what is told afterwards."""

    def post(tenant, name, **sent):
        client, url = page(operator), reverse(f"platform:{name}", args=[tenant.pk])
        answer = client.post(url, sent)
        shown = client.get(answer["Location"]) if answer.status_code == 302 else answer
        return answer.status_code, [str(message) for message in shown.context["messages"]]

    return post


def is_archived(tenant):
    return Tenant.objects.get(pk=tenant.pk).is_archived


def test_each_organisation_has_its_own_page(page, operator, tenant, other_tenant):
    AgentFactory(tenant=other_tenant)

    for row, agents in ((tenant, 0), (other_tenant, 1)):
        shown = page(operator).get(f"/platform/{row.pk}/").context
        assert (shown["tenant"], shown["figures"].agents) == (row, agents)


def test_archiving_wants_the_address_and_bringing_back_does_not(act, tenant, other_tenant):
    assert act(tenant, "tenant-archive", typed="globex") == (422, [])
    assert not is_archived(tenant)

    assert act(tenant, "tenant-archive", typed="acme") == (302, ["Acme is archived."])
    assert (is_archived(tenant), is_archived(other_tenant)) == (True, False)

    told = "Acme is back. Waiting work goes on within seconds."
    assert act(tenant, "tenant-unarchive") == (302, [told])
    assert not is_archived(tenant)


def test_the_organisation_reads_who_archived_it_and_brought_it_back(act, tenant):
    act(tenant, "tenant-archive", typed="acme")
    act(tenant, "tenant-unarchive")

    events = AuditEvent.unscoped.filter(tenant=tenant).order_by("-number")[:2]
    told = [(event.action, event.actor_label) for event in events]
    assert told == [
        ("tenant.unarchived", "Olga (platform)"),
        ("tenant.archived", "Olga (platform)"),
    ]


def test_joining_and_leaving_are_told(act, tenant, owner, operator):
    status, told = act(tenant, "tenant-join", role="viewer", reason="Ticket 4711")
    assert (status, told) == (302, ["You belong to Acme now; its members see it."])

    assert act(tenant, "tenant-leave") == (302, ["You left Acme."])
    assert not Membership.unscoped.filter(user=operator).exists()


def test_the_last_owner_is_told_why_they_stay(act, tenant, operator):
    act(tenant, "tenant-join", role="owner", reason="Ticket 4711")

    status, [told] = act(tenant, "tenant-leave")

    assert status == 302
    assert "keeps at least one owner" in told
    assert Membership.unscoped.filter(user=operator).exists()


def test_who_owns_it_now_is_told(act, tenant, viewer):
    told = f"{viewer.email} owns Acme now."

    assert act(tenant, "owner-invite", email=viewer.email) == (302, [told])


def test_who_is_invited_is_told_and_that_no_mail_went(act, tenant, monkeypatch):
    new = {"email": "new@acme.example"}
    told = "new@acme.example is invited as owner of Acme."
    assert act(tenant, "owner-invite", **new) == (302, [told])

    def refuse(*args, **kwargs):
        raise ConnectionRefusedError

    monkeypatch.setattr("tenants.invitation_mail.send_mail", refuse)
    status, [told] = act(tenant, "owner-invite", **new)
    assert status == 302
    assert "the mail server did not take the invitation of new@acme.example" in told


def test_founding_tells_who_is_invited(page, operator):
    sent = {"name": "Initech", "slug": "initech", "time_zone": "UTC"}
    invited = {"email": "pat@initech.example"}

    shown = page(operator).post("/platform/new/", sent | invited, follow=True)

    told = [str(message) for message in shown.context["messages"]]
    assert told == ["pat@initech.example is invited as owner of Initech."]


def test_a_second_owner_is_the_owners_to_invite(act, tenant, owner):
    status, told = act(tenant, "owner-invite", email="new@acme.example")

    assert (status, told) == (422, [])
    assert services.owners_of(tenant)
