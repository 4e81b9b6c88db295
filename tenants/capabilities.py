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

# What each means for whoever has to decide who gets it.
DESCRIPTIONS: dict[str, str] = {
    "view_agents": "Open every agent that isn’t restricted, with its settings and versions.",
    "run_agents": "Put questions to published agents, in the console and by API. This costs money.",
    "change_agents": "Make agents and change their drafts: model, persona, tools, knowledge.",
    "publish_agents": "Put a draft into effect for everybody who uses the agent, and roll back.",
    "manage_agents": "Delete agents, restrict them, and decide who else may use them.",
    "view_personas": "Read the personas that agents speak with.",
    "change_personas": "Write personas. Agents speak with the new text when they are published.",
    "manage_personas": "Delete personas, restrict them, and decide who else may use them.",
    "view_tools": "Read what tools there are and where they connect to, without their secrets.",
    "change_tools": "Decide to which addresses agents send what, and with which secret.",
    "manage_tools": "Delete tools, restrict them, and decide who else may use them.",
    "view_knowledge": "Read all documents of sources that aren’t restricted, and search them.",
    "upload_knowledge": "Add documents to sources that are there.",
    "change_knowledge": "Make sources, and rename, replace or delete documents in them.",
    "manage_knowledge": "Delete whole sources, restrict them, and decide who else may use them.",
    "view_runs": "Read what everybody asked and what was answered. One’s own runs need no right.",
    "manage_runs": "Stop runs that somebody else has started.",
    "view_jobs": "Follow everybody’s background work, as far as what it is about may be seen.",
    "manage_jobs": "Stop and repeat background work that somebody else has asked for.",
    "view_audit": "Read who changed what, when, from what to what.",
    "manage_secrets": "Put in, replace and delete keys and passwords. Nobody can read them back.",
    "manage_providers": "Connect accounts at model vendors, which cost money.",
    "manage_keys": "See and end everybody’s API keys. One’s own need no right.",
    "manage_members": "Invite, suspend and remove people and make roles, up to one’s own rights.",
    "manage_tenant": "Rename, set up and archive the organisation.",
}

# How a page groups them; what belongs to no area concerns the organisation as a whole.
GROUPS: dict[str, str] = {
    "agents": "Agents",
    "personas": "Personas",
    "tools": "Tools",
    "knowledge": "Knowledge",
    "runs": "Runs",
    "jobs": "Jobs",
    "": "Organisation",
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


BUILT_IN_DESCRIPTIONS: dict[str, str] = {
    "owner": "May do everything. Restrictions don’t bind owners, and only they make others owner.",
    "admin": "Runs the organisation day by day: everything but renaming and archiving it.",
    "editor": "Builds and publishes agents, personas, tools and knowledge.",
    "contributor": "Uses agents and uploads the documents that they answer from.",
    "viewer": "Looks at everything that isn’t restricted, and changes nothing.",
}


def group_of(capability: str) -> str:
    """The key of GROUPS under which a capability stands."""
    area = capability.split("_", 1)[1]
    return area if area in LADDERS else ""


def sufficient(action: str, area: str) -> tuple[str, ...]:
    """The actions that each include `action` in an area, itself first."""
    if action == "publish":
        return ("publish", "manage")
    ladder = LADDERS[area]
    return ladder[ladder.index(action) :]


def denying(action: str, area: str) -> tuple[str, ...]:
    """The rungs whose denial denies `action`: itself and those that it includes.

    Publishing is more than changing, so whoever may not change may not publish either.
    """
    ladder = LADDERS[area]
    return ladder[: ladder.index("change" if action == "publish" else action) + 1]


def denials(area: str, model_name: str) -> list[tuple[str, str]]:
    """The permissions by which a model's rows are denied, for its `Meta.permissions`."""
    return [
        (f"deny_{rung}_{model_name}", f"Is denied to {rung} {model_name}") for rung in LADDERS[area]
    ]


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
