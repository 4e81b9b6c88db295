"""An owner looks at the portal as another member: read-only, told on every page, logged."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.utils import timezone

from agents.models import Agent
from tenants import audit, services, viewing
from tenants.access import Access
from tenants.models import AuditEvent, Membership, Role
from tests.factories.agents import AgentFactory
from tests.factories.tenants import ApiKeyFactory

pytestmark = pytest.mark.django_db

HOME = "/t/acme/"
STOP = "/t/acme/viewing/stop/"
BANNER = "Stop viewing"


def member(user):
    return Membership.unscoped.get(user=user)


def start(client, user):
    return client.post(f"/t/acme/settings/members/{member(user).pk}/view-as/")


def events():
    found = AuditEvent.unscoped.filter(action__startswith="member.view_").order_by("number")
    return [(event.action.removeprefix("member.view_"), event.actor_label) for event in found]


@pytest.fixture
def seen_as_viewer(page, owner, viewer):
    """The owner's browser, in which the portal looks as for the viewer."""
    client = page(owner)
    start(client, viewer)
    return client


def test_the_portal_looks_as_it_does_for_the_other(seen_as_viewer, tenant, viewer):
    AgentFactory(tenant=tenant, name="Sealed", is_restricted=True)
    agent = AgentFactory(tenant=tenant, name="Clerk")

    shown = seen_as_viewer.get("/t/acme/agents/").content.decode()
    assert "Clerk" in shown
    assert "Sealed" not in shown
    assert "New agent" not in shown
    assert seen_as_viewer.get(f"/t/acme/agents/{agent.pk}/edit/").status_code == 403
    assert seen_as_viewer.get("/t/acme/settings/members/").status_code == 403


def test_every_page_says_so_and_offers_to_stop(seen_as_viewer, viewer):
    for url in (HOME, "/t/acme/agents/", "/accounts/organisations/"):
        shown = seen_as_viewer.get(url).content.decode()
        assert BANNER in shown, url
        assert str(viewer) in shown
    refused = seen_as_viewer.get("/t/acme/settings/members/").content.decode()
    assert "can be stopped" in refused


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_every_unsafe_method_is_refused_wherever_it_goes(seen_as_viewer, tenant, method):
    agent = AgentFactory(tenant=tenant)
    for url in (
        "/t/acme/agents/new/",
        f"/t/acme/agents/{agent.pk}/console/",
        "/accounts/theme/",
        "/accounts/profile/",
        "/no/such/page/",
    ):
        answer = getattr(seen_as_viewer, method)(url, {"name": "x"})
        assert answer.status_code == 403, url
        assert "Stop viewing first" in answer.content.decode()


def test_stopping_shows_oneself_again_and_both_are_logged(seen_as_viewer, owner, other_tenant):
    answer = seen_as_viewer.post(STOP, follow=True)

    assert BANNER not in answer.content.decode()
    assert seen_as_viewer.get("/t/acme/settings/members/").status_code == 200
    assert events() == [("started", str(owner)), ("stopped", str(owner))]


def test_stopping_what_never_began_changes_nothing(page, owner):
    assert page(owner).post(STOP).status_code == 302
    assert not events()


def test_it_is_over_after_an_hour(seen_as_viewer):
    session = seen_as_viewer.session
    session[viewing.KEY] = {
        **session[viewing.KEY],
        "until": (timezone.now() - timedelta(seconds=1)).isoformat(),
    }
    session.save()

    assert BANNER not in seen_as_viewer.get("/accounts/organisations/").content.decode()
    assert [name for name, _ in events()] == ["started", "stopped"]


def test_an_hour_is_all_there_is(seen_as_viewer):
    until = seen_as_viewer.session[viewing.KEY]["until"]

    assert timedelta(hours=1) == viewing.AT_MOST
    assert until <= (timezone.now() + timedelta(hours=1)).isoformat()


def test_it_ends_when_the_other_is_suspended(seen_as_viewer, viewer):
    Membership.unscoped.filter(user=viewer).update(is_suspended=True)

    assert BANNER not in seen_as_viewer.get(HOME).content.decode()
    assert [name for name, _ in events()] == ["started", "stopped"]


