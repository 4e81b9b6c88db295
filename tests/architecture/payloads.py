"""A valid body for every route that takes one.

A builder gets the organisation that is asked, and `ids`: the ids of related rows by their model.
So the same builder makes a body that points at one's own rows, at foreign or at withheld ones.
A route that isn't listed is sent nothing; the sweep of the audit log finds out if that is wrong.
"""

import json

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

from agents.models import Agent
from knowledge.models import Source
from personas.models import Persona
from tenants.models import Membership, Provider, Role, Secret
from tools.models import Tool

TEXT = "Refunds take five working days."
PERSONA = {
    "name": "Greeter",
    "instructions": "Greet them.",
    "is_active": "on",
    "variables-TOTAL_FORMS": "0",
    "variables-INITIAL_FORMS": "0",
}
HTTP_TOOL = {
    "name": "Weather",
    "slug": "weather",
    "description": "Tells the weather.",
    "method": "GET",
    "url_template": "https://api.example.com/weather",
    "send_as": "query",
    "parameters": '{"type": "object", "properties": {}}',
    "auth": "none",
    "timeout_seconds": "20",
}
LIMITS = {
    "max_steps": "4",
    "max_tool_calls": "4",
    "max_output_tokens": "512",
    "timeout_seconds": "60",
    "retrieve_k": "4",
}


def agent_form(home, ids):
    return {
        "name": "Clerk",
        "slug": "clerk",
        "model": "demo",
        "provider": ids[Provider],
        "fallback_provider_1": ids[Provider],
        "fallback_model_1": "large",
        "persona": ids[Persona],
        "tools": [ids[Tool]],
        "sources": [ids[Source]],
        **LIMITS,
    }


def agent_json(home, ids):
    return {
        "name": "Clerk",
        "provider_id": ids[Provider],
        "fallbacks": [{"provider_id": ids[Provider], "model": "large"}],
        "persona_id": ids[Persona],
        "tool_ids": [ids[Tool]],
        "source_ids": [ids[Source]],
    }


def provider_form(home, ids):
    return {
        "name": "Vendor",
        "kind": "openai",
        "base_url": "https://models.example.com/v1",
        "secret": ids[Secret],
        "key": "correct horse battery staple",  # what SecretFactory seals
        "default_model": "large",
    }


def price_form(home, ids):
    return {"model": "large", "input_mtok": "3", "output_mtok": "15", "currency": "EUR"}


def sign_in_form(home, ids):
    return {
        "name": "Our login",
        "kind": "openid",
        "server_url": "https://id.example.net",
        "client_id": "roster",
        "client_secret": "a long client secret",
        "domains": "example.net",
        "role": ids[Role],
        "is_enabled": "on",
    }


def file(field):
    return {field: SimpleUploadedFile("handbook.txt", TEXT.encode())}


