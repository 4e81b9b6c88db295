import uuid

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction
from django.http import Http404

from tenants import api_keys
from tenants.access import Access, memberships
from tenants.models import Job, Membership, Provider, Secret
from tests.factories.tenants import ApiKeyFactory, JobFactory, ProviderFactory, SecretFactory

pytestmark = pytest.mark.django_db


def test_a_stranger_learns_nothing_of_a_tenant(tenant, stranger):
    with pytest.raises(Http404):
        Access.of(stranger, tenant.slug)


def test_an_unknown_tenant_and_a_foreign_one_are_the_same(tenant, stranger):
    with pytest.raises(Http404) as unknown:
        Access.of(stranger, "no-such")
    with pytest.raises(Http404) as foreign:
        Access.of(stranger, tenant.slug)

    assert str(unknown.value) == str(foreign.value)


def test_a_suspended_member_is_out_at_once(tenant, editor):
    Membership.unscoped.filter(user=editor).update(is_suspended=True)

    with pytest.raises(Http404):
        Access.of(editor, tenant.slug)
    assert not memberships(editor)


def test_an_inactive_person_is_out_at_once(tenant, editor):
    editor.is_active = False
    editor.save()

    with pytest.raises(Http404):
        Access.of(editor, tenant.slug)


def test_a_superuser_is_no_member(tenant, stranger):
    stranger.is_superuser = True
    stranger.save()

    with pytest.raises(Http404):
        Access.of(stranger, tenant.slug)


def test_rows_of_another_tenant_are_not_there(access, owner, other_tenant):
    foreign = SecretFactory(tenant=other_tenant)

    assert not access(owner).visible(Secret)
    with pytest.raises(Http404):
        access(owner).get(Secret, foreign.pk)


def test_the_tenant_of_a_visible_row_costs_no_query(
    access, owner, tenant, django_assert_num_queries
):
    SecretFactory(tenant=tenant)
    mine = access(owner)

    with django_assert_num_queries(1):
        assert mine.visible(Secret).get().tenant is mine.tenant


def test_finding_ones_access_costs_one_query(tenant, owner, django_assert_num_queries):
    with django_assert_num_queries(1):
        Access.of(owner, tenant.slug).may("view_agents")


def test_what_may_be_seen_but_not_touched_is_forbidden_rather_than_hidden(access, tenant, viewer):
    provider = ProviderFactory(tenant=tenant)

    assert access(viewer).get(Provider, provider.pk) == provider
    with pytest.raises(PermissionDenied):
        access(viewer).get(Provider, provider.pk, "change")


def test_adding_needs_the_capability(access, editor):
    with pytest.raises(PermissionDenied):
        access(editor).add(Provider(name="Ours", default_model="m"))

    assert not Provider.unscoped.exists()


def test_adding_puts_a_row_into_ones_own_tenant_whatever_it_says(
    access, owner, tenant, other_tenant
):
    row = Provider(name="Ours", default_model="m", tenant=other_tenant)

    assert access(owner).add(row).tenant == tenant


def test_a_key_is_no_stronger_than_its_scopes(tenant, owner):
    key = ApiKeyFactory(tenant=tenant, user=owner, scopes=["view_agents"])

    through = api_keys.check(key.token)

    assert through.capabilities == {"view_agents"}
    assert not through.visible(Secret)


def test_a_key_loses_what_its_maker_loses(tenant, editor):
    key = ApiKeyFactory(tenant=tenant, user=editor, scopes=["change_agents"])
    viewer_role = Membership.unscoped.get(user=editor)
    viewer_role.role = type(viewer_role.role).unscoped.get(tenant=tenant, slug="viewer")
    viewer_role.save()

    assert api_keys.check(key.token).capabilities == {"view_agents"}


def test_ones_own_jobs_are_visible_without_any_capability(access, tenant, contributor, editor):
    mine = JobFactory(tenant=tenant, created_by=contributor)
    JobFactory(tenant=tenant, created_by=editor)

    assert list(access(contributor).visible(Job)) == [mine]


def test_a_job_is_made_in_ones_own_name(access, owner, editor):
    with pytest.raises(PermissionDenied):
        access(owner).add(JobFactory.build(tenant=None, created_by=editor))


def test_the_database_refuses_a_pointer_across_tenants(tenant, other_tenant):
    foreign = SecretFactory(tenant=other_tenant)

    with pytest.raises(IntegrityError), transaction.atomic():
        ProviderFactory(tenant=tenant, secret=foreign)
        connection.check_constraints()


def test_an_id_that_is_nobodys_is_not_found(access, owner):
    with pytest.raises(Http404):
        access(owner).get(Secret, uuid.uuid4(), "change")
