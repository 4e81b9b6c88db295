"""What of the organisation itself and of its settings can be put back: no secret, and nothing that
only makes sense together with something else (a provider's kind, a key's agents)."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.http import Http404
from django.urls import reverse

from tenants import granting, restoring, services
from tenants.access import Access
from tenants.capabilities import LABELS, closure
from tenants.models import ApiKey, ModelPrice, Provider, Role, Secret, SignInProvider, Tenant
from tenants.restoring import NotRestorable, Restorable, Update

PROVIDER = ("name", "kind", "base_url", "default_model")
PRICE = ("model", "input_mtok", "output_mtok", "cached_input_mtok", "currency")
ROLE = ("label", "description", "capabilities")
SIGN_IN = ("name", "kind", "server_url", "client_id", "domains", "role", "is_enabled")
TENANT = (
    *("name", "slug", "time_zone", "default_provider", "default_model"),
    *("retention_days", "allowed_hosts"),
)
API_KEY = ("name", "scopes", "networks", "rate_limit", "rate_seconds", "expires_at")


class Whole(Restorable):
    """A row whose service takes all that it is made of at once."""

    def __init__(
        self, model: type[Any], fields: Collection[str], update: Update, whole: Collection[str]
    ) -> None:
        super().__init__(model, fields, update)
        self.whole = whole

    def put(self, access: Access, row: Any, version: str, name: str, value: Any) -> Any:
        given = {each: self.present(row, each) for each in self.whole} | {name: value}
        return self.update(access, row, expected_version=version, **given)


class RoleValues(Whole):
    """A role's rights are rows of their own, and nobody grants what they don't hold."""

    def is_open(self, access: Access, pk: str) -> bool:
        roles = granting.grantable(access).filter(pk=pk, is_built_in=False)
        return not access.is_read_only and roles.exists()

    def find(self, access: Access, pk: str) -> Any:
        role = super().find(access, pk)
        granting.require_grantable(access, role)
        return role

    def present(self, row: Any, name: str) -> Any:
        return granting.capabilities_of(row) if name == "capabilities" else getattr(row, name)

    def earlier(self, access: Access, row: Any, name: str, told: Any) -> Any:
        if name != "capabilities":
            return super().earlier(access, row, name, told)
        held = frozenset(told)
        if held - set(LABELS):
            raise NotRestorable("It held a right that there no longer is.")
        if beyond := closure(set(held)) - access.capabilities:
            named = ", ".join(sorted(f"“{LABELS[right]}”" for right in beyond))
            raise NotRestorable(f"Nobody grants what they don’t hold, and you don’t hold {named}.")
        return held


class TenantValues(Restorable):
    """The organisation that one is in."""

    def is_open(self, access: Access, pk: str) -> bool:
        return access.may("manage_tenant") and not access.is_read_only

    def find(self, access: Access, pk: str) -> Any:
        if pk != str(access.tenant.pk):
            raise Http404("No such organisation.")
        access.require("manage_tenant")
        return access.tenant

    def put(self, access: Access, row: Any, version: str, name: str, value: Any) -> Any:
        return self.update(access, expected_version=version, **{name: value})

    def address(self, row: Any) -> str:
        return reverse("tenants:settings", args=[row.slug])


def declare() -> None:
    """Called when the apps are ready."""
    restoring.declare(TenantValues(Tenant, TENANT, services.update_tenant))
    restoring.declare(RoleValues(Role, ROLE, services.update_role, ROLE))
    restoring.declare(Restorable(Secret, ("name",), services.replace_secret))
    named = ("name", "base_url", "default_model")
    restoring.declare(Whole(Provider, named, services.update_provider, PROVIDER))
    restoring.declare(Whole(ModelPrice, PRICE, services.update_price, PRICE))
    opening = ("name", "domains", "is_enabled")
    restoring.declare(Whole(SignInProvider, opening, services.update_sign_in, SIGN_IN))
    restoring.declare(Restorable(ApiKey, API_KEY, services.update_api_key))
