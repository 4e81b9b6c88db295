"""Who reads what of the activity log.

The right to see the log shows every event: who did what kind of thing, when, from where. What an
event is *about* is told only to whom that object is shown anyway, so that the log is no way around
a restriction. An event about an agent, persona, tool or source, or about what belongs to one,
carries that object's type and id for this.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from django.apps import apps
from django.db.models import BooleanField, Case, Exists, OuterRef, Q, QuerySet, Value, When

from tenants.rules import Capability, Inherited, OwnOr, Shared, ThroughSubject

if TYPE_CHECKING:
    from tenants.access import Access
    from tenants.models import TenantOwned

    Rows = QuerySet[Any]


@dataclass(frozen=True, slots=True)
class ActivityLog(Capability):
    """Seen by a capability; each row says in `is_told` whether its object and content are, too."""

    def narrow(self, access: Access, rows: Rows, action: str) -> Rows:
        if not access.may(self.capability):
            return rows.none()
        return cast("Rows", rows.annotate(is_told=_is_told(access, rows.model)))

    def may_add(self, access: Access, row: TenantOwned) -> bool:
        return False


def _is_told(access: Access, model: Any) -> Case:
    """True for events about nothing that is shared; else as the object that they are about.

    A CASE, because it looks only objects of the rows up that come out.
    """
    branches = [
        When(about_type=shared._meta.label_lower, then=_is_shown(access, model, shared))
        for shared in _shared_models()
    ]
    return Case(
        When(about_type="", then=Value(True)),
        *branches,
        # Of a kind that is no more: whom restrictions do not bind.
        default=Value(access.is_owner and access.key is None),
        output_field=BooleanField(),
    )


def _is_shown(access: Access, model: Any, shared: type[TenantOwned]) -> Exists | Q:
    seen = Exists(access.by_rules(shared, "view").filter(pk=OuterRef("about_id")))
    area = cast("Shared", shared.access_rule).area
    is_narrowed = access.agent_ids is not None and area == "agents"
    if not access.may(f"view_{area}") or is_narrowed:
        return seen
    # Of what is no more nobody can say who would see it: an event is told unless it was withheld.
    is_gone = ~Exists(shared.unscoped.filter(pk=OuterRef("about_id")))
    if access.is_owner:
        return Q(seen) | Q(is_gone)
    others = model.unscoped.filter(tenant_id=access.tenant.pk, about_id=OuterRef("about_id"))
    return Q(seen) | Q(is_gone) & ~Q(Exists(others.filter(is_restricted=True)))


def _shared_models() -> list[type[TenantOwned]]:
    models = [m for m in apps.get_models() if isinstance(getattr(m, "access_rule", None), Shared)]
    return cast("list[type[TenantOwned]]", models)


def about(row: Any) -> dict[str, Any]:
    """What an event says of the agent, persona, tool or source that a row is or belongs to.

    One that belonged to something that is no more is told to nobody but owners.
    """
    shared = _shared_ancestor(row)
    if shared is None:
        return {"about_type": row._meta.label_lower} if _belongs(row) else {}
    return {
        "about_type": shared._meta.label_lower,
        "about_id": shared.pk,
        "is_restricted": shared.is_restricted,
    }


def _shared_ancestor(row: Any) -> Any:
    rule = getattr(row, "access_rule", None)
    if isinstance(rule, Shared) or not _belongs(row):
        return row if isinstance(rule, Shared) else None
    if isinstance(rule, ThroughSubject):
        model = cast("type[TenantOwned]", apps.get_model(row.subject_type))
        return _shared_ancestor(model.unscoped.filter(pk=row.subject_id).first())
    return _shared_ancestor(getattr(row, cast("Inherited", rule).parent))


def _belongs(row: Any) -> bool:
    """Whether the row is reached through another one."""
    rule = getattr(row, "access_rule", None)
    if isinstance(rule, ThroughSubject):
        return bool(row.subject_type)
    return isinstance(rule, Inherited) or (isinstance(rule, OwnOr) and bool(rule.parent))
