"""Measure 6: the page of 50 of 100,000 agents, for who has a role and for who has grants."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

from django.contrib.auth.models import Permission
from django.contrib.postgres.expressions import ArraySubquery
from django.db import connection
from django.db.models import F, OuterRef
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template import engines
from django.test import Client, override_settings
from django.urls import path

from agents.models import Agent, AgentSource, AgentTool, AgentUserGrant
from agents.views.agents import SORTS
from benchmarks.harness import Figure, alternate, measure, percentile
from config import web
from config.urls import urlpatterns as real_patterns
from tenants import services, viewed_lists
from tenants.access import Access
from tenants.models import Role, Tenant, User
from tenants.paging import Page

AGENTS, GRANTS, REQUESTS = 100_000, 200, 60
_SLUG, _BACKEND = "many-agents", "tenants.sign_in.PasswordBackend"
_PEOPLE = ("role-holder", "granted", "denied")
_TABLE = """<!doctype html><title>Agents</title><table>{% for agent in rows %}<tr>
<td><a href="/t/{{ slug }}/agents/{{ agent.pk }}/">{{ agent.name }}</a></td>
<td>{{ agent.model }}</td><td>{{ agent.changed_at }}</td></tr>{% endfor %}</table>"""


def bare_list(request: HttpRequest, slug: str) -> HttpResponse:
    """The least that a page of these rows does: the session, one query, a table."""
    if not request.user.is_authenticated:
        return HttpResponse(status=401)
    # By its id: joined by its slug, PostgreSQL would sort all of the tenant's rows.
    tenant = Tenant.objects.get(slug=slug)
    return HttpResponse(_table().render({"rows": _newest(tenant)[:50], "slug": slug}, request))


def drawn_list(request: HttpRequest, slug: str) -> HttpResponse:
    """The same, drawn as our page is, frame, columns and all, of one plain query: nothing is asked
    about rights or filters."""
    if not request.user.is_authenticated:
        return HttpResponse(status=401)
    tenant = Tenant.objects.get(slug=slug)
    rows = list(_with_columns(_newest(tenant))[:50])
    for row in rows:
        row.tenant = tenant
    capabilities = frozenset(("view_agents", "view_personas", "view_tools", "view_knowledge"))
    who = Access(request.user, tenant, Role(tenant=tenant), capabilities)
    request.saved_views = (viewed_lists.find("agents"), [], {})  # type: ignore[attr-defined]
    page = Page(rows, "", "", "-changed", SORTS, "1,000+")
    context = {"access": who, "page": page, "filters": None}
    return render(request, "agents/agent_list.html", context)


def _newest(tenant: Tenant) -> Any:
    return Agent.unscoped.filter(tenant=tenant).order_by("-changed_at", "-id")


def _with_columns(agents: Any) -> Any:
    """What our page's columns tell of each row, whoever asks."""
    links = {
        name: ArraySubquery(link.unscoped.filter(agent=OuterRef("pk")).values("pk"))
        for name, link in (("source_ids", AgentSource), ("tool_ids", AgentTool))
    }
    named = agents.with_status().annotate(persona_name=F("persona__name"), **links)
    return named.select_related("provider", "published_version").defer("published_version__spec")


@cache
def _table() -> Any:
    """Compiled once, as our templates are."""
    return engines["django"].from_string(_TABLE)


# The addresses while this is measured.
urlpatterns = [
    path("bare/<slug:slug>/", bare_list),
    path("drawn/<slug:slug>/", drawn_list),
    *real_patterns,
]


