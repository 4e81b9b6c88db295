"""Publishing a draft."""

from __future__ import annotations

from django.db.models import Max
from django.utils import timezone

from agents import publishing, specs
from agents.models import Agent, AgentVersion
from agents.publishing import Incomplete
from agents.services.drafts import locked
from tenants import audit
from tenants.access import Access


@audit.atomic()
def publish_agent(access: Access, agent: Agent, note: str = "") -> AgentVersion:
    """Make the draft the version that everybody runs.

    Harmless when nothing changed: the current version comes back. Raises Incomplete when the
    draft lacks something.
    """
    agent = locked(agent)
    began, draft = timezone.now(), specs.draft_spec(agent)
    if lacking := publishing.told(access, draft):
        raise Incomplete(lacking)
    version = agent.published_version
    if version is None or not draft.is_same_as(specs.published_spec(agent)):
        version = _new_version(access, agent, draft, note)
    agent.published_version, agent.published_at = version, began
    agent.save(update_fields=["published_version", "published_at"])
    return version


def _new_version(access: Access, agent: Agent, draft: specs.AgentSpec, note: str) -> AgentVersion:
    last = agent.versions.aggregate(last=Max("number"))["last"] or 0
    spec = draft.model_copy(update={"version": last + 1}).model_dump(mode="json")
    version = AgentVersion(
        tenant=agent.tenant,
        agent=agent,
        number=last + 1,
        spec=spec,
        note=note,
        published_by=access.user,
    )
    version.save(force_insert=True)
    changes = {"version": [last or None, last + 1], "note": ["", note]}
    audit.record(access, "agent.published", agent, changes)
    return version
