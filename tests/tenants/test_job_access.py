"""Who sees, stops and repeats a job: whose it is, and whoever may see what it is about."""

import pytest
from django.core.exceptions import PermissionDenied

from knowledge.models import Source
from tenants.access import Access
from tenants.models import ApiKey, Job
from tests.factories.knowledge import DocumentFactory, SourceFactory
from tests.factories.tenants import ApiKeyFactory, JobFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def source(tenant):
    return SourceFactory(tenant=tenant)


@pytest.fixture
def job(tenant, admin, source):
    """The admin's, about a document."""
    document = DocumentFactory(tenant=tenant, source=source)
    return JobFactory(
        tenant=tenant,
        created_by=admin,
        subject_type="knowledge.document",
        subject_id=document.pk,
    )


def test_to_see_jobs_and_to_end_them_are_two_rights(access, job, editor, contributor, viewer):
    for person, may_see, may_end in (
        (editor, True, True),
        (viewer, True, False),
        (contributor, False, False),
    ):
        mine = access(person)
        assert (mine.may_do(job, "view"), mine.may_do(job, "change")) == (may_see, may_end)


def test_ones_own_job_is_seen_whatever_it_is_about(access, job, source, admin, editor):
    Source.unscoped.filter(pk=source.pk).update(is_restricted=True)
    DocumentFactory(tenant=source.tenant)  # to see another one is of no help

    assert access(admin).may_do(job, "view")
    assert access(admin).may_do(job, "change")
    assert not access(editor).may_do(job, "view")


def test_through_a_key_ones_own_job_needs_the_right_to_what_it_is_about(tenant, job, admin, editor):
    def sees(user, *scopes):
        made = ApiKeyFactory(tenant=tenant, user=user, scopes=scopes)
        return Access.through(made.public_id).may_do(job, "view")

    assert sees(admin, "view_jobs", "view_knowledge")
    assert sees(admin, "view_knowledge")
    assert not sees(admin, "view_jobs", "view_tools")
    assert not sees(admin, "view_tools")
    assert not sees(editor, "view_knowledge")


@pytest.mark.parametrize(
    ("model", "owner"), [(Job, "created_by"), (ApiKey, "user")], ids=["job", "key"]
)
def test_nothing_is_made_in_somebody_elses_name(access, admin, editor, model, owner):
    with pytest.raises(PermissionDenied):
        access(admin).add(model(**{owner: editor}))
