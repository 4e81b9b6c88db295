"""Publishing, and the versions that were published."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect

from agents import comparison, publishing, reading, services
from agents.forms import PublishForm
from agents.models import Agent, AgentVersion
from agents.views.agents import publication
from tenants.access import Access
from tenants.pages import form_status, object_page, paginate, render_page, submitted


@object_page(Agent, "publish", "GET", "POST")
def agent_publish(request: HttpRequest, access: Access, agent: Agent) -> HttpResponse:
    form = PublishForm(**submitted(request))
    if form.is_valid():
        try:
            version = services.publish_agent(access, agent, form.cleaned_data["note"])
        except publishing.Incomplete as error:
            form.add_error(None, error.problems)
        else:
            messages.success(request, f"{version} is what everybody runs now.")
            return redirect(agent)
    agent = reading.opened(access, agent)
    context = {"access": access, "agent": agent, "form": form, **publication(access, agent)}
    return render_page(request, "agents/agent_publish.html", context, status=form_status(form))


@object_page(Agent, "view", "GET")
def version_list(request: HttpRequest, access: Access, agent: Agent) -> HttpResponse:
    versions = access.visible(AgentVersion).filter(agent=agent).select_related("published_by")
    versions = versions.defer("spec")
    page = paginate(request, versions, sorts={"number": "number"}, default="-number")
    context = {"access": access, "agent": reading.opened(access, agent), "page": page}
    return render_page(request, "agents/version_list.html", context)


@object_page(Agent, "view", "GET")
def version_detail(request: HttpRequest, access: Access, agent: Agent, number: int) -> HttpResponse:
    known = access.visible(AgentVersion).filter(agent=agent).select_related("published_by")
    version = known.filter(number=number).first()
    if version is None:
        raise Http404("No such version.")
    previous = known.filter(number__lt=number).order_by("-number").first()
    context = {
        "access": access,
        "agent": reading.opened(access, agent),
        "version": version,
        "previous": previous,
        "facts": comparison.told(access, version),
        "differences": comparison.between(access, previous, version) if previous else [],
    }
    return render_page(request, "agents/version_detail.html", context)
