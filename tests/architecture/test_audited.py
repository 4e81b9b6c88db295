"""Whatever changes something leaves one event in the activity log, in the same transaction."""

import re
from dataclasses import dataclass

import pytest
from allauth.mfa.models import Authenticator
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from agents.models import Agent, AgentSource, AgentTool
from agents.runs.models import AgentRun
from knowledge.models import Document
from tenants.models import ApiKey, AuditEvent, Job, Membership, Tenant
from tests.architecture import allowances
from tests.architecture.routes import routes

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("without_background")]

CHANGES_NOTHING = "shows something and changes nothing"
RUN = "the run's own row says who asked what, when"
WITHOUT_AUDIT = {
    "tenants:viewing-stop POST": "there is nothing to stop; tests/tenants/test_viewing.py has one",
    "agents:draft-find POST": CHANGES_NOTHING,
    "agents:agent-find POST": CHANGES_NOTHING,
    "tenants:draft-key-find POST": CHANGES_NOTHING,
    "tenants:key-find POST": CHANGES_NOTHING,
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


def with_second_factor(home):
    """The owner could still come in where everybody needs one."""
    Authenticator.objects.create(user=home.owner, type=Authenticator.Type.TOTP, data={})


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
    "tenants:factor-require POST": with_second_factor,
    "tenants:member-unsuspend POST": update(Membership, is_suspended=True),
}


# Each of several objects that change has its own event.
SEVERAL = dict.fromkeys(
    (
        "personas:persona-delete POST",
        "tools:tool-delete POST",
        "knowledge:source-delete POST",
        "api:delete_persona DELETE",
        "api:delete_tool DELETE",
        "api:delete_knowledge DELETE",
    ),
    "each agent that loses it has its own event, too",
)
# Events that are about another row than those that the address names.
ELSEWHERE = {
    "knowledge:document-cancel POST": "the job that reads it is what is cancelled",
    "knowledge:source-upload POST": "the new document",
    "knowledge:text-create POST": "the new document",
    "api:add_document POST": "the new document",
    "tenants:price-create POST": "the new price, at its provider's address",
    "tenants:event-restore POST": "the object that gets its value back",
}
# What an action begins with is what it is about, as far as people call it otherwise than the model.
NOUNS = {
    "membership": "member",
    "apikey": "api_key",
    "agentrun": "run",
    "modelprice": "price",
    "savedview": "view",
    "signinprovider": "sign_in",
}


@dataclass
class Written:
    """What a valid request of an owner wrote."""

    word: str
    status: int
    events: list
    late: list


@pytest.fixture(scope="module")
def written(world, asker):
    """Of every route that changes something; each is undone."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("agents.runs.services.run_in_background", lambda task: task.run)
        return {route: ask(world, asker, route) for route in routes() if route.is_unsafe}


def ask(world, asker, route):
    with transaction.atomic():
        BEFORE.get(route.id, lambda home: None)(world.home)
        there = set(AuditEvent.unscoped.values_list("pk", flat=True))
        with CaptureQueriesContext(connection) as caught:
            answer = asker.send(route, "owner")
        new = AuditEvent.unscoped.exclude(pk__in=there).order_by("created_at")
        found = Written(answer.word, answer.status, list(new), late([q["sql"] for q in caught]))
        transaction.set_rollback(True)
    return found


WAITS = re.compile(r"^(INSERT|UPDATE|DELETE)|FOR (NO KEY )?UPDATE")
OF_THE_CHAIN = ("tenants_auditevent", "tenants_audithead")
OF_THE_REQUEST = ("django_session", "tenants_ratebucket", "tenants_storedanswer")


def late(statements):
    """What a request locks after it took hold of the end of the chain, in the same transaction."""
    held = [i for i, sql in enumerate(statements) if "tenants_audithead head" in sql]
    return [
        sql[:160]
        for sql in (statements[held[0] :] if held else ())
        if WAITS.search(sql) and not any(table in sql for table in OF_THE_CHAIN + OF_THE_REQUEST)
    ]


def test_every_change_writes_exactly_one_event(written):
    refused = {r.id: w.word for r, w in written.items() if w.word != "yes"}
    silent = {
        r.id: f"answered {w.status}, no AuditEvent" for r, w in written.items() if not w.events
    }
    several = {r.id: [e.action for e in w.events] for r, w in written.items() if len(w.events) > 1}

    assert not refused, f"tests.architecture.payloads has no valid body for {refused}"
    allowances.check("audit.record(access, …) in the same transaction:", silent, WITHOUT_AUDIT)
    allowances.check("One event of one change:", several, SEVERAL)


def test_every_event_names_who_did_it(written, world):
    keys = {key.pk for key in ApiKey.unscoped.filter(user=world.home.owner)}
    wrong = {
        route.id: event.actor_label
        for route, found in written.items()
        for event in found.events
        if event.actor_id != world.home.owner.pk
        or (event.key_id is None) is not route.is_page
        or not {event.key_id} <= keys | {None}
    }

    assert not wrong


def test_every_event_is_about_what_was_changed(written, world):
    wrong = {}
    for route, found in written.items():
        named = {str(world.row(model, "own").pk) for model in route.objects.values()}
        about = {event.object_id for event in found.events}
        if found.events and named and not about & named:
            wrong[route.id] = [str(event) for event in found.events]

    allowances.check("The event is about the row of the address:", wrong, ELSEWHERE)


def test_every_action_begins_with_what_it_is_about(written):
    wrong = {}
    for route, found in written.items():
        for event in found.events:
            model = event.object_type.rpartition(".")[2]
            begins = event.action.partition(".")[0]
            if begins not in (NOUNS.get(model, model), "tenant") and model:
                wrong[route.id] = f"{event.action} about a {model}"

    assert not wrong


def test_events_are_the_last_that_a_change_writes(written):
    """Who waits for a row while others wait for the chain could wait for ever."""
    wrong = {route.id: found.late for route, found in written.items() if found.late}

    assert not wrong, "Decorate the service with @audit.atomic():\n" + "\n".join(
        map(str, wrong.items())
    )
