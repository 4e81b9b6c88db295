"""From a route of a spec to the provider that answers it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from decimal import Decimal
from typing import Any
from uuid import UUID

from cryptography.exceptions import InvalidTag
from django.db.models import OuterRef, Subquery, TextField
from django.db.models.functions import Cast, JSONObject
from django.utils.module_loading import import_string

from agents.runs.prices import OwnPrice
from agents.runs.providers.demo import DemoProvider
from agents.runs.providers.port import Misconfigured
from agents.runs.providers.port import Provider as Port
from agents.specs import RouteSpec
from tenants import secrets
from tenants.compiled import Compiled
from tenants.models import ModelPrice, Provider, Secret

# By name, because a vendor's SDK takes a second to import and most processes never need it.
ADAPTERS = {
    "openai": "agents.runs.providers.openai.OpenAIProvider",
    "compatible": "agents.runs.providers.openai.OpenAIProvider",
    "anthropic": "agents.runs.providers.anthropic.AnthropicProvider",
    "gemini": "agents.runs.providers.gemini.GeminiProvider",
}


@dataclass(frozen=True, slots=True)
class Route:
    """One model at one provider; without an id it is the built-in demo."""

    provider: Port
    model: str
    kind: str = "demo"
    provider_id: UUID | None = None
    base_url: str = ""
    price: OwnPrice | None = None


def route_for(tenant_id: UUID, spec: RouteSpec) -> Route:
    """The provider behind a route. Raises Misconfigured where it is gone."""
    if spec.provider_id is None:
        return Route(DemoProvider(), spec.model)
    row = _accounts.first(tenant=tenant_id, pk=spec.provider_id, model=spec.model)
    if row is None:
        raise Misconfigured("The agent's provider was deleted. Choose another one and publish.")
    told = vars(row)["own_price"]  # annotated
    price = _price(told) if told else None
    return Route(adapter_of(row), spec.model, row.kind, row.pk, row.base_url, price)


def adapter_of(provider: Provider) -> Port:
    """The vendor's side of the port for an account."""
    adapter = import_string(ADAPTERS[provider.kind])
    reveal = _revealing(provider.secret) if provider.secret else None
    port: Port = adapter(provider.base_url, reveal)
    return port


def _own_price(model: Any) -> Subquery:
    """The tenant's price for the model, in the query that finds the provider.

    Numbers as text: JSON's would come back as floats.
    """
    told = {field.name: Cast(field.name, TextField()) for field in fields(OwnPrice)}
    prices = ModelPrice.unscoped.filter(provider=OuterRef("pk"), model=model)
    return Subquery(prices.values_list(JSONObject(**told))[:1])


def _price(told: dict[str, Any]) -> OwnPrice:
    cached = told["cached_input_mtok"]
    return OwnPrice(
        input_mtok=Decimal(told["input_mtok"]),
        output_mtok=Decimal(told["output_mtok"]),
        cached_input_mtok=None if cached is None else Decimal(cached),
        currency=told["currency"],
    )


_accounts = Compiled(
    lambda tenant, pk, model: (
        Provider.unscoped.select_related("secret")
        .annotate(own_price=_own_price(model))
        .filter(tenant_id=tenant, pk=pk)
    )
)


def _revealing(secret: Secret) -> Callable[[], str]:
    def reveal() -> str:
        try:
            return secrets.reveal(secret)
        except (InvalidTag, KeyError) as error:
            cause = "The provider's API key can't be opened any more. Enter it again."
            raise Misconfigured(cause) from error

    return reveal
