"""From a route of a spec to the provider that answers it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from cryptography.exceptions import InvalidTag
from django.utils.module_loading import import_string

from agents.runs.providers.demo import DemoProvider
from agents.runs.providers.port import Misconfigured
from agents.runs.providers.port import Provider as Port
from agents.specs import RouteSpec
from tenants import secrets
from tenants.compiled import Compiled
from tenants.models import Provider, Secret

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


def route_for(tenant_id: UUID, spec: RouteSpec) -> Route:
    """The provider behind a route. Raises Misconfigured where it is gone."""
    if spec.provider_id is None:
        return Route(DemoProvider(), spec.model)
    row = _accounts.first(tenant=tenant_id, pk=spec.provider_id)
    if row is None:
        raise Misconfigured("The agent's provider was deleted. Choose another one and publish.")
    adapter = import_string(ADAPTERS[row.kind])
    provider = adapter(row.base_url, _revealing(row.secret) if row.secret else None)
    return Route(provider, spec.model, row.kind, row.pk, row.base_url)


_accounts = Compiled(
    lambda tenant, pk: Provider.unscoped.select_related("secret").filter(tenant_id=tenant, pk=pk)
)


def _revealing(secret: Secret) -> Callable[[], str]:
    def reveal() -> str:
        try:
            return secrets.reveal(secret)
        except (InvalidTag, KeyError) as error:
            cause = "The provider's API key can't be opened any more. Enter it again."
            raise Misconfigured(cause) from error

    return reveal
