"""Putting one value back that the activity log tells of.

An app declares which fields of its models can be put back, and the service that does it. So a
restored value passes the same rights and checks as one that is typed, and leaves its own event.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.core.exceptions import ValidationError
from django.db.models import Field

from tenants import activity, audit
from tenants.access import Access
from tenants.differences import Difference
from tenants.models import AuditEvent, TenantOwned

# A service: `update(access, row, expected_version=…, **{field: value})`.
Update = Callable[..., object]


@dataclass(frozen=True, slots=True)
class _Restorable:
    fields: Collection[str]
    update: Update


_known: dict[str, _Restorable] = {}


class NotRestorable(Exception):
    """The value can't be put back; the text says why."""


@dataclass(frozen=True)
class Offer:
    """What restoring would do: `difference` goes from the value of now to the earlier one."""

    row: Any
    name: str
    value: Any
    version: int | None
    difference: Difference


def declare(model: type[TenantOwned], fields: Collection[str], update: Update) -> None:
    """Called when the apps are ready. Never name a field that holds a secret."""
    _known[model._meta.label_lower] = _Restorable(fields, update)


def fields_of(access: Access, event: AuditEvent) -> set[str]:
    """The fields of an event that this person may try to put back."""
    known = _known.get(event.object_type)
    if known is None or not event.is_told:  # type: ignore[attr-defined]  # annotated by the rule
        return set()
    found = {name for name in event.changes if name in known.fields and _is_whole(event, name)}
    changeable = access.visible(_model(event), "change").filter(pk=event.object_id)
    return found if found and changeable.exists() else set()


def offer(access: Access, event: AuditEvent, name: str) -> Offer:
    """What putting this field back would do now.

    Raises NotRestorable; Http404 and PermissionDenied as for any change of the object.
    """
    known = _known.get(event.object_type)
    if known is None or name not in known.fields or not _is_whole(event, name):
        raise NotRestorable("This value isn’t kept in a form that can be put back.")
    row: Any = access.get(_model(event), event.object_id, "change")
    field = row._meta.get_field(name)
    value = _typed(field, event.changes[name][0])
    if getattr(row, field.attname) == value:
        raise NotRestorable("It has this value now.")
    label = activity.label_of(field, name)
    texts = [activity.text_of(field, each, {}) for each in (getattr(row, field.attname), value)]
    version = getattr(row, "version", None)
    return Offer(row, name, value, version, Difference("", label, "changed", *texts))


def restore(access: Access, event: AuditEvent, offered: Offer, version: int | None) -> None:
    """Put the value back. Raises what the object's own service raises, ValidationError among it."""
    update = _known[event.object_type].update
    update(access, offered.row, expected_version=version, **{offered.name: offered.value})


def _model(event: AuditEvent) -> type[TenantOwned]:
    model: type[TenantOwned] = apps.get_model(event.object_type)
    return model


def _is_whole(event: AuditEvent, name: str) -> bool:
    """Whether the event has the value before, and all of it."""
    told = event.changes.get(name)
    if not activity.is_pair(told):
        return False
    return not (isinstance(told[0], str) and len(told[0]) > audit.LONGEST)


def _typed(field: Field[Any, Any], value: Any) -> Any:
    try:
        return field.to_python(value)
    except ValidationError as error:
        raise NotRestorable("The value doesn’t fit its field any more.") from error
