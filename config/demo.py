"""The demo organisation: something to try at once, with no key and no network."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction

import agents.services
import knowledge.services
import personas.services
import tools.services
from agents.models import Agent
from knowledge.models import Source
from tenants.access import Access
from tenants.models import Tenant, User
from tenants.services import create_tenant
from tools.models import Tool

SLUG = "demo"
OWNER = "owner@demo.example"
NEIGHBOUR, NEIGHBOURS_OWNER = "birch", "owner@birch.example"
DOCUMENTS = Path(__file__).parent / "demo_documents"
INSTRUCTIONS = """Answer questions of customers of {{shop}} from the documents you are given.
Say what to do first, then by when. Cite the passage behind every claim.
When the documents do not say, tell the customer so and offer {{contact}}."""


@dataclass(frozen=True, slots=True)
class Demo:
    """What was made; `password` is empty when the owner existed already."""

    tenant: Tenant
    email: str
    password: str


@transaction.atomic
def seed() -> Demo:
    """Make the demo organisation; what is there already stays as people left it."""
    tenant = Tenant.objects.filter(slug=SLUG).first()
    if tenant:
        return Demo(tenant, OWNER, "")
    owner, password = _owner()
    tenant = create_tenant(slug=SLUG, name="Aster Outdoor", owner=owner)
    _neighbour()
    access = Access.of(owner, SLUG)
    _agent(access, _handbook(access), _clock(access))
    return Demo(tenant, OWNER, password)


def _owner() -> tuple[User, str]:
    owner = User.objects.filter(email=OWNER).first()
    if owner:
        return owner, ""
    password = secrets.token_urlsafe(12)
    # Who tries Roster on a machine of their own looks after it, too; in production nobody does
    # without being told to by `manage.py create_platform_admin`.
    looks_after_all = settings.ROSTER_ENV == "demo"
    made = User.objects.create_user(
        OWNER, password, name="Demo Owner", is_platform_admin=looks_after_all
    )
    return made, password


def _neighbour() -> None:
    """Another organisation, to which the demo's owner does not belong: the platform page has it."""
    if not Tenant.objects.filter(slug=NEIGHBOUR).exists():
        owner = User.objects.filter(email=NEIGHBOURS_OWNER).first()
        owner = owner or User.objects.create_user(NEIGHBOURS_OWNER, name="Birch Owner")
        create_tenant(slug=NEIGHBOUR, name="Birch Books", owner=owner)


def _handbook(access: Access) -> Source:
    source = knowledge.services.create_source(
        access, name="Support handbook", description="What the support desk promises and how."
    )
    files = [
        SimpleUploadedFile(path.name, path.read_bytes()) for path in sorted(DOCUMENTS.glob("*.md"))
    ]
    knowledge.services.upload_documents(access, source, files)
    return source


def _clock(access: Access) -> Tool:
    return tools.services.create_tool(
        access,
        name="Current time",
        slug="current_time",
        kind="builtin",
        builtin="current_time",
        description="Tells the current date and time in a time zone.",
    )


def _agent(access: Access, source: Source, clock: Tool) -> Agent:
    persona = personas.services.create_persona(
        access,
        name="Patient explainer",
        role="A member of the support desk",
        tone="Warm, brief and exact; no jargon.",
        instructions=INSTRUCTIONS,
        variables=[
            {"name": "shop", "description": "The shop's name", "default": "Aster Outdoor"},
            {"name": "contact", "description": "Who helps next", "default": "a call back"},
        ],
    )
    agent = agents.services.create_agent(
        access,
        name="Support helper",
        slug="support-helper",
        description="Answers customers from the support handbook.",
        persona=persona,
        tools=[clock],
        sources=[source],
    )
    agents.services.publish_agent(access, agent, "The first version")
    return agent
