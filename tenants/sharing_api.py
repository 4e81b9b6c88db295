"""The API of sharing: the same operations on every kind of shared object."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from ninja import Query

from tenants import explaining, services, sharing
from tenants.access import Access
from tenants.api import ApiRequest, Problems, Router
from tenants.models import Membership, Shareable
from tenants.paging import KeysetPagination
from tenants.sharing_schemas import (
    AccessChanges,
    AccessOut,
    PagedMemberAccessOut,
    ShareIn,
    ShareOut,
)

View = Callable[..., Any]

MEMBER, ROLE = "/members/{uuid:member_id}", "/roles/{uuid:role_id}"


def add_sharing(router: Router, model: type[Shareable], id_name: str) -> None:
    """Add to a model's router what reads and changes who reaches its objects.

    `id_name` is what the router's paths call the object: "agent_id".
    """
    kind = id_name.removesuffix("_id")
    get, update, members = _reading(model)
    with_member, with_role = _sharing(model)
    for method, path, view, response, name, summary in (
        ("GET", "", get, AccessOut, f"get_{kind}_access", "Read who reaches it"),
        ("PATCH", "", update, AccessOut, f"update_{kind}_access", "Restrict or open it"),
        ("GET", "/members", members, PagedMemberAccessOut, f"list_{kind}_access", "List members"),
        ("PUT", MEMBER, with_member, ShareOut, f"share_{kind}_with_member", "Share with a person"),
        ("PUT", ROLE, with_role, ShareOut, f"share_{kind}_with_role", "Share with a role"),
    ):
        register = router.api_operation(
            [method],
            f"/{{uuid:{id_name}}}/access{path}",
            response={200: response, **Problems},
            summary=summary,
        )
        register(_known_as(view, name, id_name))


def _reading(model: type[Shareable]) -> tuple[View, View, View]:
    def get_access(request: ApiRequest, pk: UUID) -> dict[str, Any]:
        """Whether it is restricted, and what each role may do with it. Needs the right to share."""
        return _access(request.auth, request.auth.get(model, pk, "manage"))

    def update_access(request: ApiRequest, pk: UUID, payload: AccessChanges) -> dict[str, Any]:
        """Leave it to those it is shared with, or open it to roles. Who would shut themselves out
        is granted all of it in the same step."""
        row = request.auth.get(model, pk, "manage")
        row = services.restrict(request.auth, row, is_restricted=payload.is_restricted)
        return _access(request.auth, row)

    def list_access(
        request: ApiRequest, pk: UUID, paging: Query[KeysetPagination.Input]
    ) -> dict[str, Any]:
        """Every member, by name: what they may do with it, and the rule that decides."""
        row = request.auth.get(model, pk, "manage")
        rows = explaining.candidates(request.auth).order_by("user__name")
        page = KeysetPagination().paginate_queryset(rows, paging, request)
        return {**page, "items": _members(row, page["items"])}

    return get_access, update_access, list_access


def _sharing(model: type[Shareable]) -> tuple[View, View]:
    def share_with_member(
        request: ApiRequest, pk: UUID, member_id: UUID, payload: ShareIn
    ) -> dict[str, Any]:
        """Let exactly this stand for one person. Owners can't be denied anything."""
        row = request.auth.get(model, pk, "manage")
        return _share(request.auth, row, sharing.member(request.auth, member_id), payload)

    def share_with_role(
        request: ApiRequest, pk: UUID, role_id: UUID, payload: ShareIn
    ) -> dict[str, Any]:
        """Let exactly this stand for whoever has a role. Owners can't be denied anything."""
        row = request.auth.get(model, pk, "manage")
        return _share(request.auth, row, sharing.role(request.auth, role_id), payload)

    return share_with_member, share_with_role


def _known_as(view: View, name: str, id_name: str) -> View:
    """The view under its operation's name, with the object's id called as in the path."""

    @wraps(view)
    def operation(request: ApiRequest, **given: Any) -> Any:
        return view(request, pk=given.pop(id_name), **given)

    signature = inspect.signature(view, eval_str=True)
    named = [
        parameter.replace(name=id_name) if parameter.name == "pk" else parameter
        for parameter in signature.parameters.values()
    ]
    operation.__name__ = name
    operation.__signature__ = signature.replace(parameters=named)  # type: ignore[attr-defined]
    return operation


def _share(
    access: Access, row: Shareable, holder: sharing.Holder, payload: ShareIn
) -> dict[str, Any]:
    allowed, denied = payload.allowed or "", payload.denied or ""
    return _stands(services.share(access, row, holder, allowed=allowed, denied=denied))


def _access(access: Access, row: Shareable) -> dict[str, Any]:
    found = explaining.of_roles(row, sharing.roles(access).order_by("created_at"))
    shares = sharing.shares_of(row, [role for role, _ in found])
    roles = [
        {"role_id": role.pk, "name": role.label, **_stands(share), **_told(standing)}
        for (role, standing), share in zip(found, shares, strict=True)
    ]
    return {"is_restricted": row.is_restricted, "roles": roles}


def _members(row: Shareable, members: list[Membership]) -> list[dict[str, Any]]:
    standings = explaining.of_members(row, members)
    shares = sharing.shares_of(row, members)
    return [
        {**_person(member), **_stands(share), **_told(standing)}
        for member, standing, share in zip(members, standings, shares, strict=True)
    ]


def _person(member: Membership) -> dict[str, Any]:
    user, role = member.user, str(member.role)
    return {"member_id": member.pk, "name": user.name, "email": user.email, "role": role}


def _stands(share: sharing.Share) -> dict[str, Any]:
    return {"allowed": share.allowed or None, "denied": share.denied or None}


def _told(standing: explaining.Standing) -> dict[str, Any]:
    rule = standing.deciding.rule
    return {"may": standing.allowed, "rule": rule, "reason": standing.reason}