@measure("6 list of agents", goal="≤ 1.5")
def list_of_agents(rounds: int) -> Iterator[Figure]:
    """Our page against bare views of as many rows, drawn as ours and as a plain table; and what
    rights cost: against an owner's page, and its rows against those of a plain query."""
    tenant = _furnished()
    web.collect_static()  # pages name static files by their content
    web.keep_loaded()  # as the web process does
    with override_settings(ROOT_URLCONF=__name__, ALLOWED_HOSTS=["testserver"]):
        owners = _p95(_signed_in("owner"), f"/t/{tenant.slug}/agents/")
        for name in _PEOPLE:
            client = _signed_in(name)
            ours = _p95(client, f"/t/{tenant.slug}/agents/")
            bare = _p95(client, f"/bare/{tenant.slug}/")
            drawn = _p95(client, f"/drawn/{tenant.slug}/")
            yield Figure(f"50 of {AGENTS:,} agents, {name}, p95", *alternate(rounds, ours, drawn))
            yield Figure(f"a bare table, {name}, p95", *alternate(rounds, ours, bare))
            yield Figure(f"the owner's page, {name}, p95", *alternate(rounds, ours, owners))
            yield Figure(
                f"its rows alone, {name}, p95", *alternate(rounds, _rows(name), _rows(None)),
            )  # fmt: skip


def _signed_in(name: str) -> Client:
    client = Client()
    client.force_login(User.objects.get(email=_email(name)), backend=_BACKEND)
    return client


def _p95(client: Client, address: str) -> Callable[[], float]:
    def one_round() -> float:
        return _timed(lambda: _get(client, address))

    return one_round


def _rows(name: str | None) -> Callable[[], float]:
    """Reading 50 rows as this person may, or of the tenant as a whole."""

    def read() -> None:
        found = Agent.unscoped.filter(tenant=Tenant.objects.get(slug=_SLUG))
        if name:
            found = Access.of(User.objects.get(email=_email(name)), _SLUG).visible(Agent)
        list(found.order_by("-changed_at", "-id")[:51])

    return lambda: _timed(read)


def _timed(once: Callable[[], object]) -> float:
    took = []
    for _ in range(REQUESTS):
        started = time.perf_counter()
        once()
        took.append((time.perf_counter() - started) * 1000)
    return percentile(took, 0.95)


def _get(client: Client, address: str) -> None:
    if client.get(address).status_code != 200:
        sys.exit(f"{address} can't be read")


# ── What is measured ──────────────────────────────────────────────────────────────────────────


def _email(name: str) -> str:
    return f"{name}@{_SLUG}.example"


def _furnished() -> Tenant:
    """The tenant with its agents, a tenth of them restricted; made once and kept."""
    found = Tenant.objects.filter(slug=_SLUG).first()
    if found and Agent.unscoped.filter(tenant=found).count() >= AGENTS:
        return found
    print(f"making {AGENTS:,} agents, once …", flush=True)
    owner, _ = User.objects.get_or_create(email=_email("owner"))
    tenant = found or services.create_tenant(slug=_SLUG, name="Many agents", owner=owner)
    agents = Agent.unscoped.bulk_create(
        (
            Agent(tenant=tenant, name=f"Agent {n}", slug=f"agent-{n}", is_restricted=n % 10 == 0)
            for n in range(AGENTS)
        ),
        batch_size=5_000,
    )
    _people(Access.of(owner, _SLUG), agents)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE agents_agent, agents_agentusergrant")
    return tenant


def _people(access: Access, agents: list[Agent]) -> None:
    """One with the viewer's role; one whose role holds nothing, with grants; one with denials."""
    nothing = services.create_role(access, label="Nothing", capabilities=())
    spread = agents[:: AGENTS // GRANTS][:GRANTS]
    for name, role, entry in zip(
        _PEOPLE, ("viewer", nothing.slug, "viewer"), ("", "view_agent", "deny_view_agent"),
        strict=True,
    ):  # fmt: skip
        user, _ = User.objects.get_or_create(email=_email(name))
        services.add_member(access.tenant, user, role=role)
        if entry:
            permission = Permission.objects.get(
                content_type__app_label="agents", content_type__model="agent", codename=entry
            )
            AgentUserGrant.objects.bulk_create(
                AgentUserGrant(permission=permission, user=user, content_object=agent)
                for agent in spread
            )
