"""What can be done to many rows, list by list."""

import pytest
from django.urls import reverse

from agents.models import Agent
from agents.runs.models import AgentRun
from knowledge import services as knowledge
from knowledge.models import Document
from tenants import services
from tenants.models import ApiKey, Invitation, Job, Membership, Role
from tests.factories.agents import AgentFactory
from tests.factories.knowledge import SourceFactory
from tests.factories.runs import AgentRunFactory
from tests.factories.tenants import ApiKeyFactory, JobFactory
from tests.factories.tools import ToolFactory
from tests.tenants.test_bulk import act

__all__ = ["act"]
pytestmark = pytest.mark.django_db


def test_drafts_are_published_where_there_is_something_to_publish(tenant, owner, act):
    ahead = AgentFactory(tenant=tenant, name="Ahead")
    level = AgentFactory(tenant=tenant, name="Level", published=True)
    lacking = AgentFactory(tenant=tenant, name="Lacking", model="")

    told = act(owner, "agents", "publish", [ahead, level, lacking])

    assert told == [
        "1 agent was published.",
        "Left as before: “Lacking”; Name the model that answers.",
        "Left as before: “Level”; its draft is what is published already.",
    ]
    assert Agent.unscoped.get(pk=ahead.pk).published_version is not None


def test_tools_and_sources_are_deleted(tenant, owner, act):
    tool, source = ToolFactory(tenant=tenant), SourceFactory(tenant=tenant)

    assert act(owner, "tools", "delete", [tool]) == ["1 tool was deleted."]
    assert act(owner, "sources", "delete", [source]) == ["1 source was deleted."]


def test_documents_are_read_again_and_deleted(tenant, editor, access, act):
    source = SourceFactory(tenant=tenant)
    for text in ("One.", "Two."):
        knowledge.add_text(access(editor), source, name=text, text=text)
    Job.unscoped.update(status="failed")
    documents, scope = list(Document.unscoped.all()), f"source={source.pk}"

    told = act(editor, "documents", "retry", documents, filters=scope)

    assert told == ["2 documents were put in line to be read again."]
    assert Job.unscoped.filter(status="queued").count() == 2
    assert act(editor, "documents", "delete", documents, filters=scope) == [
        "2 documents were deleted."
    ]
    assert not Document.unscoped.exists()


def test_only_runs_that_go_on_are_cancelled(tenant, owner, act):
    waiting = AgentRunFactory(tenant=tenant, started_by=owner, status="queued")
    ended = AgentRunFactory(tenant=tenant, started_by=owner)

    told = act(owner, "runs", "cancel", [waiting, ended])

    assert told[0] == "1 run was cancelled."
    assert told[1].endswith("it has ended already.")
    assert AgentRun.unscoped.get(pk=waiting.pk).status == "cancelled"


def test_jobs_are_cancelled_and_tried_again(tenant, editor, act):
    jobs = [JobFactory(tenant=tenant, created_by=editor, title=title) for title in ("A", "B")]

    assert act(editor, "jobs", "cancel", jobs) == ["2 jobs were cancelled."]
    assert act(editor, "jobs", "retry", jobs) == ["2 jobs were queued again."]
    assert act(editor, "jobs", "retry", jobs) == [
        "Left as before: “B”, “A”; it has neither failed nor been cancelled."
    ]


def test_members_are_suspended_but_not_oneself_nor_the_last_owner(
    tenant, owner, admin, editor, viewer, act
):
    members = list(Membership.unscoped.filter(tenant=tenant))

    told = act(admin, "members", "suspend", members)

    assert told[0] == "2 members were suspended."
    assert any("Nobody suspends themselves" in line for line in told)
    suspended = Membership.unscoped.filter(is_suspended=True).values_list("user", flat=True)
    assert set(suspended) == {editor.pk, viewer.pk}


def test_a_key_and_the_one_that_it_made_end_together(tenant, admin, act):
    parent = ApiKeyFactory(tenant=tenant, user=admin, name="Parent")
    child = ApiKeyFactory(tenant=tenant, user=admin, name="Child", made_with=parent)

    told = act(admin, "keys", "revoke", [parent, child])

    assert ApiKey.unscoped.filter(revoked_at=None).count() == 0
    assert told[0] == "2 API keys were revoked."


def test_invitations_are_withdrawn(tenant, admin, access, act):
    role = Role.unscoped.get(tenant=tenant, slug="viewer")
    made, _ = services.invite_by_link(access(admin), role=role, days=7, base_url="https://r")

    assert act(admin, "invitations", "withdraw", [made]) == ["1 invitation was withdrawn."]
    assert not Invitation.unscoped.exists()


@pytest.mark.parametrize(
    ("person", "is_offered"), [("admin", True), ("viewer", False)], ids=["admin", "viewer"]
)
def test_boxes_are_there_for_whoever_can_do_something_with_them(
    request, page, tenant, person, is_offered
):
    AgentFactory(tenant=tenant)

    listed = page(request.getfixturevalue(person)).get(f"/t/{tenant.slug}/agents/")

    assert ("data-pick" in listed.text) is is_offered
    url = reverse("tenants:bulk-act", args=[tenant.slug, "agents", "delete"])
    assert (f'formaction="{url}"' in listed.text) is is_offered
