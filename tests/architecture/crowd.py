"""About twenty of everything, so that a query for each row shows."""

from agents.models import Agent, AgentVersion
from agents.runs.models import AgentRun
from knowledge.models import Chunk, Document, Source
from personas.models import Persona
from tenants import services
from tenants.models import Membership
from tests.factories.agents import (
    AgentFactory,
    AgentSourceFactory,
    AgentToolFactory,
    AgentVersionFactory,
)
from tests.factories.knowledge import DocumentFactory, SourceFactory
from tests.factories.personas import PersonaFactory
from tests.factories.runs import AgentRunFactory, RunStepFactory, ToolExecutionFactory
from tests.factories.tenants import JobFactory, ProviderFactory, SecretFactory, UserFactory
from tests.factories.tools import ToolFactory

MANY = 18


def crowd(home):
    """In each list of the organisation, and in each list that hangs on a furnished row."""
    for number in range(MANY):
        used = _library(home)
        _of_agent(home, number, used)
        _of_document(home, number)
        _of_run(home, number)
        _settings(home)


def _library(home):
    secret = home.make(SecretFactory)
    tool = home.make(ToolFactory, secret=secret, auth="bearer")
    source = home.make(SourceFactory)
    home.make(PersonaFactory)
    agent = home.make(AgentFactory, persona=home.rows[Persona])
    home.make(AgentToolFactory, agent=agent, tool=tool)
    home.make(AgentSourceFactory, agent=agent, source=source)
    home.make(AgentSourceFactory, agent=agent, source=home.rows[Source])
    return tool, source


def _of_agent(home, number, used):
    tool, source = used
    home.make(AgentToolFactory, agent=home.rows[Agent], tool=tool)
    home.make(AgentSourceFactory, agent=home.rows[Agent], source=source)
    home.make(
        AgentVersionFactory,
        agent=home.rows[Agent],
        number=number + 10,
        spec=home.rows[AgentVersion].spec,
        published_by=UserFactory(),
    )


def _of_document(home, number):
    document = home.make(DocumentFactory, source=home.rows[Source], status="ready")
    job = home.make(
        JobFactory,
        subject_type="knowledge.document",
        subject_id=document.pk,
        created_by=UserFactory(),
        status=("queued", "running", "failed", "done")[number % 4],
    )
    Document.unscoped.filter(pk=document.pk).update(job_id=job.pk)
    Chunk.unscoped.create(
        tenant=home.tenant,
        document=home.rows[Document],
        position=number + 1,
        text=f"Passage {number}",
        tokens=2,
    )


def _of_run(home, number):
    maker = UserFactory()
    run = home.make(AgentRunFactory, agent=home.rows[Agent], started_by=maker)
    home.make(RunStepFactory, run=run, position=1)
    step = home.make(RunStepFactory, run=home.rows[AgentRun], position=number * 2 + 3)
    home.make(ToolExecutionFactory, run=home.rows[AgentRun], step=step, position=number * 2 + 4)


def _settings(home):
    home.make(ProviderFactory, secret=home.make(SecretFactory))
    services.add_member(home.tenant, UserFactory(), role="viewer")
    services.invite_by_link(
        home.access(), role=home.rows[Membership].role, days=7, base_url="https://roster.example"
    )
