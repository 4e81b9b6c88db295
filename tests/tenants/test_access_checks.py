"""Each check of Access alone: what only that one can tell apart."""

import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.utils import timezone

from tenants import api_keys, services
from tenants.access import Access, memberships, no_rows, with_rights
from tenants.models import Membership, Secret, Tenant, User
from tests.factories.personas import PersonaFactory
from tests.factories.tenants import ApiKeyFactory, SecretFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def commuter(tenant, other_tenant):
    """Owner here, viewer there."""
    user = UserFactory()
    services.add_member(tenant, user, role="owner")
    services.add_member(other_tenant, user, role="viewer")
    return user


def test_a_member_of_two_organisations_is_each_by_itself(commuter, tenant, other_tenant):
    for where, role in ((tenant, "owner"), (other_tenant, "viewer")):
        for access in (Access.of(commuter, where.slug), Access.for_member(commuter.pk, where.pk)):
            assert (access.tenant, access.role.slug) == (where, role)


def test_a_key_is_of_its_organisation_alone(commuter, tenant, other_tenant):
    for where, role in ((tenant, "owner"), (other_tenant, "viewer")):
        key = ApiKeyFactory(tenant=where, user=commuter, scopes=["manage_members"])
        access = api_keys.check(key.token)

        assert (access.tenant, access.role.slug) == (where, role)
        assert access.capabilities == ({"manage_members"} if where == tenant else set())


def test_a_key_asks_for_its_maker_and_nobody_else(tenant, owner, viewer):
    key = ApiKeyFactory(tenant=tenant, user=viewer, scopes=["manage_members"])

    assert api_keys.check(key.token).user == viewer


def test_a_key_opens_nothing_while_its_maker_is_kept_out(tenant, editor):
    key = ApiKeyFactory(tenant=tenant, user=editor, scopes=["view_agents"])
    assert api_keys.check(key.token)

    for rows, out in (
        (Membership.unscoped.filter(user=editor), {"is_suspended": True}),
        (User.objects.filter(pk=editor.pk), {"is_active": False}),
    ):
        rows.update(**out)
        assert api_keys.check(key.token) is None
        rows.update(**{name: not value for name, value in out.items()})


def test_rights_of_now_are_those_of_the_same_principal(tenant, owner, viewer):
    key = ApiKeyFactory(tenant=tenant, user=owner, scopes=["view_agents"])

    assert api_keys.check(key.token).renewed().capabilities == {"view_agents"}
    assert Access.of(viewer, "acme").renewed().user == viewer
    assert Access.of(viewer, "acme").renewed().key is None


def test_rights_that_ended_are_not_renewed(tenant, owner, editor, access):
    mine = access(editor)
    services.remove_member(access(owner), Membership.unscoped.get(user=editor))

    with pytest.raises(Http404):
        mine.renewed()


def test_viewing_as_somebody_else_is_told_of_and_lasts(access, owner, viewer):
    seen = access(owner).seen_as(viewer.pk)

    for looked in (seen, seen.renewed()):
        assert (looked.user, looked.actor, looked.behind) == (viewer, owner, owner)
        assert looked.label == f"{owner} (viewing as {viewer})"
        with pytest.raises(PermissionDenied):
            looked.require_writable()
    assert access(viewer).actor == viewer


def test_who_is_suspended_may_do_nothing_were_they_to_come(editor):
    members = with_rights(Membership.unscoped.filter(user=editor))
    assert Access.as_member(members.get()).user == editor

    Membership.unscoped.filter(user=editor).update(is_suspended=True)

    with pytest.raises(Http404):
        Access.as_member(members.get())


def test_a_newcomer_is_who_was_made_a_member_just_now(editor, viewer):
    for user in (editor, viewer):
        assert Access.newcomer(Membership.unscoped.get(user=user)).user == user


def test_nobody_at_all_is_no_member(tenant):
    with pytest.raises(Http404):
        Access.for_member(None, tenant.pk)


def test_what_is_required_is_refused_without_it_and_passes_with_it(access, admin, editor):
    access(admin).require("manage_members")

    with pytest.raises(PermissionDenied):
        access(editor).require("manage_members")


def test_a_person_and_a_key_are_named_apart(tenant, access, owner):
    key = ApiKeyFactory(tenant=tenant, user=owner, scopes=[], name="CRM")

    assert access(owner).label == str(owner)
    assert api_keys.check(key.token).label == f"{owner} (CRM)"


def test_one_of_many_rows_is_the_one_that_was_asked_for(access, owner, tenant):
    rows = [SecretFactory(tenant=tenant) for _ in range(3)]

    for row in rows:
        assert access(owner).get(Secret, row.pk) == row
        assert access(owner).may_do(row, "change")


def test_a_row_that_is_gone_may_not_be_done_anything_with(access, owner, tenant):
    row, _ = SecretFactory(tenant=tenant), SecretFactory(tenant=tenant)
    Secret.unscoped.filter(pk=row.pk).delete()

    assert not access(owner).may_do(row, "view")


def test_no_rows_are_none(tenant):
    SecretFactory(tenant=tenant)

    assert not no_rows(Secret)


def test_the_switcher_knows_ones_own_organisations_only(commuter, owner, tenant, other_tenant):
    assert {mine.tenant for mine in memberships(commuter)} == {tenant, other_tenant}
    assert {mine.tenant for mine in memberships(owner)} == {tenant}
    assert {mine.tenant for mine in memberships(commuter, within=tenant.pk)} == {tenant}


def test_who_may_make_something_adds_it_and_others_none_in_any_way(tenant, access, editor, viewer):
    assert access(editor).add(PersonaFactory.build(tenant=tenant)).pk

    with pytest.raises(PermissionDenied):
        access(viewer).add(PersonaFactory.build(tenant=tenant))


def test_who_keeps_keys_ends_those_of_others_and_changes_none(tenant, access, admin, editor):
    key = ApiKeyFactory(tenant=tenant, user=editor)

    assert access(admin).may_do(key, "delete")
    assert not access(admin).may_do(key, "change")
    assert access(editor).may_do(key, "change")


def test_an_archived_organisation_is_read_by_owners_and_changed_by_nobody(
    tenant, access, owner, admin
):
    secret = SecretFactory(tenant=tenant)
    assert access(owner).offered == access(owner).capabilities

    Tenant.objects.filter(pk=tenant.pk).update(archived_at=timezone.now())

    mine = Access.of(owner, "acme")
    assert (mine.is_read_only, mine.offered) == (True, set())
    assert [mine.may_do(secret, action) for action in ("view", "change")] == [True, False]
    with pytest.raises(PermissionDenied):
        mine.require_writable()
    for enter in (lambda: Access.of(admin, "acme"), lambda: Access.for_member(owner.pk, tenant.pk)):
        with pytest.raises(Http404):
            enter()
