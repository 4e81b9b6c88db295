"""Joining an organisation from the platform: visibly, with a reason, and out again."""

import pytest

from tenants import services
from tenants.models import ApiKey, AuditEvent, Membership
from tests.factories.tenants import ApiKeyFactory

pytestmark = pytest.mark.django_db
REASON = "Ticket 4711: indexing hangs"


@pytest.fixture
def url(tenant, owner):
    return f"/platform/{tenant.pk}/"


def mine(operator):
    return Membership.unscoped.filter(user=operator).first()


def events(tenant, action):
    return list(AuditEvent.unscoped.filter(tenant=tenant, action=action))


def join(page, operator, url, **fields):
    return page(operator).post(f"{url}join/", {"role": "viewer", "reason": REASON, **fields})


def test_who_joined_comes_in_and_everybody_sees_it(page, operator, owner, tenant, url):
    assert join(page, operator, url).status_code == 302

    assert page(operator).get("/t/acme/agents/").status_code == 200
    listed = page(owner).get("/t/acme/settings/members/").content.decode()
    assert "joined from the platform" in listed
    assert REASON in listed
    [event] = events(tenant, "member.joined_from_platform")
    assert (event.actor, event.actor_label) == (operator, "Olga (platform)")
    assert event.changes == {"role": [None, "Viewer"], "reason": [None, REASON]}


def test_only_the_role_that_was_chosen_is_given(page, operator, url):
    join(page, operator, url, is_superuser="on", user="x", tenant="y", is_suspended="on")

    assert mine(operator).role.slug == "viewer"
    assert page(operator).get("/t/acme/settings/members/").status_code == 403


@pytest.mark.parametrize(
    "fields",
    [{"reason": ""}, {"reason": "  "}, {"role": "god"}, {"role": ""}, {"reason": "x" * 301}],
)
def test_without_a_reason_or_with_no_such_role_nobody_joins(page, operator, url, tenant, fields):
    answer = join(page, operator, url, **fields)

    assert answer.status_code == 422
    assert mine(operator) is None
    assert not events(tenant, "member.joined_from_platform")


def test_joining_twice_changes_nothing(page, operator, url, tenant):
    join(page, operator, url)

    assert join(page, operator, url, role="owner").status_code == 422
    assert mine(operator).role.slug == "viewer"


def test_whom_the_organisation_suspended_does_not_join_around_it(page, operator, url, tenant):
    join(page, operator, url)
    Membership.unscoped.filter(user=operator).update(is_suspended=True)

    assert page(operator).post(f"{url}leave/").status_code == 403
    assert join(page, operator, url).status_code == 422
    assert page(operator).get("/t/acme/agents/").status_code == 404
    content = page(operator).get(url).content.decode()
    assert "suspended you" in content
    assert "leave/" not in content


@pytest.mark.parametrize("role", ["owner", "viewer"])
def test_nobody_joins_an_archived_organisation(page, operator, url, tenant, platform, role):
    services.archive_tenant(platform, tenant)
    assert "join/" not in page(operator).get(url).text

    answer = join(page, operator, url, role=role)

    assert answer.status_code == 422
    assert "takes nobody in" in answer.text
    assert mine(operator) is None
    assert not events(tenant, "member.joined_from_platform")


def test_who_joined_leaves_an_archived_organisation(page, operator, url, tenant, platform):
    join(page, operator, url)
    services.archive_tenant(platform, tenant)

    page(operator).post(f"{url}leave/")

    assert mine(operator) is None


def test_leaving_ends_it_with_its_keys(page, operator, url, tenant):
    join(page, operator, url)
    ApiKeyFactory(tenant=tenant, user=operator)

    page(operator).post(f"{url}leave/")

    assert mine(operator) is None
    assert page(operator).get("/t/acme/agents/").status_code == 404
    assert not ApiKey.unscoped.filter(user=operator, revoked_at=None).exists()
    assert len(events(tenant, "member.left_to_platform")) == 1


def test_an_ordinary_member_does_not_leave_by_this_way(page, operator, url, tenant):
    services.add_member(tenant, operator, role="admin")

    assert page(operator).post(f"{url}leave/").status_code == 404
    assert mine(operator).role.slug == "admin"


def test_the_last_owner_stays(page, operator, tenant, owner, url):
    join(page, operator, url, role="owner")
    Membership.unscoped.filter(user=owner).delete()

    answer = page(operator).post(f"{url}leave/", follow=True)

    assert "keeps at least one owner" in answer.content.decode()
    assert mine(operator)