def test_it_ends_when_the_owner_is_none_any_more(seen_as_viewer, tenant, owner):
    admin = Role.unscoped.get(tenant=tenant, slug="admin")
    Membership.unscoped.filter(user=owner).update(role=admin)

    assert BANNER not in seen_as_viewer.get(HOME).content.decode()
    assert [name for name, _ in events()] == ["started", "stopped"]


def test_it_ends_when_the_other_becomes_owner(seen_as_viewer, tenant, viewer):
    owners = Role.unscoped.get(tenant=tenant, slug="owner")
    Membership.unscoped.filter(user=viewer).update(role=owners)

    assert BANNER not in seen_as_viewer.get(HOME).content.decode()


def test_signing_out_ends_it(seen_as_viewer):
    seen_as_viewer.post("/accounts/sign-out/")

    assert [name for name, _ in events()] == ["started", "stopped"]


def test_its_end_is_logged_though_the_owner_is_a_member_no_more(seen_as_viewer, owner):
    """By Roster: no membership is left in whose name it could be."""
    member(owner).delete()

    seen_as_viewer.post("/accounts/sign-out/")

    assert events() == [("started", str(owner)), ("stopped", "Roster")]
    stopped = AuditEvent.unscoped.get(action="member.view_stopped")
    assert stopped.changes == {"as": ["Viewer", None], "because": [None, "signed out"]}


def test_another_organisation_is_out_of_reach_meanwhile(seen_as_viewer, other_tenant, owner):
    services.add_member(other_tenant, owner, role="owner")

    assert seen_as_viewer.get("/t/globex/").status_code == 403


# ── Who may ───────────────────────────────────────────────────────────────────────────────────


def test_only_owners_start_it(page, access, owner, admin, viewer):
    assert start(page(admin), viewer).status_code == 403
    made = services.create_role(
        access(owner), label="Deputy", capabilities=["manage_tenant", "manage_members"]
    )
    Membership.unscoped.filter(user=admin).update(role=made)
    assert start(page(admin), viewer).status_code == 403
    assert not events()


def test_nobody_views_as_an_owner_nor_as_themselves(page, owner, tenant, admin):
    assert start(page(owner), owner).status_code == 403
    Membership.unscoped.filter(user=admin).update(role=member(owner).role)

    assert start(page(owner), admin).status_code == 403


def test_a_key_never_views_as_somebody(tenant, owner, viewer):
    key = ApiKeyFactory(tenant=tenant, user=owner, scopes=["manage_tenant", "manage_members"])

    with pytest.raises(PermissionDenied):
        Access.through(key.public_id).seen_as(viewer.pk)


def test_whoever_views_does_not_view_further(access, owner, viewer, editor):
    seen = access(owner).seen_as(viewer.pk)

    with pytest.raises(PermissionDenied):
        seen.seen_as(editor.pk)


def test_strangers_and_the_suspended_can_not_be_viewed_as(access, owner, viewer, stranger):
    Membership.unscoped.filter(user=viewer).update(is_suspended=True)
    for user in (viewer, stranger):
        with pytest.raises(Http404):
            access(owner).seen_as(user.pk)


# ── What it may ───────────────────────────────────────────────────────────────────────────────


def test_it_adds_nothing_and_logs_nothing_in_the_others_name(access, owner, editor):
    """Two guards beneath the pages, each by itself."""
    seen = access(owner).seen_as(editor.pk)

    assert seen.may("change_agents")
    with pytest.raises(PermissionDenied, match="viewing as somebody else"):
        seen.add(Agent(name="Clerk", slug="clerk"))
    with pytest.raises(PermissionDenied, match="viewing as somebody else"):
        audit.record(seen, "agent.created")


def test_it_tells_who_is_really_there(access, owner, viewer):
    seen = access(owner).seen_as(viewer.pk)

    assert seen.actor == owner
    assert seen.label == "Owner (viewing as Viewer)"


def test_renewing_it_asks_both_again(access, tenant, owner, viewer):
    seen = access(owner).seen_as(viewer.pk)
    assert seen.renewed().behind == owner
    Membership.unscoped.filter(user=owner).update(
        role=Role.unscoped.get(tenant=tenant, slug="admin")
    )

    with pytest.raises(PermissionDenied):
        seen.renewed()
