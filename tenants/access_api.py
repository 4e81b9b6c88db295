"""The API of effective access: what somebody may do with what, and which rule decides it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404
from ninja import Query

from tenants import explaining, sharing
from tenants.access import Access
from tenants.api import ApiRequest, Problems, Router
from tenants.effective_schemas import (
    AccessExplanationOut,
    ExplainQuery,
    PagedReachedOut,
    ReachQuery,
)
from tenants.models import ApiKey, Membership, Shareable
from tenants.paging import KeysetPagination
from tenants.problems import Problem

router = Router(tags=["access"])

# Parameter of `explain` → the area of the object that it names.
OBJECTS = {
    "agent_id": "agents",
    "persona_id": "personas",
    "tool_id": "tools",
    "knowledge_id": "knowledge",
}


@router.get("/explain", response={200: AccessExplanationOut, **Problems}, summary="Explain access")
def explain_access(request: ApiRequest, asked: Query[ExplainQuery]) -> dict[str, Any]:
    """What a member, or one of the API keys, may do with one object: each action with the rule
    that decides it. Of objects that the caller may not see nothing is told."""
    access = request.auth
    access.require("manage_members")
    row = _object(access, asked)
    standing = _standing(access, asked, row)
    return {
        "may": standing.allowed,
        "actions": [
            {
                "action": action,
                "is_allowed": verdict.is_allowed,
                "rule": verdict.rule,
                "rung": verdict.rung or None,
                "reason": explaining.words(verdict),
            }
            for action, verdict in standing.verdicts.items()
        ],
    }


@router.get(
    "/reach", response={200: PagedReachedOut, **Problems}, summary="List what a member reaches"
)
def list_reach(
    request: ApiRequest, asked: Query[ReachQuery], paging: Query[KeysetPagination.Input]
) -> dict[str, Any]:
    """The objects of one kind that a member may see, of those that the caller may see, by name."""
    access = request.auth
    access.require("manage_members")
    member = _member(access, asked.member_id)
    rows = explaining.reached(member, access.visible(explaining.models()[asked.kind]))
    page = KeysetPagination().paginate_queryset(rows.order_by("name"), paging, request)
    standings = explaining.of_member(member, page["items"])
    items = [
        {
            "id": row.pk,
            "name": row.name,
            "may": standing.allowed,
            "rule": standing.deciding.rule,
            "reason": standing.reason,
        }
        for row, standing in zip(page["items"], standings, strict=True)
    ]
    return {**page, "items": items}


def _object(access: Access, asked: ExplainQuery) -> Shareable:
    """The one object that is named."""
    named = [(area, pk) for name, area in OBJECTS.items() if (pk := getattr(asked, name))]
    if len(named) != 1:
        raise Problem.invalid("/query", f"Name one object, by one of {', '.join(OBJECTS)}.")
    [(area, pk)] = named
    return access.get(explaining.models()[area], pk)


def _standing(access: Access, asked: ExplainQuery, row: Shareable) -> explaining.Standing:
    """Of the member or of the key that is named."""
    if sum(who is not None for who in (asked.member_id, asked.email, asked.key_id)) != 1:
        raise Problem.invalid("/query", "Name a member by member_id or email, or a key by key_id.")
    if asked.key_id:
        return explaining.of_key(access.get(ApiKey, asked.key_id), row)
    if asked.email is not None:
        found = sharing.member_by_email(access, asked.email)
        if found is None:
            return explaining.shut_out(type(row), "not_a_member")
        asked.member_id = found.pk
    [standing] = explaining.of_member(_member(access, asked.member_id), [row])
    return standing


def _member(access: Access, pk: UUID | None) -> Membership:
    found: QuerySet[Any] = explaining.candidates(access).filter(pk=pk)
    if (member := found.first()) is None:
        raise Http404("No such member.")
    return member  # type: ignore[no-any-return]  # annotated
