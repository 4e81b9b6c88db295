"""To whom the log tells what an event is about, by the rule itself."""

import uuid

import pytest
from django.core.exceptions import PermissionDenied

from personas.models import Persona
from tenants import audit
from tenants.access import Access
from tenants.models import AuditEvent
from tests.factories.agents import AgentFactory
from tests.factories.knowledge import DocumentFactory, SourceFactory
from tests.factories.personas import PersonaFactory
from tests.factories.runs import AgentRunFactory
from tests.factories.tenants import ApiKeyFactory, JobFactory

pytestmark = pytest.mark.django_db
SCOPES = ["view_audit", "view_agents", "view_personas", "view_knowledge"]


@pytest.fixture
def note(access, owner):
    return lambda row: audit.record(access(owner), "thing.done", row)


@pytest.fixture
def key(tenant, owner):
    """`key(agent_ids=[…])`: what comes by a key of the owner's."""
    return lambda **fields: Access.through(
        ApiKeyFactory(tenant=tenant, user=owner, **{"scopes": SCOPES, **fields}).public_id
    )


def is_told(mine, *events):
    told = dict(mine.visible(AuditEvent).values_list("pk", "is_told"))
    return [told[event.pk] for event in events]


def test_a_job_and_a_run_are_told_as_what_they_are_about(tenant, note, access, admin, owner):
    def about(subject_id):
        return JobFactory(tenant=tenant, subject_type="knowledge.document", subject_id=subject_id)

    hidden, shown = (
        DocumentFactory(tenant=tenant, source=SourceFactory(tenant=tenant, is_restricted=is_hidden))
        for is_hidden in (True, False)
    )
    agent = AgentFactory(tenant=tenant, is_restricted=True)
    withheld = [
        note(about(hidden.pk)),
        note(about(uuid.uuid4())),
        note(AgentRunFactory(tenant=tenant, agent=agent)),
    ]
    others = (JobFactory(tenant=tenant), ApiKeyFactory(tenant=tenant), tenant)
    told = [note(about(shown.pk)), *map(note, others)]

    assert is_told(access(admin), *withheld, *told) == [False] * 3 + [True] * 4
    assert is_told(access(owner), *withheld, *told) == [True] * 7


def test_a_key_is_told_of_what_it_reaches(tenant, note, key):
    agents = named, _, gone = [AgentFactory(tenant=tenant) for _ in range(3)]
    persona = PersonaFactory(tenant=tenant)
    events = [*map(note, agents), note(persona)]
    orphan = note(
        JobFactory(tenant=tenant, subject_type="knowledge.document", subject_id=uuid.uuid4())
    )
    gone.delete()
    persona.delete()

    assert is_told(key(), *events, orphan) == [True] * 4 + [False]
    assert is_told(key(agent_ids=[named.pk]), *events) == [True, False, False, True]
    assert is_told(key(scopes=["view_audit"]), *events) == [False] * 4


def test_of_what_is_no_more_only_what_was_withheld_stays_so(tenant, note, access, admin, owner):
    hidden, shown = (PersonaFactory(tenant=tenant, is_restricted=it) for it in (True, False))
    events = [note(hidden), note(shown)]
    hidden.delete()
    shown.delete()

    assert is_told(access(admin), *events) == [False, True]
    assert is_told(access(owner), *events) == [True, True]


def test_what_was_restricted_since_is_withheld_as_it_is_now(tenant, note, access, admin, owner):
    persona = PersonaFactory(tenant=tenant)
    event = note(persona)
    Persona.unscoped.filter(pk=persona.pk).update(is_restricted=True)

    assert is_told(access(admin), event) == [False]
    assert is_told(access(owner), event) == [True]


def test_nobody_writes_into_the_log_or_reads_it_without_the_right(access, tenant, owner, editor):
    with pytest.raises(PermissionDenied):
        access(owner).add(AuditEvent(tenant=tenant))
    assert not access(editor).visible(AuditEvent)