PAGES = {
    "agents:agent-create": agent_form,
    "agents:agent-edit": agent_form,
    "agents:agent-find": lambda home, ids: {"find_tools": "thing"},
    "agents:draft-find": lambda home, ids: {"find_sources": "thing"},
    "tenants:draft-key-find": lambda home, ids: {"find_agents": "thing"},
    "tenants:key-find": lambda home, ids: {"find_agents": "thing"},
    "agents:agent-publish": lambda home, ids: {"note": "First"},
    "runs:agent-console": lambda home, ids: {"input": "How long do refunds take?"},
    "knowledge:source-create": lambda home, ids: {"name": "Handbook", "kind": "upload"},
    "knowledge:source-edit": lambda home, ids: {"name": "Handbook"},
    "knowledge:source-upload": lambda home, ids: file("files"),
    "knowledge:text-create": lambda home, ids: {"name": "Refunds", "text": TEXT},
    "knowledge:document-replace": lambda home, ids: file("file"),
    "personas:persona-create": lambda home, ids: PERSONA,
    "personas:persona-edit": lambda home, ids: PERSONA,
    "personas:draft-preview": lambda home, ids: {**PERSONA, "persona": ids[Persona]},
    "personas:draft-add-variable": lambda home, ids: {**PERSONA, "persona": ids[Persona]},
    "personas:draft-remove-variable": lambda home, ids: {**PERSONA, "persona": ids[Persona]},
    "tools:tool-create": lambda home, ids: HTTP_TOOL,
    "tools:tool-edit": lambda home, ids: HTTP_TOOL,
    "tools:builtin-create": lambda home, ids: {"name": "Clock", "builtin": "current_time"},
    "tools:tool-try": lambda home, ids: {"arg-order_id": "A-1"},
    "tenants:view-create": lambda home, ids: {"name": "Drafts", "query": "status=draft"},
    "tenants:view-edit": lambda home, ids: {"name": "Only drafts"},
    "tenants:view-default": lambda home, ids: {"is_default": "on"},
    "tenants:bulk-act": lambda home, ids: {"ids": ids[Agent]},
    "tenants:event-export": lambda home, ids: {"format": "csv"},
    "agents:agent-export": lambda home, ids: {"format": "json"},
    "personas:persona-export": lambda home, ids: {"format": "json"},
    "tools:tool-export": lambda home, ids: {"format": "json"},
    "knowledge:source-export": lambda home, ids: {"format": "json"},
    "runs:run-export": lambda home, ids: {"format": "json"},
    "tenants:job-export": lambda home, ids: {"format": "json"},
    "tenants:member-export": lambda home, ids: {"format": "json"},
    "tenants:invitation-create": lambda home, ids: {
        "delivery": "link",
        "role": ids[Role],
        "days": "7",
    },
    "tenants:member-edit": lambda home, ids: {"role": ids[Role]},
    "tenants:role-create": lambda home, ids: {"label": "Auditor", "capabilities": ["view_runs"]},
    "tenants:role-edit": lambda home, ids: {"label": "Auditor", "capabilities": ["view_runs"]},
    "tenants:role-delete": lambda home, ids: {},
    "tenants:tenant-edit": lambda home, ids: {
        "name": "Acme & Daughters",
        "slug": home.tenant.slug,
        "time_zone": "Europe/Amsterdam",
        "default_provider": ids[Provider],
        "allowed_hosts": "api.example.com",
    },
    "tenants:tenant-archive": lambda home, ids: {"typed": home.tenant.slug},
    "tenants:ownership-transfer": lambda home, ids: {"member": ids[Membership]},
    "tenants:provider-create": provider_form,
    "tenants:provider-edit": provider_form,
    "tenants:key-create": lambda home, ids: {
        "name": "Import",
        "scopes": ["view_agents"],
        "rate_seconds": "60",
    },
    "tenants:key-edit": lambda home, ids: {
        "name": "Import",
        "scopes": ["view_agents"],
        "rate_seconds": "60",
    },
    "tenants:key-rotate": lambda home, ids: {"overlap_hours": "24"},
    "tenants:key-limit": lambda home, ids: {"rate_limit": "600", "rate_seconds": "60"},
    "tenants:provider-default-model": lambda home, ids: {"model": "larger"},
    "tenants:price-create": price_form,
    "tenants:price-edit": price_form,
    "tenants:factor-require": lambda home, ids: {"required": "on"},
    "tenants:sign-in-create": sign_in_form,
    "tenants:sign-in-edit": sign_in_form,
    "tenants:secret-create": lambda home, ids: {"name": "Token", "value": "a long value"},
    "tenants:secret-edit": lambda home, ids: {"name": "Token", "value": "another value"},
}

OPERATIONS = {
    "create_agent": agent_json,
    "update_agent": agent_json,
    "publish_agent": lambda home, ids: {"note": "First"},
    "assign_tool": lambda home, ids: {"tool_id": ids[Tool]},
    "assign_knowledge": lambda home, ids: {"knowledge_id": ids[Source]},
    "execute_agent": lambda home, ids: {"input": "How long do refunds take?"},
    "stream_agent": lambda home, ids: {"input": "How long do refunds take?"},
    "create_api_key": lambda home, ids: {"name": "Import", "scopes": ["manage_keys"]},
    "update_api_key": lambda home, ids: {"name": "Another"},
    "rotate_api_key": lambda home, ids: {"overlap_hours": 24},
    "create_persona": lambda home, ids: {"name": "Greeter", "instructions": "Greet them."},
    "update_persona": lambda home, ids: {"tone": "formal"},
    "render_persona": lambda home, ids: {"values": {"company": "Acme"}},
    "create_tool": lambda home, ids: {
        "name": "Weather",
        "description": "Tells the weather.",
        "url_template": "https://api.example.com/weather",
    },
    "update_tool": lambda home, ids: {"timeout_seconds": 30},
    "try_tool": lambda home, ids: {"arguments": {"order_id": "A-1"}},
    "create_knowledge": lambda home, ids: {"name": "Handbook"},
    "update_knowledge": lambda home, ids: {"description": "All of it."},
    "add_document": lambda home, ids: {"name": "Refunds", "text": TEXT},
    "search_knowledge": lambda home, ids: {"query": "refunds", "source_ids": [ids[Source]]},
    "upload_knowledge": lambda home, ids: {**file("files"), "knowledge_id": ids[Source]},
}
# A query that an operation needs to be allowed through where the furniture is in use.
QUERIES = {
    "tenants:bulk-act": lambda home, ids: {"id": ids[Agent]},
    "api:explain_access": lambda home, ids: {"member_id": ids[Membership], "agent_id": ids[Agent]},
    "api:list_reach": lambda home, ids: {"member_id": ids[Membership]},
    "api:delete_persona": {"force": "true"},
    "api:delete_tool": {"force": "true"},
    "api:delete_knowledge": {"force": "true"},
}
# Parameters of which a query has one alone.
ONE_OF = {
    "api:explain_access": (
        ("member_id", "email", "key_id"),
        ("agent_id", "persona_id", "tool_id", "knowledge_id"),
    ),
}

