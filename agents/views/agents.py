"""The list of agents, and making, reading, changing and deleting one."""

from __future__ import annotations

from operator import attrgetter
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from agents import comparison, publishing, reading, services, specs
from agents.forms import AgentFilters, AgentForm
from agents.models import Agent
from agents.publishing import Incomplete
from personas.rendering import preview
from personas.snapshots import text_of
from tenants import bulk
from tenants.access import Access
from tenants.bulk import Act, Listed, NotDone
from tenants.downloads import export_page
from tenants.lists import ListPage
from tenants.pages import (
    form_status,
    object_page,
    paginate,
    render_page,
    submitted,
    tenant_page,
)
from tenants.views.saved_views import with_saved_views

SORTS = {"name": "name", "changed": "changed_at", "created": "created_at"}


LIST = ListPage(
    "agents",
    "agents:agent-list",
    AgentFilters,
    lambda access: reading.visible_agents(access).with_status(),
    columns=reading.with_columns,
)


@tenant_page("GET")
@with_saved_views(LIST)
def agent_list(request: HttpRequest, access: Access) -> HttpResponse:
    filters, listing = LIST.shown(access, request.GET)
    page = paginate(request, listing, sorts=SORTS, default="-changed")
    context = {"access": access, "page": page, "filters": filters}
    return render_page(request, "agents/agent_list.html", context, partial="results")


COLUMNS = {
    "id": attrgetter("pk"),
    "name": attrgetter("name"),
    "slug": attrgetter("slug"),
    "status": attrgetter("status"),
    "description": attrgetter("description"),
    "model": attrgetter("model"),
    "restricted": attrgetter("is_restricted"),
    "published_at": attrgetter("published_at"),
    "changed_at": attrgetter("changed_at"),
    "created_at": attrgetter("created_at"),
}
agent_export = export_page(LIST, COLUMNS)


def _publish(access: Access, agent: Agent) -> None:
    try:
        version = services.publish_agent(access, agent)
    except Incomplete as lacking:
        raise NotDone(" ".join(lacking.problems)) from lacking
    if version.pk == agent.published_version_id:
        raise NotDone("its draft is what is published already")


bulk.declare(
    Listed(
        page=LIST,
        model=Agent,
        noun="agent",
        nouns="agents",
        acts=(
            Act(
                "publish",
                "Publish",
                "play",
                "Their drafts become what everybody runs. What is published now stays in the list "
                "of versions.",
                "published",
                right="publish",
                do=_publish,
                needs="publish_agents",
                is_danger=False,
            ),
            Act(
                "delete",
                "Delete",
                "trash",
                "Their configuration and their versions are deleted, and programs that use them "
                "get no more answers. This can’t be undone.",
                "deleted",
                right="manage",
                do=services.delete_agent,
                needs="manage_agents",
            ),
        ),
    )
)


@tenant_page("GET", "POST", needs="change_agents")
def agent_create(request: HttpRequest, access: Access) -> HttpResponse:
    form = AgentForm(**submitted(request), access=access, persona=request.GET.get("persona"))
    if form.is_valid():
        agent = services.create_agent(access, **form.draft())
        messages.success(request, f"{agent} was created. Publish it when it is ready.")
        return redirect(agent)
    return _form_page(request, access, form)


@object_page(Agent, "view", "GET")
def agent_detail(request: HttpRequest, access: Access, agent: Agent) -> HttpResponse:
    agent = reading.opened(access, agent)
    text = text_of(agent.persona) if agent.persona else None
    context = {
        "access": access,
        "agent": agent,
        # As pairs: a variable may be called "items", which a template would look up first.
        "values": list(agent.persona_values.items()),
        "prompt": preview(text, agent.persona_values) if text else "",
        **publication(access, agent),
    }
    return render_page(request, "agents/agent_detail.html", context)


@object_page(Agent, "change", "GET", "POST")
def agent_edit(request: HttpRequest, access: Access, agent: Agent) -> HttpResponse:
    tried = request.GET.get("persona")
    form = AgentForm(**submitted(request), instance=agent, access=access, persona=tried)
    if form.is_valid():
        saved = services.update_agent(access, agent, **form.draft())
        messages.success(request, f"{saved} was saved.")
        return redirect(saved)
    return _form_page(request, access, form, agent)


# ── A form that is still being written: shown again as it stands, nothing is saved ────────────


@tenant_page("POST", needs="change_agents")
def draft_find(request: HttpRequest, access: Access) -> HttpResponse:
    """The tools and sources that fit what is typed, for a new agent."""
    form = AgentForm(access=access, unsaved=request.POST)
    return _form_page(request, access, form, piece="found")


@object_page(Agent, "change", "POST")
def agent_find(request: HttpRequest, access: Access, agent: Agent) -> HttpResponse:
    """The same for one that there is."""
    form = AgentForm(instance=agent, access=access, unsaved=request.POST)
    return _form_page(request, access, form, agent, piece="found")


@object_page(Agent, "manage", "POST")
def agent_delete(request: HttpRequest, access: Access, agent: Agent) -> HttpResponse:
    services.delete_agent(access, agent)
    messages.success(request, f"{agent} was deleted.")
    return redirect("agents:agent-list", access.tenant.slug)


def publication(access: Access, agent: Agent) -> dict[str, Any]:
    """What stands between the draft and its publication."""
    draft = specs.draft_spec(agent)
    differences = comparison.with_published(access, agent, draft)
    return {"problems": publishing.told(access, draft), "differences": differences}


def _form_page(
    request: HttpRequest,
    access: Access,
    form: AgentForm,
    agent: Agent | None = None,
    piece: str = "persona_values",
) -> HttpResponse:
    """The form; htmx asks for the persona's values alone when another persona is chosen."""
    opened = reading.headed(access, agent) if agent else None
    context = {"access": access, "form": form, "agent": opened}
    template = "agents/agent_form.html"
    return render_page(request, template, context, partial=piece, status=form_status(form))
