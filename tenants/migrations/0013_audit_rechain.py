"""Hashes cover the time and all else that an event says: the chains are forged anew, once."""

import hashlib
import json
from datetime import UTC
from decimal import Decimal

from django.db import migrations

SHARED = ("agents.agent", "personas.persona", "tools.tool", "knowledge.source")
BELOW = ("knowledge.document", "runs.agentrun", "tenants.job")


def canonical(value):
    if isinstance(value, dict):
        return {key: canonical(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [canonical(inner) for inner in value]
    if isinstance(value, float):
        return int(Decimal(repr(value))) if value.is_integer() else repr(value)
    return value


def text(value):
    return None if value is None else str(value)


def digest(event):
    """As tenants.audit_chain does it at the time of this migration."""
    content = [
        event.previous_hash,
        event.number,
        str(event.pk),
        str(event.tenant_id),
        event.created_at.astimezone(UTC).isoformat(timespec="microseconds"),
        text(event.actor_id),
        event.actor_label,
        text(event.key_id),
        event.action,
        event.object_type,
        event.object_id,
        event.object_label,
        event.about_type,
        text(event.about_id),
        event.is_restricted,
        canonical(event.changes),
        event.request_id,
        event.address,
    ]
    written = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(written.encode()).hexdigest()


def rechain(apps, schema_editor):
    events = apps.get_model("tenants", "AuditEvent").unscoped
    heads = apps.get_model("tenants", "AuditHead").unscoped
    for tenant in apps.get_model("tenants", "Tenant").objects.all():
        last = ""
        for event in list(events.filter(tenant=tenant).order_by("number")):
            # What belongs to a shared object is told to owners only: of which is not known now.
            event.about_type = event.object_type if event.object_type in SHARED + BELOW else ""
            event.about_id = event.object_id if event.object_type in SHARED else None
            event.previous_hash = last
            event.hash = last = digest(event)
            event.save()
            heads.update_or_create(
                tenant=tenant,
                defaults={"number": event.number, "hash": last, "written_at": event.created_at},
            )


class Migration(migrations.Migration):
    dependencies = [("tenants", "0012_audit_facts")]

    operations = [migrations.RunPython(rechain, migrations.RunPython.noop)]
