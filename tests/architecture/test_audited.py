"""Whatever changes something leaves a line in the activity log, in the same transaction."""

import pytest
from django.db import transaction
from django.utils import timezone

from agents.models import Agent, AgentSource, AgentTool
from agents.runs.models import AgentRun
from knowledge.models import Document
from tenants.models import Job, Membership, Tenant
from tests.architecture import allowances
from tests.architecture.asking import Asker
from tests.architecture.routes import routes

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("without_background")]

CHANGES_NOTHING = "shows something and changes nothing"
RUN = "the run's own row says who asked what, when"
WITHOUT_AUDIT = {
    "personas:persona-preview POST": CHANGES_NOTHING,
    "personas:draft-preview POST": CHANGES_NOTHING,
    "personas:draft-add-variable POST": CHANGES_NOTHING,
    "personas:draft-remove-variable POST": CHANGES_NOTHING,
    "api:render_persona POST": CHANGES_NOTHING,
    "api:search_knowledge POST": CHANGES_NOTHING,
    "runs:agent-console POST": RUN,
    "api:execute_agent POST": RUN,
    "api:stream_agent POST": RUN,
}


def update(model, **fields):
    """The furnished row in another state."""
    return lambda home: model.unscoped.filter(pk=home.rows[model].pk).update(**fields)


def without_tool_and_source(home):
    AgentTool.unscoped.filter(agent=home.rows[Agent]).delete()
    AgentSource.unscoped.filter(agent=home.rows[Agent]).delete()


def archived(home):
    """Closed: there is something to bring back."""
    Tenant.objects.filter(pk=home.tenant.pk).update(archived_at=timezone.now())


def read_again(home):
    """The document waits for a job."""
    Document.unscoped.filter(pk=home.rows[Document].pk).update(job_id=home.rows[Job].pk)


# What has to be so that there is something to change.
BEFORE = {
    "api:assign_tool POST": without_tool_and_source,
    "api:assign_knowledge POST": without_tool_and_source,
    "agents:agent-publish POST": update(Agent, max_steps=3),
    "api:publish_agent POST": update(Agent, max_steps=3),
    "api:cancel_run POST": update(AgentRun, status="queued"),
    "runs:run-cancel POST": update(AgentRun, status="queued"),
    "api:retry_job POST": update(Job, status="failed"),
    "tenants:job-retry POST": update(Job, status="failed"),
    "knowledge:document-cancel POST": read_again,
    "tenants:tenant-unarchive POST": archived,
    "tenants:member-unsuspend POST": update(Membership, is_suspended=True),
}


def test_every_change_is_audited(world):
    asker, silent, refused = Asker(world), {}, {}
    for route in (route for route in routes() if route.is_unsafe):
        with transaction.atomic():
            BEFORE.get(route.id, lambda home: None)(world.home)
            answer = asker.ask(route, "owner")
            transaction.set_rollback(True)
        if answer.word != "yes":
            refused[route.id] = answer.word
        elif not answer.audited:
            silent[route.id] = f"answered {answer.status} and wrote no AuditEvent"

    assert not refused, f"tests.architecture.payloads has no valid body for {refused}"
    allowances.check("audit.record(access, …) in the same transaction:", silent, WITHOUT_AUDIT)


def test_reading_is_not_audited(world):
    asker = Asker(world)

    read = {r.id: asker.ask(r, "owner").audited for r in routes() if not r.is_unsafe}

    assert not {name for name, audited in read.items() if audited}
