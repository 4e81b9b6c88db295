"""What a role may do in the whole tenant, and which capability includes which.

A capability is `<action>_<area>`. The actions of an area form a ladder: who may climb to a rung
may do all below it.
"""

LADDERS: dict[str, tuple[str, ...]] = {
    "agents": ("view", "run", "change", "manage"),
    "personas": ("view", "change", "manage"),
    "tools": ("view", "change", "manage"),
    "knowledge": ("view", "upload", "change", "manage"),
    "runs": ("view", "manage"),
    "jobs": ("view", "manage"),
}

LABELS: dict[str, str] = {
    "view_agents": "See agents",
    "run_agents": "Run agents",
    "change_agents": "Create and edit agents",
    "publish_agents": "Publish agents",
    "manage_agents": "Delete and share agents",
    "view_personas": "See personas",
    "change_personas": "Create and edit personas",
    "manage_personas": "Delete and share personas",
    "view_tools": "See tools",
    "change_tools": "Create and edit tools",
    "manage_tools": "Delete and share tools",
    "view_knowledge": "See knowledge",
    "upload_knowledge": "Upload documents",
    "change_knowledge": "Create and edit sources",
    "manage_knowledge": "Delete and share sources",
    "view_runs": "See everybody's runs",
    "manage_runs": "Cancel everybody's runs",
    "view_jobs": "See everybody's jobs",
    "manage_jobs": "Cancel and retry everybody's jobs",
    "view_audit": "See the activity log",
    "manage_secrets": "Keep secrets",
    "manage_providers": "Keep model providers",
    "manage_keys": "Keep API keys",
    "manage_members": "Keep members and roles",
    "manage_tenant": "Keep the organisation itself",
}

_BESIDE_THE_LADDER = {"manage_agents": ("publish_agents",), "publish_agents": ("view_agents",)}

_VIEWER = {f"view_{area}" for area in LADDERS}
_CONTRIBUTOR = (_VIEWER - {"view_runs", "view_jobs"}) | {"run_agents", "upload_knowledge"}
_EDITOR = (
    _VIEWER
    | {"run_agents", "publish_agents", "upload_knowledge", "manage_jobs"}
    | {f"change_{area}" for area in ("agents", "personas", "tools", "knowledge")}
)

BUILT_IN_ROLES: dict[str, tuple[str, set[str]]] = {
    "owner": ("Owner", set(LABELS)),
    "admin": ("Admin", set(LABELS) - {"manage_tenant"}),
    "editor": ("Editor", _EDITOR),
    "contributor": ("Contributor", _CONTRIBUTOR),
    "viewer": ("Viewer", _VIEWER),
}


def sufficient(action: str, area: str) -> tuple[str, ...]:
    """The actions that each include `action` in an area, itself first."""
    if action == "publish":
        return ("publish", "manage")
    ladder = LADDERS[area]
    return ladder[ladder.index(action) :]


def closure(granted: set[str]) -> frozenset[str]:
    """All capabilities that the granted ones include."""
    reached: set[str] = set()
    for capability in granted:
        reached |= {capability, *_BESIDE_THE_LADDER.get(capability, ())}
    for capability in tuple(reached):
        action, area = capability.split("_", 1)
        ladder = LADDERS.get(area, ())
        if action in ladder:
            reached |= {f"{below}_{area}" for below in ladder[: ladder.index(action)]}
    return frozenset(reached)
