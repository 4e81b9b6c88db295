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
        unseen = Source.unscoped.filter(tenant_id=access.tenant.pk).exclude(
            pk__in=access.visible(Source).values("pk")
        )
        drew_on_unseen = Q(source_ids__overlap=ArraySubquery(unseen.values("pk")))
        return reached.filter(Q(started_by=access.user.pk) | ~drew_on_unseen)
