"""The API's shapes of sharing."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from pydantic import ConfigDict, Field
from pydantic.config import JsonDict

from tenants.schemas import Changes, In, Out

Rung = Literal["view", "run", "upload", "change", "manage"]
_MEMBER: JsonDict = {
    "member_id": "0198f2a0-7a11-7d2b-8a44-0c9be1d2f3a4",
    "name": "Ann Example",
    "email": "ann@example.com",
    "role": "Editor",
    "may": ["view", "run"],
    "rule": "granted_to_person",
    "reason": "granted to this person (run)",
}


class ShareIn(In):
    """What a person or a role gets on an object, and what they are denied; null is nothing."""

    model_config = ConfigDict(json_schema_extra={"example": {"allowed": "run", "denied": None}})

    allowed: Rung | None = Field(None, description="The highest rung granted; includes those below")
    denied: Rung | None = Field(None, description="The lowest rung denied; denies those above")


class ShareOut(Out):
    """What stands on the object for one person or role."""

    model_config = ConfigDict(json_schema_extra={"example": {"allowed": "run", "denied": None}})

    allowed: Rung | None
    denied: Rung | None


class AccessChanges(Changes):
    """Whether the object is left to those it is shared with."""

    model_config = ConfigDict(json_schema_extra={"example": {"is_restricted": True}})

    is_restricted: bool


class RoleAccessOut(ShareOut):
    """A role on an object: what stands there for it, and what it may do in all."""

    role_id: UUID
    name: str
    may: list[str] = Field(description="The actions that are allowed to who has the role")
    rule: str = Field(description="The rule that decides")
    reason: str = Field(description="The same in words")


class AccessOut(Out):
    """Whether an object is restricted, and what each role may do with it."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "is_restricted": False,
                "roles": [
                    {
                        "role_id": "0198f2a0-7a11-7d2b-8a44-0c9be1d2f3a5",
                        "name": "Editor",
                        "allowed": None,
                        "denied": "change",
                        "may": ["view", "run"],
                        "rule": "capability",
                        "reason": "the role may, on all that isn’t restricted",
                    }
                ],
            }
        }
    )

    is_restricted: bool
    roles: list[RoleAccessOut]


class MemberAccessOut(ShareOut):
    """A member on an object: what stands there for them, and what they may do in all."""

    model_config = ConfigDict(
        json_schema_extra={"example": {**_MEMBER, "allowed": "run", "denied": None}}
    )

    member_id: UUID
    name: str
    email: str
    role: str
    may: list[str] = Field(description="The actions that are allowed")
    rule: str = Field(description="The rule that decides")
    reason: str = Field(description="The same in words")


class PagedMemberAccessOut(Out):
    """A page of members."""

    items: list[MemberAccessOut]
    next_cursor: str | None = Field(None, description="Null on the last page.")
