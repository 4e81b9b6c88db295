"""A tool with all that its page tells, in one query."""

from __future__ import annotations

from django.db.models import Exists, OuterRef

from tenants.access import Access
from tools.models import Tool


def for_page(access: Access, tool: Tool) -> Tool:
    """With its secret, its maker, and whether this person `may_change` and `may_manage` it."""
    may = {
        f"may_{action}": Exists(access.visible(Tool, action).filter(pk=OuterRef("pk")))
        for action in ("change", "manage")
    }
    rows = access.visible(Tool).select_related("secret", "created_by")
    return rows.annotate(**may).get(pk=tool.pk)
