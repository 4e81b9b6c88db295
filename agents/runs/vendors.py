"""The engine's providers, for the pages of accounts at vendors."""

from __future__ import annotations

from decimal import Decimal

from agents.runs import prices, routes
from agents.runs.providers.port import Message, ModelRequest, NotThere, ProviderError
from agents.runs.stopping import Stop, Stopped
from tenants import vendors
from tenants.models import Provider


def declare() -> None:
    """Called once, when the apps are ready."""
    vendors.declare(vendors.Vendors(models=_models, ask=_ask, public_price=_public_price))


def _models(provider: Provider, timeout: float) -> list[str]:
    try:
        return routes.adapter_of(provider).models(timeout)
    except NotThere as error:
        raise vendors.NoList(str(error)) from error
    except ProviderError as error:
        raise vendors.VendorFailed(str(error)) from error


def _ask(provider: Provider, model: str, timeout: float) -> None:
    request = ModelRequest(model, (Message("user", "Hello"),), max_output_tokens=1)
    try:
        for _ in routes.adapter_of(provider).stream(request, Stop(timeout)):
            pass
    except Stopped as stopped:
        raise vendors.VendorFailed("The provider did not answer in time.") from stopped
    except ProviderError as error:
        raise vendors.VendorFailed(str(error)) from error


def _public_price(provider: Provider, model: str) -> tuple[Decimal, Decimal] | None:
    return prices.public(provider.base_url, model)
