"""What a request was allowed to do, noted, so that later it can be asked whether it still would be.

An Access says yes or no and forgets. A `NotingAccess` keeps its yeses for the answer that is kept
under an Idempotency-Key: it is told again only to who would get each of them now.

A "row" is what the request was about: where it is gone, so is the answer. What the answer tells of
beside it, such as cited documents, is "seen": where that is gone, the answer stays as it was.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, fields
from typing import TypeVar
from uuid import UUID

from django.apps import apps
from django.http import Http404

from tenants.access import Access
from tenants.models import TenantOwned

M = TypeVar("M", bound=TenantOwned)

# One thing that was allowed, as JSON: its kind and what it was about.
Noted = list[str]
# By kind, what asks again. Raises Http404 or PermissionDenied where it is no longer allowed.
AGAIN: dict[str, Callable[..., object]]


@dataclass(frozen=True, slots=True)
class NotingAccess(Access):
    """An Access that notes what it allowed."""

    noted: list[Noted] = field(default_factory=list, compare=False, repr=False)

    @classmethod
    def like(cls, access: Access) -> NotingAccess:
        """The same principal with the same rights, and nothing noted yet."""
        return cls(**{part.name: getattr(access, part.name) for part in fields(access)})

    def require(self, capability: str) -> None:
        """As of any Access."""
        Access.require(self, capability)
        note(self, "right", capability)

    def get(self, model: type[M], pk: UUID | str, action: str = "view") -> M:
        """As of any Access."""
        row = Access.get(self, model, pk, action)
        note(self, "row", model._meta.label_lower, str(row.pk), action)
        return row


def note(access: Access, kind: str, *about: str) -> None:
    """Note something else that was allowed, of a kind of `AGAIN`."""
    if isinstance(access, NotingAccess) and [kind, *about] not in access.noted:
        access.noted.append([kind, *about])


def note_seen(access: Access, model: type[TenantOwned], ids: Iterable[UUID]) -> None:
    """Note rows that the answer tells of because they are visible; each may be deleted later."""
    for pk in ids:
        note(access, "seen", model._meta.label_lower, str(pk))


def require_again(access: Access, noted: Iterable[Noted]) -> None:
    """Raise Http404 or PermissionDenied where not all of this is allowed now."""
    for kind, *about in noted:
        AGAIN[kind](access, *about)


def _row_again(access: Access, label: str, pk: str, action: str) -> None:
    access.get(apps.get_model(label), pk, action)


def _seen_again(access: Access, label: str, pk: str) -> None:
    model: type[TenantOwned] = apps.get_model(label)
    if access.visible(model).filter(pk=pk).exists():
        return
    if model.unscoped.filter(tenant_id=access.tenant.pk, pk=pk).exists():
        raise Http404(f"No such {model._meta.verbose_name}.")


AGAIN = {"right": Access.require, "row": _row_again, "seen": _seen_again}
