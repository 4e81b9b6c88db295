"""Putting one value back that the activity log tells of.

An app declares which fields of its models can be put back, and the service that does it. So a
restored value passes the same rights and checks as one that is typed, and leaves its own event.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import ForeignKey, Model

from tenants import activity, audit
from tenants.access import Access
from tenants.differences import Difference
from tenants.models import AuditEvent
from tenants.versions import version_of

# A service: `update(access, row, expected_version=…, **{field: value})`.
Update = Callable[..., object]

NO_MORE = "It named something that is no more, or that isn’t shared with you."
NOT_KEPT = "This value isn’t kept in a form that can be put back."


class NotRestorable(Exception):
    """The value can't be put back; the text says why."""


class Restorable:
    """How values of one kind of row are put back: plain columns and references to other rows.

    Subclasses know values that are kept in another way. None ever names a field with a secret.
    """

    def __init__(self, model: type[Any], fields: Collection[str], update: Update) -> None:
        self.model, self.fields, self.update = model, frozenset(fields), update

    def open_fields(self, access: Access, pk: str, names: set[str]) -> set[str]:
        """Those of the fields that this person may change."""
        return names if access.visible(self.model, "change").filter(pk=pk).exists() else set()

    def find(self, access: Access, pk: str, name: str) -> Any:
        """The row. Http404 and PermissionDenied as for any change of it."""
        return access.get(self.model, pk, "change")

    def present(self, row: Any, name: str) -> Any:
        """The value of now, as the service takes it."""
        return getattr(row, name)

    def earlier(self, access: Access, row: Any, name: str, told: Any) -> Any:
        """The value that the log tells, as the service takes it. Raises NotRestorable."""
        field = row._meta.get_field(name)
        if isinstance(field, ForeignKey):
            return None if told is None else self.other(access, field.related_model, told)
        try:
            return field.to_python(told)
        except ValidationError as error:
            raise NotRestorable("The value doesn’t fit its field any more.") from error

    def other(self, access: Access, model: Any, pk: str) -> Any:
        """Another row that a value names. Raises NotRestorable."""
        try:
            found = access.visible(model).filter(pk=pk).first()
        except ValidationError:  # what was logged is no id
            raise NotRestorable(NOT_KEPT) from None
        if found is None:
            raise NotRestorable(NO_MORE)
        return found

    def put(self, access: Access, row: Any, version: str, name: str, value: Any) -> Any:
        """Have the service do it, unless the row has moved on from this version."""
        return self.update(access, row, expected_version=version, **{name: value})

    def address(self, row: Any, name: str) -> str:
        """Where to look at what was put back."""
        return str(row.get_absolute_url())


@dataclass(frozen=True)
class Offer:
    """What restoring would do: `difference` goes from the value of now to the earlier one."""

    row: Any
    name: str
    value: Any
    version: str
    difference: Difference


_known: dict[str, Restorable] = {}


def declare(restorable: Restorable) -> None:
    """Called when the apps are ready."""
    _known[restorable.model._meta.label_lower] = restorable


def fields_of(access: Access, event: AuditEvent) -> set[str]:
    """The fields of an event that this person may try to put back."""
    known = _known.get(event.object_type)
    if known is None:
        return set()
    found = {name for name in event.changes if name in known.fields and _is_whole(event, name)}
    return known.open_fields(access, event.object_id, found) if found else set()


def offer(access: Access, event: AuditEvent, name: str) -> Offer:
    """What putting this field back would do now.

    Raises NotRestorable; Http404 and PermissionDenied as for any change of the object.
    """
    known = _known.get(event.object_type)
    if known is None or name not in known.fields or not _is_whole(event, name):
        raise NotRestorable(NOT_KEPT)
    row = known.find(access, event.object_id, name)
    value = known.earlier(access, row, name, event.changes[name][0])
    told = [_told(known.present(row, name)), _told(value)]
    if told[0] == told[1]:
        raise NotRestorable("It has this value now.")
    field = activity.field_of(event, name)
    label, names = activity.label_of(field, name), activity.names_of(access, told)
    texts = [activity.text_of(field, each, names) for each in told]
    return Offer(row, name, value, version_of(row), Difference("", label, "changed", *texts))


def restore(access: Access, event: AuditEvent, offered: Offer, version: str = "") -> str:
    """Put the value back where the object is still at this version, or at the one of the offer.

    Returns the address to go on to. Raises what the object's own service raises, ValidationError
    and VersionMoved among it.
    """
    known, expected = _known[event.object_type], version or offered.version
    row = known.put(access, offered.row, expected, offered.name, offered.value)
    return known.address(row, offered.name)


def _is_whole(event: AuditEvent, name: str) -> bool:
    """Whether the event has the value before, and all of it."""
    told = event.changes.get(name)
    # What was just made had no value before; nothing is no earlier value of it.
    if event.action.endswith((".created", ".added")) or not activity.is_pair(told):
        return False
    return not (isinstance(told[0], str) and len(told[0]) > audit.LONGEST)


def _told(value: Any) -> Any:
    """A value as events keep it: other rows by id, what has no order sorted."""
    if isinstance(value, Model):
        return str(value.pk)
    if isinstance(value, frozenset):
        return sorted(map(_told, value))
    return json.loads(json.dumps(audit.shortened(value), cls=DjangoJSONEncoder))
