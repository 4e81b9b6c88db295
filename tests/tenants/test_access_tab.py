"""The Access tab of agents, personas, tools and sources."""

import pytest
from django.urls import reverse

from agents.models import Agent
from knowledge.models import Source
from personas.models import Persona
from tenants import services, sharing
from tenants.models import AuditEvent, Membership, Role
from tests.factories.agents import AgentFactory
from tests.factories.knowledge import SourceFactory
from tests.factories.personas import PersonaFactory
from tests.factories.tools import ToolFactory
from tools.models import Tool

pytestmark = pytest.mark.django_db

KINDS = {
    Agent: (AgentFactory, "agents:agent"),
    Persona: (PersonaFactory, "personas:persona"),
    Tool: (ToolFactory, "tools:tool"),
    Source: (SourceFactory, "knowledge:source"),
}
each_kind = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)


def url(row, name="access"):
    return reverse(f"{KINDS[type(row)][1]}-{name}", args=[row.tenant.slug, row.pk])


def member(user):
    return Membership.unscoped.get(user=user)


@pytest.fixture
def agent(tenant):
    return AgentFactory(tenant=tenant, name="Clerk")


@each_kind
def test_who_may_share_finds_the_tab_and_others_do_not(page, tenant, admin, editor, kind):
    row = KINDS[kind][0](tenant=tenant)

    shown = page(admin).get(url(row))
    assert shown.status_code == 200
    assert "Open to the organisation" in shown.content.decode()
    assert url(row) in page(admin).get(row.get_absolute_url()).content.decode()
    assert url(row) not in page(editor).get(row.get_absolute_url()).content.decode()
    assert page(editor).get(url(row)).status_code == 403


@each_kind
def test_it_is_restricted_and_opened_from_there(page, access, tenant, admin, editor, kind):
    row = KINDS[kind][0](tenant=tenant)
    page(admin).post(url(row, "restrict"), {"is_restricted": "on"})
    assert row not in access(editor).visible(kind)

    shown = page(admin).get(url(row)).content.decode()
    assert "does not count here" in shown
    assert "edit and manage" in shown
    page(admin).post(url(row, "restrict"))
    assert row in access(editor).visible(kind)


@each_kind
def test_a_person_is_granted_and_denied_by_address(page, access, tenant, admin, viewer, kind):
    row = KINDS[kind][0](tenant=tenant)
    sent = {"email": "VIEWER@acme.example", "allowed": "manage", "denied": "change"}

    answer = page(admin).post(url(row, "share-with"), sent, follow=True)

    assert "may manage, may not edit" in answer.content.decode()
    assert not access(viewer).may_do(row, "change")
    stands = sharing.share_of(row, member(viewer))
    assert (stands.allowed, stands.denied) == ("manage", "change")


def test_a_role_is_decided_in_its_line(page, access, tenant, admin, editor, agent):
    editors = Role.unscoped.get(tenant=tenant, slug="editor")
    page(admin).post(url(agent, "share"), {"role": editors.pk, "denied": "run"})

    assert not access(editor).may_do(agent, "run")
    assert "May see" in page(admin).get(url(agent)).content.decode()


def test_removing_a_person_is_a_form_of_nothing(page, access, admin, viewer, agent):
    services.share(access(admin), agent, member(viewer), allowed="manage", denied="")
    page(admin).post(url(agent, "share"), {"member": member(viewer).pk})

    assert not access(viewer).may_do(agent, "change")


def test_an_address_that_is_nobodys_is_told_and_kept(page, admin, stranger, agent):
    for address in (stranger.email, "no@such.example", "nonsense"):
        sent = {"email": address, "allowed": "view"}
        answer = page(admin).post(url(agent, "share-with"), sent)

        assert answer.status_code == 422
        assert f'value="{address}"' in answer.content.decode()


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        ({"email": "viewer@acme.example"}, "Choose what they may do"),
        ({"allowed": "view"}, "Say who."),
        ({"email": "viewer@acme.example", "allowed": "upload"}, "Select a valid choice"),
        ({"email": "viewer@acme.example", "allowed": "publish"}, "Select a valid choice"),
        ({"email": "owner@acme.example", "denied": "view"}, "Owners can’t be denied"),
    ],
)
def test_what_can_not_be_shared_is_explained(page, admin, owner, viewer, agent, sent, told):
    before = AuditEvent.unscoped.count()
    answer = page(admin).post(url(agent, "share-with"), sent)

    assert answer.status_code == 422
    assert told in answer.content.decode()
    assert AuditEvent.unscoped.count() == before


@pytest.mark.parametrize("field", ["member", "role"])
def test_foreign_and_unknown_ids_are_not_there(page, admin, stranger, other_tenant, agent, field):
    foreign = member(stranger) if field == "member" else member(stranger).role
    for pk in (foreign.pk, "01990000-0000-7000-8000-000000000000"):
        sent = {field: pk, "allowed": "view"}
        assert page(admin).post(url(agent, "share"), sent).status_code == 404


def test_who_would_lock_themselves_out_is_told_why(page, admin, agent):
    answer = page(admin).post(url(agent, "share"), {"member": member(admin).pk, "denied": "view"})

    assert answer.status_code == 403
    assert "You would lose the right to share this yourself" in answer.content.decode()


def test_the_reach_page_names_everybody_and_the_rule(page, access, cast, agent):
    services.share(access(cast.owner), agent, member(cast.editor), allowed="", denied="change")
    services.suspend_member(access(cast.owner), member(cast.contributor))

    shown = page(cast.admin).get(url(agent, "reach")).content.decode()

    assert "owner: restrictions and denials don’t bind owners" in shown
    assert "the role may, on all that isn’t restricted; denied to this person (edit)" in shown
    assert "suspended: shut out of everything" in shown
    assert "the role may, on all that isn’t restricted" in shown
    assert cast.stranger.email not in shown
