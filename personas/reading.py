"""A persona with all that its page tells, in one query."""

from __future__ import annotations

from django.db.models import Exists, OuterRef

from personas.models import Persona
from tenants.access import Access


def for_page(access: Access, persona: Persona) -> Persona:
    """With its maker, and whether this person `may_change` and `may_manage` it."""
    may = {
        f"may_{action}": Exists(access.visible(Persona, action).filter(pk=OuterRef("pk")))
        for action in ("change", "manage")
    }
    rows = access.visible(Persona).select_related("created_by")
    return rows.annotate(**may).get(pk=persona.pk)
