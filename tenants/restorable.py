"""What of the organisation itself and of its settings can be put back: no secret, nothing that only
makes sense together with something else (a key's agents), and nothing of what has ended."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.http import Http404
from django.urls import reverse

from tenants import granting, restoring, services
from tenants.access import Access
from tenants.capabilities import LABELS, closure
from tenants.models import (
    ApiKey,
    Membership,
    ModelPrice,
    Provider,
    Role,
    Secret,
    SignInProvider,
    Tenant,
)
from tenants.restoring import NotRestorable, Restorable, Update

PROVIDER = ("name", "kind", "base_url", "default_model")
PRICE = ("model", "input_mtok", "output_mtok", "cached_input_mtok", "currency")
ROLE = ("label", "description", "capabilities")
SIGN_IN = ("name", "kind", "server_url", "client_id", "domains", "role", "is_enabled")
TENANT = (
    *("name", "slug", "time_zone", "default_provider", "default_model"),
    *("retention_days", "allowed_hosts"),
)
FACTOR = "requires_second_factor"
# Field of the organisation → what the service calls it.
KEY_LIMIT = {"key_rate_limit": "rate_limit", "key_rate_seconds": "rate_seconds"}
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

    def open_fields(self, access: Access, pk: str, names: set[str]) -> set[str]:
        roles = granting.grantable(access).filter(pk=pk, is_built_in=False)
        return names if not access.is_read_only and roles.exists() else set()

    def find(self, access: Access, pk: str, name: str) -> Any:
        role = super().find(access, pk, name)
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


class MemberRole(Restorable):
    """The log tells a role by its name, and nobody gives one that holds more than they do, or any
    to themselves."""

    def open_fields(self, access: Access, pk: str, names: set[str]) -> set[str]:
        within = {"role__in": granting.grantable(access)}
        members = access.visible(Membership, "change").filter(pk=pk, **within)
        return names if members.exclude(user=access.user).exists() else set()

    def present(self, row: Any, name: str) -> Any:
        return row.role.label

    def earlier(self, access: Access, row: Any, name: str, told: Any) -> Any:
        if row.user_id == access.user.pk:
            raise NotRestorable(granting.OWN_ROLE)
        if not granting.grantable(access).filter(label=told).exists():
            raise NotRestorable("There is no role of this name any more that you could give.")
        return told

    def put(self, access: Access, row: Any, version: str, name: str, value: Any) -> Any:
        role = granting.grantable(access).get(label=value)
        return self.update(access, row, role=role, expected_version=version)


class KeyValues(Restorable):
    """A key that has ended stays as it is."""

    def open_fields(self, access: Access, pk: str, names: set[str]) -> set[str]:
        key = access.visible(ApiKey, "change").filter(pk=pk).first()
        return names if key is not None and key.is_alive else set()


class TenantValues(Restorable):
    """The organisation that one is in; the limit of its keys and its second factor are decided on
    pages of their own, by services of their own."""

    def open_fields(self, access: Access, pk: str, names: set[str]) -> set[str]:
        return {name for name in names if access.may(_needs(name)) and not access.is_read_only}

    def find(self, access: Access, pk: str, name: str) -> Any:
        if pk != str(access.tenant.pk):
            raise Http404("No such organisation.")
        access.require(_needs(name))
        return access.tenant

    def put(self, access: Access, row: Any, version: str, name: str, value: Any) -> Any:
        if name in KEY_LIMIT:
            given = {called: getattr(row, each) for each, called in KEY_LIMIT.items()}
            given[KEY_LIMIT[name]] = value
            return services.set_key_limit(access, expected_version=version, **given)
        if name == FACTOR:
            return services.require_factor(access, is_required=value, expected_version=version)
        return self.update(access, expected_version=version, **{name: value})

    def address(self, row: Any, name: str) -> str:
        pages = {FACTOR: "tenants:sign-in-list"} | dict.fromkeys(KEY_LIMIT, "tenants:key-limit")
        return reverse(pages.get(name, "tenants:settings"), args=[row.slug])


def _needs(name: str) -> str:
    return "manage_keys" if name in KEY_LIMIT else "manage_tenant"


def declare() -> None:
    """Called when the apps are ready."""
    fields = (*TENANT, *KEY_LIMIT, FACTOR)
    restoring.declare(TenantValues(Tenant, fields, services.update_tenant))
    restoring.declare(MemberRole(Membership, ("role",), services.change_role))
    restoring.declare(RoleValues(Role, ROLE, services.update_role, ROLE))
    restoring.declare(Restorable(Secret, ("name",), services.replace_secret))
    restoring.declare(Whole(Provider, PROVIDER, services.update_provider, PROVIDER))
    restoring.declare(Whole(ModelPrice, PRICE, services.update_price, PRICE))
    opening = ("name", "domains", "is_enabled")
    restoring.declare(Whole(SignInProvider, opening, services.update_sign_in, SIGN_IN))
    restoring.declare(KeyValues(ApiKey, API_KEY, services.update_api_key))
