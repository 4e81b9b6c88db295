"""Two organisations with the same furniture, and everybody who might come to them."""

from datetime import timedelta
from types import SimpleNamespace
from uuid import UUID

from django.utils import timezone

from agents.models import Agent, AgentVersion
from agents.runs.models import AgentRun
from knowledge.models import Chunk, Document, DocumentVersion, Source
from personas.models import Persona
from tenants import audit, services
from tenants.access import Access
from tenants.models import (
    ApiKey,
    AuditEvent,
    Invitation,
    Job,
    Membership,
    ModelPrice,
    Provider,
    Role,
    SavedView,
    Secret,
    SignInProvider,
)
from tests.factories.agents import (
    AgentFactory,
    AgentSourceFactory,
    AgentToolFactory,
    publish,
)
from tests.factories.knowledge import SourceFactory, indexed
from tests.factories.personas import PersonaFactory
from tests.factories.runs import AgentRunFactory, RunStepFactory, ToolExecutionFactory
from tests.factories.tenants import (
    ApiKeyFactory,
    JobFactory,
    ModelPriceFactory,
    ProviderFactory,
    SavedViewFactory,
    SecretFactory,
    SignInProviderFactory,
    TenantFactory,
    UserFactory,
)
from tests.factories.tools import ToolFactory
from tools.models import Tool

ROLES = ("owner", "admin", "editor", "contributor", "viewer")
STRANGERS = ("stranger", "suspended")
EVERYBODY = (*ROLES, *STRANGERS, "anonymous")
# Of what there is a restricted row beside the open one.
WITHHELD = frozenset(
    (Persona, Tool, Source, Agent, Document, DocumentVersion, Chunk, AgentVersion, AgentRun, Job)
)
NOBODYS = UUID("01990000-0000-7000-8000-000000000000")

# The words by which a restricted row, or one of the other organisation, is known on a page.
RESTRICTED, FOREIGN = "withheldword", "globexword"