for app, kind in (
    ("agents", "agent"),
    ("personas", "persona"),
    ("tools", "tool"),
    ("knowledge", "source"),
):
    PAGES[f"{app}:{kind}-restrict"] = lambda home, ids: {"is_restricted": "on"}
    PAGES[f"{app}:{kind}-share"] = lambda home, ids: {"member": ids[Membership], "denied": "view"}
    PAGES[f"{app}:{kind}-share-with"] = lambda home, ids: {"role": ids[Role], "allowed": "manage"}
for kind in ("agent", "persona", "tool", "knowledge"):
    OPERATIONS[f"update_{kind}_access"] = lambda home, ids: {"is_restricted": True}
    OPERATIONS[f"share_{kind}_with_member"] = lambda home, ids: {"allowed": "view"}
    OPERATIONS[f"share_{kind}_with_role"] = lambda home, ids: {"denied": "manage"}


class Ids:
    """Ids by model, noting which were asked for; one model's can be another target's."""

    def __init__(self, world, swapped=None, which="own"):
        self.world, self.swapped, self.which = world, swapped, which
        self.asked = []

    def __getitem__(self, model):
        if model not in self.asked:
            self.asked.append(model)
        which = self.which if model is self.swapped else "own"
        return str(self.world.row(model, which).pk)


def related(route, world):
    """The models whose ids this route's body has, or its usual query."""
    ids = Ids(world)
    if build := _builder(route):
        build(world.home, ids)
    if callable(build := QUERIES.get(route.name)):
        build(world.home, ids)
    return ids.asked


def may_point(route):
    """Whether its body or its usual query has, perhaps, ids of rows."""
    return bool(_builder(route)) or callable(QUERIES.get(route.name))


def query_of(route, world, swapped=None, which="own", **_):
    """The query without which this route is not asked; its ids may be another target's."""
    usual = QUERIES.get(route.name)
    return usual(world.home, Ids(world, swapped, which)) if callable(usual) else usual


def query_with(route, world, name, model, which):
    """The route's query with this parameter, in the place of those that it excludes."""
    excluded = {n for names in ONE_OF.get(route.name, ()) if name in names for n in names}
    usual = query_of(route, world) or {}
    kept = {n: value for n, value in usual.items() if n not in excluded}
    return {**kept, name: str(world.row(model, which).pk)}


def _builder(route):
    if route.method not in ("POST", "PUT", "PATCH"):
        return None
    return PAGES.get(route.name) if route.is_page else OPERATIONS.get(route.name[4:])


def request_arguments(route, world, swapped=None, which="own", extra=None):
    """What the test client takes: the encoded body with its type."""
    build = _builder(route)
    body = build(world.home, Ids(world, swapped, which)) if build else {}
    body = {**body, **(extra or {})}
    if route.method not in ("POST", "PUT", "PATCH"):
        return {}
    if route.is_page or is_multipart(route):
        return {"data": encode_multipart(BOUNDARY, body), "content_type": MULTIPART_CONTENT}
    if not (route.operation or {}).get("requestBody"):
        return {}
    return {"data": json.dumps(body), "content_type": "application/json"}


def is_multipart(route):
    content = (route.operation or {}).get("requestBody", {}).get("content", {})
    return "multipart/form-data" in content
