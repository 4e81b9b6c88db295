"""Addresses of organisations: which can be had, and who has one while somebody else asks."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import connection
from django.db.models import Q

from tenants.models import FormerSlug, Tenant

# Words that a stranger would take for Roster itself, or that it may want for pages of its own.
RESERVED = frozenset({
    *("account", "accounts", "admin", "administration", "api", "app", "assets", "auth", "billing"),
    *("console", "docs", "example", "files", "health", "help", "home", "internal", "invitation"),
    *("login", "logout", "mail", "me", "new", "null", "organisation", "organisations", "owner"),
    *("platform", "public", "roster", "root", "security", "settings", "sign-in", "sign-out"),
    *("static", "status", "superuser", "support", "system", "t", "tenant", "tenants", "undefined"),
    *("www",),
})  # fmt: skip
# How many former addresses an organisation keeps; beyond that the oldest is free again.
MOST_FORMER = 5


def claim(slug: str, tenant: Tenant | None = None) -> None:
    """Make sure that the slug can be had, and let nobody else take it in this transaction.

    Raises ValidationError at `slug` where it is reserved, or is or was another tenant's.
    """
    if slug in RESERVED:
        raise _refusal("Roster keeps this address for itself. Choose another one.")
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"slug:{slug}"])
    is_own = Q(pk=tenant.pk) if tenant else Q(pk__in=())
    was_own = Q(tenant=tenant) if tenant else Q(pk__in=())
    # In this order: whoever gives an address up writes it into the second before it commits.
    if Tenant.objects.filter(~is_own, slug=slug).exists():
        raise _refusal("Another organisation has this address.")
    if FormerSlug.unscoped.filter(~was_own, slug=slug).exists():
        raise _refusal("This address still leads to an organisation that had it before.")


def keep_former(tenant: Tenant, former: str) -> None:
    """Lead from the former address to the tenant; call it after `claim`, with the new one set."""
    FormerSlug.unscoped.filter(tenant=tenant, slug=tenant.slug).delete()
    FormerSlug.unscoped.create(tenant=tenant, slug=former)
    newest = FormerSlug.unscoped.filter(tenant=tenant).order_by("-created_at", "-pk")
    kept = list(newest.values_list("pk", flat=True)[:MOST_FORMER])
    FormerSlug.unscoped.filter(tenant=tenant).exclude(pk__in=kept).delete()


def _refusal(message: str) -> ValidationError:
    return ValidationError({"slug": message})
