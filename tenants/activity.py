"""Reading the activity log: which events, in what words, and from what to what."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db.models import Field, Q, QuerySet
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from tenants.access import Access
from tenants.capabilities import LABELS
from tenants.differences import Difference
from tenants.models import AuditEvent, Shareable, TenantOwned
from tenants.sharing import HOLDERS, area_of

Events = QuerySet[Any]  # of AuditEvent, with what its rule annotates

# What actions begin with, where the word itself does not say it.
NOUNS = {
    "sign_in": "sign-in provider",
    "api_key": "API key",
    "tenant": "organisation",
    "activity": "activity log",
}
_UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
WHO = rf"roster|(person|key):{_UUID}"
WHAT = r"[a-z][a-z_]*(\.[a-z_]+)?"
OBJECT = rf"[a-z]+\.[a-z]+:{_UUID}"
TOLD = Q(is_told=True)
WITHHELD = "something that isn’t shared with you, or is no more"


# ── Which ─────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Asked:
    """What a reader looks for. Texts have the form of WHO, WHAT and OBJECT, or are empty.

    `what` is an action, or the word that actions begin with; `until` is the first moment after.
    """

    who: str = ""
    what: str = ""
    object: str = ""
    since: datetime | None = None
    until: datetime | None = None
    q: str = ""


def narrowed(events: Events, asked: Asked) -> Events:
    """The events that fit. Asking for an object or its name finds only what is told."""
    if asked.who:
        events = events.filter(_by(asked.who))
    if asked.what:
        events = events.filter(Q(action=asked.what) | Q(action__startswith=f"{asked.what}."))
    if asked.object:
        kind, _, pk = asked.object.partition(":")
        events = events.filter(_about(kind, pk), TOLD)
    if asked.since:
        events = events.filter(created_at__gte=asked.since)
    if asked.until:
        events = events.filter(created_at__lt=asked.until)
    if asked.q:
        events = events.filter(TOLD, object_label__icontains=asked.q)
    return events


def of_object(access: Access, row: TenantOwned) -> Events:
    """The events about a row and what belongs to it."""
    kind = row._meta.label_lower
    return access.visible(AuditEvent).filter(_about(kind, str(row.pk)), TOLD)


def withheld(access: Access, model: type[Shareable], gone: Collection[UUID]) -> set[UUID]:
    """Of shared rows that are no more those of which this reader is told nothing, by the rule that
    holds for events about them."""
    if not access.may(f"view_{area_of(model)}"):
        return set(gone)
    if access.is_owner or not gone:
        return set()
    restricted = AuditEvent.unscoped.filter(
        tenant_id=access.tenant.pk, about_id__in=gone, is_restricted=True
    )
    return {pk for pk in restricted.values_list("about_id", flat=True) if pk}


def _by(who: str) -> Q:
    kind, _, pk = who.partition(":")
    return Q(actor=None) if kind == "roster" else Q(**{f"{_ACTORS[kind]}": pk})


_ACTORS = {"person": "actor_id", "key": "key_id"}


def _about(kind: str, pk: str) -> Q:
    return Q(object_type=kind, object_id=pk) | Q(about_type=kind, about_id=pk)


# ── In words ──────────────────────────────────────────────────────────────────────────────────


def title(action: str) -> str:
    """`api_key.created` → “API key created”."""
    noun, _, verb = action.partition(".")
    words = f"{noun_of(noun)} {verb.replace('_', ' ')}".strip()
    return words[:1].upper() + words[1:]


def noun_of(action: str) -> str:
    """What an action, or the word that it begins with, is about."""
    noun = action.partition(".")[0]
    return NOUNS.get(noun, noun.replace("_", " "))


@dataclass(frozen=True)
class Change:
    """One field that an event tells of; `difference` is None where it tells no before and after."""

    name: str
    label: str
    fact: str
    difference: Difference | None


def changes(access: Access, event: AuditEvent) -> list[Change]:
    """What an event tells, readable. Of an event that isn't told there is nothing.

    Other rows are called by the names that the log has for them, where the reader is told these.
    """
    if not event.is_told:  # type: ignore[attr-defined]  # annotated by the rule
        return []
    names = names_of(access, event.changes)
    return [_change(event, name, event.changes[name], names) for name in names_in(event)]


def names_in(event: AuditEvent) -> list[str]:
    """What an event tells of, without the ids that it is only found by."""
    return [name for name in event.changes if name != HOLDERS]


def is_pair(value: Any) -> bool:
    """Whether this is a before and an after."""
    return isinstance(value, list) and len(value) == 2


def model_of(event: AuditEvent) -> type[TenantOwned] | None:
    """What kind of row the event is about, where there still are such."""
    try:
        model: Any = apps.get_model(event.object_type)
    except (LookupError, ValueError):
        return None
    return model if issubclass(model, TenantOwned) else None


def field_of(event: AuditEvent, name: str) -> Field[Any, Any] | None:
    """The field of the model that a change is about, where it still is one."""
    try:
        model = apps.get_model(event.object_type)
        return cast("Field[Any, Any]", model._meta.get_field(name))
    except (LookupError, ValueError, FieldDoesNotExist):
        return None


def label_of(field: Field[Any, Any] | None, name: str) -> str:
    """What people call the field."""
    words = str(field.verbose_name) if field is not None else name.replace("_", " ")
    return words[:1].upper() + words[1:]


def text_of(field: Field[Any, Any] | None, value: Any, names: Mapping[str, str]) -> str:
    """A value as people read it; empty for none."""
    if value is None or value == "" or value in ([], {}):
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return ", ".join(_word(item, names) for item in value)
    if isinstance(value, list) and all(isinstance(item, dict) and "name" in item for item in value):
        return "\n".join(map(_line, value))
    if isinstance(value, list | dict):
        return json.dumps(value, indent=2, ensure_ascii=False)
    return _word(str(dict(getattr(field, "flatchoices", ())).get(value, value)), names)


def _line(named: dict[str, Any]) -> str:
    """A variable, a header, in a line: its name, and what is said about it."""
    told = [
        key if value is True else f"{key} “{value}”"
        for key, value in named.items()
        if value and key != "name"
    ]
    return f"{named['name']}: {', '.join(told)}" if told else str(named["name"])


def _word(text: str, names: Mapping[str, str]) -> str:
    if re.fullmatch(_UUID, text):
        return names.get(text, WITHHELD)
    moment = parse_datetime(text) if re.match(r"\d{4}-\d\d-\d\dT", text) else None
    if moment is not None and timezone.is_aware(moment):
        local = timezone.localtime(moment)
        return f"{local.day} {local:%b %Y, %H:%M:%S %Z}"
    return LABELS.get(text, text)


def _change(event: AuditEvent, name: str, value: Any, names: Mapping[str, str]) -> Change:
    field = field_of(event, name)
    label = label_of(field, name)
    if not is_pair(value):
        return Change(name, label, text_of(field, value, names), None)
    before, after = (text_of(field, each, names) for each in value)
    return Change(name, label, "", Difference("", label, "changed", before, after))


def names_of(access: Access, changed: Any) -> dict[str, str]:
    """Id → what the log last called it, of all ids that are mentioned and told to the reader."""
    ids = {text for text in _texts(changed) if re.fullmatch(_UUID, text)}
    if not ids:
        return {}
    called = access.visible(AuditEvent).filter(TOLD, object_id__in=ids)
    return dict(called.order_by("number").values_list("object_id", "object_label"))


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list | dict):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _texts(inner)
