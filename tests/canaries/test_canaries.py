"""A secret that was given to Roster, through whichever door, is nowhere to be read afterwards."""

import re

import pytest

from agents.models import Agent
from agents.runs.models import AgentRun
from config.api import api as the_api
from tenants.models import AuditEvent, Job
from tests.canaries.conftest import put_into_queue
from tests.canaries.doors import TYPED, Doors, S, T
from tests.canaries.searching import Search, spellings
from tests.factories.personas import PersonaFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def doors(owner, page, api, server, fake, logged, messages, monkeypatch):
    server.routes["/orders"] = lambda seen: (200, {}, repr(seen).encode())
    return Doors(owner, page, api, server, fake, monkeypatch)


def answers_of_the_api(api, ids):
    """What every GET of the API answers."""
    for path, methods in the_api.get_openapi_schema()["paths"].items():
        if "get" in methods:
            filled = re.sub(r"\{(\w+)\}", lambda m: str(ids.get(m[1], m[0])), path)
            if "{" not in filled:
                yield filled, api.call("get", filled)


def test_no_canary_is_anywhere(
    doors, api, logged, messages, settings, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        doors.all()
    settings.CELERY_BROKER_URL = "pgmq://"
    put_into_queue(messages)
    search = Search(doors.canaries)

    search.database()
    search.pages(doors.client, T, f"{T}activity/", f"{S}providers/", "/accounts/profile/",
                 f"{T}activity/export/?format=csv", f"{T}activity/export/?format=json")  # fmt: skip
    agent = Agent.unscoped.first()
    ids = {"agent_id": agent.pk, "tool_id": doors.tool.pk, "job_id": Job.unscoped.first().pk}
    for path, answer in answers_of_the_api(api(doors.owner), ids):
        search.look_at(f"API {path}", b"".join(answer) if answer.streaming else answer.content)
    search.look_at("log", "\n".join(logged))
    search.look_at("messages", repr(messages))
    search.look_at("audit", repr(list(AuditEvent.unscoped.values())))
    search.files(settings.MEDIA_ROOT)

    assert search.found == []
    looked_at = "\n".join(search.looked_at)
    for place in ("pgmq.q_canaries", "pgmq.a_canaries", "mfa_authenticator",
                  "tenants_keptanswer", "a session",
                  "tenants_secret", "django_session", "tenants_job", "runs_runstep", "axes_",
                  f"page {S}secrets/", f"page {S}providers/{doors.provider.pk}/",
                  f"page {T}tools/{doors.tool.pk}/", f"page {T}runs/", f"page {T}activity/export",
                  f"page {S}api-keys/", f"page {S}invitations/", "API /api/v1/tools",
                  "API /api/v1/runs"):  # fmt: skip
        assert place in looked_at, place
    assert messages
    assert logged
    assert AgentRun.unscoped.filter(status="completed").exists()
    assert AgentRun.unscoped.filter(status="failed").count() == 2


@pytest.mark.parametrize("number", range(len(spellings(TYPED["provider key"]))))
def test_the_search_sees_each_spelling_in_each_place(page, owner, tenant, number):
    """The positive control."""
    canary = TYPED["provider key"]
    spelling = sorted(spellings(canary))[number].decode()
    PersonaFactory(tenant=tenant, name="Leak", instructions=f"before {spelling} after")
    search = Search({"provider key": canary})

    search.database()
    search.pages(page(owner), f"{T}personas/")
    search.look_at("log", f"a line with {spelling} in it")

    kinds = {where.split()[0] for where, _ in search.found}
    assert kinds == {"table", "page", "log"}


def test_the_search_sees_what_was_cut_short():
    canary = TYPED["provider key"]
    search = Search({"provider key": canary})

    search.look_at("cause", f"It says: Bad key {canary[:-6]}…")

    assert search.found
