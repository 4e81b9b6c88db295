"""The secrets of tools were told apart by a mark in their names; now by what they are held for."""

import re
from urllib.parse import urlsplit

from django.db import migrations

_MARKED = re.compile(r"^Tool .*?, (?P<host>[^ ]*) \((?P<tool>[0-9a-f-]{36})\)$")
_PORTS = {"http": 80, "https": 443}
_NAME = "Key of a tool"


def hold(apps, schema_editor):
    """A former host's scheme isn't known; without one, its secret is never sent anew by itself."""
    secrets = apps.get_model("tenants", "Secret")._base_manager
    tools = apps.get_model("tools", "Tool")._base_manager
    for secret in secrets.filter(name__regex=r"^Tool .*\([0-9a-f-]{36}\)$").iterator():
        if marked := _MARKED.match(secret.name):
            tool = tools.filter(tenant_id=secret.tenant_id, pk=marked["tool"]).first()
            is_current = tool is not None and tool.secret_id == secret.pk
            origin = _origin(tool.url_template) if is_current else marked["host"]
            secrets.filter(pk=secret.pk).update(
                held_for="tool", holder=marked["tool"], origin=origin, name=_NAME
            )


def mark(apps, schema_editor):
    secrets = apps.get_model("tenants", "Secret")._base_manager
    for secret in secrets.filter(held_for="tool").iterator():
        host = secret.origin.partition("://")[2] or secret.origin
        scheme = secret.origin.partition("://")[0] if "://" in secret.origin else "old"
        name = f"Tool {scheme}, {host[:40]} ({secret.holder})"
        secrets.filter(pk=secret.pk).update(name=name, held_for="provider")


def _origin(url):
    parts = urlsplit(re.sub(r"\{\w+\}", "x", url))
    return f"{parts.scheme.lower()}://{parts.hostname}:{parts.port or _PORTS[parts.scheme.lower()]}"


class Migration(migrations.Migration):
    dependencies = [("tools", "0003_denials"), ("tenants", "0006_secret_holders")]

    operations = [migrations.RunPython(hold, mark)]
