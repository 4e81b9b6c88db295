"""The command palette's answers: pages, actions, and objects by name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from agents.models import Agent
from knowledge.models import Document, Source
from personas.models import Persona
from tenants import settings_pages
from tenants.access import Access
from tenants.pages import render_page, tenant_page
from tools.models import Tool

# Of each kind; whoever looks for more opens the list.
SHOWN = 5


@dataclass(frozen=True, slots=True)
class Entry:
    """A page or an action: a URL name, and the capability without which it is not offered."""

    label: str
    icon: str
    url_name: str
    needs: str = ""


PAGES = (
    Entry("Home", "home", "home"),
    Entry("Agents", "agents", "agents:agent-list"),
    Entry("Personas", "personas", "personas:persona-list"),
    Entry("Tools", "tools", "tools:tool-list"),
    Entry("Knowledge", "knowledge", "knowledge:source-list"),
    Entry("Search knowledge", "search", "knowledge:search"),
    Entry("Runs", "runs", "runs:run-list"),
    Entry("Jobs", "jobs", "tenants:job-list"),
    Entry("Activity", "activity", "tenants:event-list", needs="view_audit"),
    *(
        Entry(f"Settings: {page.label}", page.icon, page.url_name, page.needs)
        for page in settings_pages.PAGES
    ),
)
ACTIONS = (
    Entry("New agent", "plus", "agents:agent-create", "change_agents"),
    Entry("New persona", "plus", "personas:persona-create", "change_personas"),
    Entry("New tool", "plus", "tools:tool-create", "change_tools"),
    Entry("New source of knowledge", "plus", "knowledge:source-create", "change_knowledge"),
    Entry("New model provider", "plus", "tenants:provider-create", "manage_providers"),
    Entry("New secret", "plus", "tenants:secret-create", "manage_secrets"),
)


@dataclass(frozen=True, slots=True)
class Option:
    """A line of the palette."""

    label: str
    icon: str
    url: str
    hint: str = ""


@tenant_page("GET")
def palette(request: HttpRequest, access: Access) -> HttpResponse:
    """What matches the words, in groups; without words, where one can go."""
    query = request.GET.get("q", "").replace("\x00", "").strip()[:100]
    context = {"access": access, "query": query, "groups": _groups(access, query)}
    return render_page(request, "palette.html", context, partial="results")


def _groups(access: Access, query: str) -> list[tuple[str, list[Option]]]:
    groups = [
        ("Agents", _objects(access.visible(Agent), query, "agents")),
        ("Documents", _documents(access, query)),
        ("Sources", _objects(access.visible(Source), query, "knowledge") if query else []),
        ("Personas", _objects(access.visible(Persona), query, "personas") if query else []),
        ("Tools", _objects(access.visible(Tool), query, "tools") if query else []),
        ("Actions", _entries(access, () if access.is_read_only else ACTIONS, query)),
        ("Pages", [*_entries(access, PAGES, query), *_platform(access, query)]),
    ]
    return [(title, options) for title, options in groups if options]


def _entries(access: Access, entries: tuple[Entry, ...], query: str) -> list[Option]:
    words = query.casefold().split()
    return [
        Option(entry.label, entry.icon, reverse(entry.url_name, args=[access.tenant.slug]))
        for entry in entries
        if (not entry.needs or access.may(entry.needs))
        and all(word in entry.label.casefold() for word in words)
    ]


def _platform(access: Access, query: str) -> list[Option]:
    if not access.user.is_platform_admin or query.casefold() not in "platform: organisations":
        return []
    return [Option("Platform: Organisations", "shield", reverse("platform:tenant-list"))]


def _objects(rows: QuerySet[Any], query: str, icon: str) -> list[Option]:
    """The rows whose name has the words; without words, those changed last."""
    found = rows.filter(name__icontains=query) if query else rows
    return [
        Option(row.name, icon, row.get_absolute_url())
        for row in found.order_by("-updated_at")[:SHOWN]
    ]


def _documents(access: Access, query: str) -> list[Option]:
    if not query:
        return []
    found = access.visible(Document).filter(name__icontains=query).select_related("source")
    return [
        Option(document.name, "file", document.get_absolute_url(), document.source.name)
        for document in found.order_by("-updated_at")[:SHOWN]
    ]
