"""What differs between two configurations of an agent, in words that people read.

A configuration is told as facts: (section, label) → text. Two tellings are compared fact by fact;
texts of several lines are compared line by line.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from agents.models import Agent, AgentVersion
from agents.specs import AgentSpec, RouteSpec, disclosed, published_spec
from knowledge.models import Source
from personas.snapshots import PersonaSnapshot
from tenants.access import Access
from tenants.differences import Difference, Kind
from tenants.models import Provider
from tools.snapshots import ToolSnapshot

LIMIT_LABELS = {
    "retrieve_k": "Passages",
    "max_steps": "Steps",
    "max_tool_calls": "Tool calls",
    "max_output_tokens": "Longest answer, tokens",
    "timeout_seconds": "Time, seconds",
    "temperature": "Temperature",
}

Facts = dict[tuple[str, str], str]
Names = Mapping[UUID, str]


@dataclass(frozen=True)
class Fact:
    section: str
    label: str
    text: str


def facts(spec: AgentSpec, names: Names) -> Facts:
    """The configuration, told. `names` says what providers and sources are called."""
    told = {
        ("General", "Name"): spec.agent_name,
        ("General", "Description"): spec.description,
        ("Model", "Route"): ", then ".join(_route(route, names) for route in spec.routes),
    }
    told |= _persona(spec.persona, spec.persona_values)
    told |= {("Tools", tool.slug): _tool(tool) for tool in spec.tools}
    told |= {("Knowledge", _name(source, names)): "" for source in spec.source_ids}
    told |= {
        ("Limits", LIMIT_LABELS[name]): "" if value is None else f"{value:,}"
        for name, value in spec.limits
    }
    return told


def differences(before: Facts, after: Facts) -> list[Difference]:
    """In the order of telling, what came before first."""
    keys = list(before) + [key for key in after if key not in before]
    order = {section: place for place, section in enumerate(dict.fromkeys(k[0] for k in keys))}
    keys.sort(key=lambda key: order[key[0]])
    return [
        Difference(*key, _kind(key, before, after), before.get(key, ""), after.get(key, ""))
        for key in keys
        if before.get(key) != after.get(key)
    ]


def told(access: Access, version: AgentVersion) -> list[Fact]:
    """The configuration that a version holds, told."""
    [spec] = disclosed(access, AgentSpec.model_validate(version.spec))
    return [Fact(*key, text) for key, text in facts(spec, _names(access, spec)).items()]


def between(access: Access, before: AgentVersion, after: AgentVersion) -> list[Difference]:
    """What the later version changed."""
    return _between(access, *(AgentSpec.model_validate(each.spec) for each in (before, after)))


def with_published(access: Access, agent: Agent, draft: AgentSpec) -> list[Difference]:
    """What publishing the draft would change; nothing for an agent never published."""
    if agent.published_version is None:
        return []
    return _between(access, published_spec(agent), draft)


def _between(access: Access, before: AgentSpec, after: AgentSpec) -> list[Difference]:
    if before.is_same_as(after):
        return []
    old, new = disclosed(access, before, after)
    names = _names(access, old, new)
    return differences(facts(old, names), facts(new, names))


def _names(access: Access, *mentioned: AgentSpec) -> Names:
    """What the providers and sources in the specs are called now."""
    routes = [route for spec in mentioned for route in spec.routes]
    providers = {route.provider_id for route in routes if route.provider_id}
    sources = {source for spec in mentioned for source in spec.source_ids}
    return _called(access, Provider, providers) | _called(access, Source, sources)


def _called(
    access: Access, model: type[Provider] | type[Source], ids: set[UUID]
) -> dict[UUID, str]:
    rows = access.visible(model).filter(pk__in=ids).values_list("pk", "name")
    return dict(rows) if ids else {}


def _kind(key: tuple[str, str], before: Facts, after: Facts) -> Kind:
    if key not in before:
        return "added"
    return "removed" if key not in after else "changed"


def _name(pk: UUID, names: Names) -> str:
    return names.get(pk, f"no longer there ({str(pk)[-6:]})")


def _route(route: RouteSpec, names: Names) -> str:
    provider = _name(route.provider_id, names) if route.provider_id else "Roster demo"
    return f"{provider} · {route.model}"


def _persona(persona: PersonaSnapshot | None, values: Mapping[str, str]) -> Facts:
    if persona is None:
        return {}
    told = {
        ("Persona", "Name"): persona.name,
        ("Persona", "Role"): persona.role,
        ("Persona", "Tone"): persona.tone,
        ("Persona", "Instructions"): persona.instructions,
    }
    return told | {("Persona", f"Value of {name}"): text for name, text in values.items()}


def _tool(tool: ToolSnapshot) -> str:
    """A tool on several lines, so that a change shows as the line that changed."""
    told = {"Name": tool.name, "Description": tool.description}
    told |= {"Function": tool.builtin} if tool.builtin else _request(tool)
    lines = [f"{label}: {text}" for label, text in told.items() if text]
    # A version comes back from the database with its keys in another order than the tool has.
    parameters = json.dumps(tool.parameters, indent=2, sort_keys=True)
    return "\n".join([*lines, "Parameters:", parameters])


def _request(tool: ToolSnapshot) -> dict[str, str]:
    return {
        "Request": f"{tool.method} {tool.url_template}",
        "Other arguments": tool.send_as,
        "Headers": ", ".join(f"{header.name}: {header.value}" for header in tool.headers),
        "Authorisation": "" if tool.auth == "none" else f"{tool.auth} {tool.auth_header}".strip(),
        "User name": tool.auth_username,
        "Secret": f"…{str(tool.secret_id)[-6:]}" if tool.secret_id else "",
        "Time limit": f"{tool.timeout_seconds} s",
    }