class Home:
    """An organisation with one row of each model, and a restricted one where that can be."""

    def __init__(self, slug, word):
        self.word = word
        self.tenant = TenantFactory(slug=slug, name=slug.capitalize())
        self.people = {role: self._member(role) for role in ROLES}
        self.owner = self.people["owner"]
        self.rows = self._furnish(f"{word} thing", is_restricted=False)
        self.restricted = self._furnish(f"{word} {RESTRICTED}", is_restricted=True)
        assert set(self.restricted) == WITHHELD
        self._entangle()

    def _member(self, role):
        user = UserFactory(email=f"{role}@{self.tenant.slug}.example", name=f"{self.word} {role}")
        services.add_member(self.tenant, user, role=role)
        return user

    def access(self, role="owner"):
        return Access.of(self.people[role], self.tenant.slug)

    def make(self, factory, **fields):
        return factory(tenant=self.tenant, **fields)

    def _furnish(self, name, *, is_restricted):
        """Everything that can be shared and what belongs to it; the rest only where it is open."""
        shared = {"name": name, "is_restricted": is_restricted, "created_by": self.owner}
        slug = name.split()[-1]
        persona = self.make(PersonaFactory, instructions=f"Speak of {name}.", **shared)
        tool = self.make(
            ToolFactory, slug=f"look_up_{slug}", description=f"Looks up {name}.", **shared
        )
        source = self.make(SourceFactory, **shared)
        agent = self.make(AgentFactory, slug=slug, persona=persona, **shared)
        self.make(AgentToolFactory, agent=agent, tool=tool)
        self.make(AgentSourceFactory, agent=agent, source=source)
        [document] = indexed(self.access(), source, (f"{name}.txt", f"What {name} is about."))
        rows = {Persona: persona, Tool: tool, Source: source, Agent: agent, Document: document}
        rows[DocumentVersion] = DocumentVersion.unscoped.get(document=document)
        rows[Chunk] = Chunk.unscoped.get(document=document)
        rows[AgentVersion] = publish(agent)
        rows[AgentRun] = self._run(agent, name, source)
        rows[Job] = self.make(
            JobFactory,
            title=f"Reading {name}",
            subject_type="knowledge.document",
            subject_id=document.pk,
            created_by=self.owner,
        )
        if not is_restricted:
            rows[Membership] = self._colleague()
            rows[Role] = services.create_role(
                self.access(), label=f"{name} role", capabilities={"view_agents"}
            )
            rows[Invitation], _ = services.invite_by_link(
                self.access(),
                role=rows[Membership].role,
                days=7,
                base_url="https://roster.example",
            )
            rows[ApiKey] = self.make(
                ApiKeyFactory, name=f"{name} key", user=self.owner, scopes=["manage_keys"]
            )
            rows[SavedView] = self.make(
                SavedViewFactory, name=f"{name} view", user=self.owner, is_shared=True
            )
            rows[Secret] = self.make(SecretFactory, name=f"{name} secret")
            rows[Provider] = self.make(ProviderFactory, name=f"{name} provider")
            rows[SignInProvider] = self.make(SignInProviderFactory, name=f"{name} login")
            rows[ModelPrice] = self.make(ModelPriceFactory, provider=rows[Provider])
            changes = {"name": [f"{name} before", name]}
            rows[AuditEvent] = audit.record(self.access(), "persona.updated", persona, changes)
        return rows

    def _colleague(self):
        """A member that nobody of the cast is."""
        user = UserFactory(email=f"colleague@{self.tenant.slug}.example")
        return services.add_member(self.tenant, user, role="viewer")

    def _run(self, agent, name, source):
        run = self.make(
            AgentRunFactory, agent=agent, started_by=self.owner, input=f"What is {name}?",
            version=agent.published_version, source_ids=[source.pk],
        )  # fmt: skip
        step = self.make(RunStepFactory, run=run, position=1)
        self.make(ToolExecutionFactory, run=run, step=step, position=2)
        return run

    def _entangle(self):
        """An open agent that uses what is withheld, and a withheld agent that uses what is open."""
        open_agent, withheld = self.rows[Agent], self.restricted[Agent]
        self.make(AgentToolFactory, agent=open_agent, tool=self.restricted[Tool])
        self.make(AgentSourceFactory, agent=open_agent, source=self.restricted[Source])
        self.make(AgentToolFactory, agent=withheld, tool=self.rows[Tool])
        self.make(AgentSourceFactory, agent=withheld, source=self.rows[Source])
        Agent.unscoped.filter(pk=withheld.pk).update(persona=self.rows[Persona])
        Agent.unscoped.filter(pk=open_agent.pk).update(persona=self.restricted[Persona])
        for rows in (self.rows, self.restricted):
            rows[Agent].refresh_from_db()
            rows[AgentVersion] = publish(rows[Agent])
        Agent.unscoped.filter(pk=open_agent.pk).update(max_steps=9, changed_at=timezone.now())


class World:
    """`home` is where everybody knocks; `abroad` is the stranger's."""

    def __init__(self):
        self.home, self.abroad = Home("acme", "acmeword"), Home("globex", FOREIGN)
        self.users = {**self.home.people, "stranger": self.abroad.owner, "anonymous": None}
        suspended = UserFactory(email="suspended@acme.example")
        services.add_member(self.home.tenant, suspended, role="owner")
        Membership.unscoped.filter(user=suspended).update(is_suspended=True)
        self.users["suspended"] = suspended
        # An owner who made nothing: for what needs a right because it is somebody else's.
        self.co_owner = UserFactory(email="co-owner@acme.example")
        services.add_member(self.home.tenant, self.co_owner, role="owner")
        self.keys = {who: self._key(who) for who in EVERYBODY}

    def _key(self, who):
        """A key with all that its maker may do; the suspended member made it before."""
        if who == "anonymous":
            return ""
        home = self.abroad if who == "stranger" else self.home
        role = "owner" if who in STRANGERS else who
        scopes = sorted(home.access(role).capabilities)
        # A use is noted once a minute, which none of these requests is to pay for.
        used = timezone.now() + timedelta(hours=1)
        made = home.make(ApiKeyFactory, user=self.users[who], scopes=scopes, last_used_at=used)
        return made.token

    def row(self, model, which):
        """The row of a model that a target means, or something that only has an id."""
        if which == "random":
            return SimpleNamespace(pk=NOBODYS, number=987_654)
        rows = self._rows(which)
        if model not in rows:
            raise LookupError(f"Furnish tests.architecture.world.Home with a {model.__name__}.")
        return rows[model]

    def has(self, model, which):
        """Whether this target makes sense for the model."""
        return which == "random" or model in self._rows(which)

    def _rows(self, which):
        return {
            "own": self.home.rows,
            "restricted": self.home.restricted,
            "foreign": self.abroad.rows,
        }[which]
