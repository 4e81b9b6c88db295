"""Whether whoever asked for a run, or watches one, still may: asked anew while it goes on."""

from __future__ import annotations

from django.http import Http404

from agents.models import Agent
from agents.runs.models import AgentRun
from tenants.access import Access
from tenants.models import ApiKey

ENDED_CODE = "access_ended"
ENDED = "Whoever asked for this may no longer run the agent, so it went no further."
NO_LONGER_SEEN = "You may no longer see this run."


class RightsEnded(Exception):
    """Membership, role, grant or key no longer allow what was allowed before."""


def to_run(access: Access, run: AgentRun) -> Access:
    """The rights of now of whoever asked for this run. Raises RightsEnded where they no longer
    include running its agent, which may have been deleted, too."""
    renewed = _renewed(access)
    agents = renewed.visible(Agent, _needed(run))
    if run.agent_id is None or not agents.filter(pk=run.agent_id).exists():
        raise RightsEnded(ENDED)
    return renewed


def to_watch(access: Access, run: AgentRun) -> Access:
    """The rights of now of whoever watches. Raises RightsEnded where they may not see it now."""
    renewed = _renewed(access)
    if not renewed.visible(AgentRun).filter(pk=run.pk).exists():
        raise RightsEnded(NO_LONGER_SEEN)
    return renewed


def _renewed(access: Access) -> Access:
    try:
        return access.renewed()
    except Http404 as error:
        raise RightsEnded(why_key_ended(access.key) or ENDED) from error


def why_key_ended(key: ApiKey | None) -> str:
    """That the key was revoked or has expired meanwhile; else empty."""
    present = ApiKey.unscoped.filter(pk=key.pk).first() if key else None
    return present.why_ended if present else ""


def _needed(run: AgentRun) -> str:
    return "change" if run.is_draft else "run"
