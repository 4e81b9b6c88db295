"""A query that is compiled once finds what the queryset would find."""

from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from django.db import connection
from django.db.models import F

from tenants.compiled import Compiled
from tenants.models import Membership

pytestmark = pytest.mark.django_db


def members(user, slug):
    rows = Membership.unscoped.filter(user_id=user, tenant__slug=slug, is_suspended=False)
    return rows.select_related("tenant", "role").annotate(called=F("user__name"))


def test_it_finds_a_row_with_its_relations_and_annotations(
    tenant, viewer, django_assert_num_queries
):
    compiled = Compiled(members)

    with django_assert_num_queries(1):
        found = compiled.first(user=viewer.pk, slug=tenant.slug)
        told = (found.tenant.slug, found.role.slug, found.called)

    assert found == Membership.unscoped.get(user=viewer)
    assert told == (tenant.slug, "viewer", viewer.name)


def test_each_time_is_for_its_own_values(tenant, viewer, editor):
    compiled = Compiled(members)

    found = [compiled.first(user=user.pk, slug=tenant.slug) for user in (viewer, editor, viewer)]

    assert [row.user_id for row in found] == [viewer.pk, editor.pk, viewer.pk]


def test_what_changed_since_is_seen(tenant, viewer):
    compiled = Compiled(members)
    assert compiled.first(user=viewer.pk, slug=tenant.slug)
    Membership.unscoped.filter(user=viewer).update(is_suspended=True)

    assert compiled.first(user=viewer.pk, slug=tenant.slug) is None


@pytest.mark.parametrize("slug", ["globex", "acme' OR true --", "%s", ""])
def test_no_row_is_none(tenant, viewer, slug):
    compiled = Compiled(members)

    assert compiled.first(user=viewer.pk, slug=slug) is None
    assert compiled.first(user=uuid4(), slug=tenant.slug) is None


def test_a_parameter_that_the_query_forgets_is_an_error(tenant, viewer):
    forgetful = Compiled(lambda user, slug: Membership.unscoped.filter(user_id=user))

    with pytest.raises(ValueError, match="slug"):
        forgetful.first(user=viewer.pk, slug=tenant.slug)


@pytest.mark.django_db(transaction=True)
def test_threads_share_it_but_no_connection(tenant, viewer, editor):
    compiled = Compiled(members)
    compiled.first(user=viewer.pk, slug=tenant.slug)

    def ask(user):
        try:
            return compiled.first(user=user.pk, slug=tenant.slug).user_id
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(ask, [viewer, editor] * 10))

    assert found == [viewer.pk, editor.pk] * 10
