"""Who reaches a run: whom its rule of ownership names, as far as its knowledge may be seen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Q, QuerySet

from knowledge.models import Source
from tenants.rules import OwnOr

if TYPE_CHECKING:
    from tenants.access import Access


class OwnOrFromSeenSources(OwnOr):
    """Somebody else's run holds passages of the sources that it drew on, so who may not see all of
    these does not see the run. One's own held nothing that one might not see."""

    def narrow(self, access: Access, rows: QuerySet[Any], action: str) -> QuerySet[Any]:
        reached = super().narrow(access, rows, action)
        if access.is_owner and access.key is None:
            return reached
        # Not “of none that is hidden”: a source that was deleted may have been a hidden one.
        seen = ArraySubquery(access.by_rules(Source, "view").values("pk"))
        drew_on_seen = Q(source_ids=[]) | Q(source_ids__contained_by=seen)
        return reached.filter(Q(started_by=access.user.pk) | drew_on_seen)
