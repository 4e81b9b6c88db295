"""The API's shapes of effective access."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from ninja import Schema
from pydantic import ConfigDict, Field

from tenants.schemas import Out


class ExplainQuery(Schema):
    """Whose access to what: one of the first three, and one of the others."""

    member_id: UUID | None = Field(None, description="Whose access")
    email: str | None = Field(None, description="Whose access, by address", max_length=254)
    key_id: UUID | None = Field(None, description="Which API key’s access")
    agent_id: UUID | None = Field(None, description="Access to this agent")
    persona_id: UUID | None = Field(None, description="Access to this persona")
    tool_id: UUID | None = Field(None, description="Access to this tool")
    knowledge_id: UUID | None = Field(None, description="Access to this source of knowledge")


class ReachQuery(Schema):
    """Whose access to what kind."""

    member_id: UUID = Field(description="Whose access")
    kind: Literal["agents", "personas", "tools", "knowledge"] = Field(
        "agents", description="To objects of this kind"
    )


class ActionOut(Out):
    """One action, and the rule that decides it."""

    action: str
    is_allowed: bool
    rule: str = Field(description="The rule that decides")
    rung: str | None = Field(description="The rung that was granted or denied")
    reason: str = Field(description="The rule in words")


class AccessExplanationOut(Out):
    """What somebody may do with an object, and why."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "may": ["view"],
                "actions": [
                    {
                        "action": "view",
                        "is_allowed": True,
                        "rule": "capability",
                        "rung": None,
                        "reason": "the role may, on all that isn’t restricted",
                    },
                    {
                        "action": "run",
                        "is_allowed": False,
                        "rule": "denied_to_person",
                        "rung": "run",
                        "reason": "denied to this person (run)",
                    },
                ],
            }
        }
    )

    may: list[str] = Field(description="The actions that are allowed")
    actions: list[ActionOut]


class ReachedOut(Out):
    """An object that somebody reaches."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": "0198f2a1-0b5c-7e11-b0d2-9a7c4e5f6a7b",
                "name": "Billing helper",
                "may": ["view", "run"],
                "rule": "granted_to_role",
                "reason": "granted to the role (run)",
            }
        }
    )

    id: UUID
    name: str
    may: list[str]
    rule: str
    reason: str


class PagedReachedOut(Out):
    """A page of objects."""

    items: list[ReachedOut]
    next_cursor: str | None = Field(None, description="Null on the last page.")
