"""What tokens cost, as genai-prices knows it on the day of the call."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from importlib import import_module
from typing import Any

from agents.runs.providers.port import Tokens

CURRENCY = "USD"
FREE = "free"


@dataclass(frozen=True, slots=True)
class Booking:
    """The cost of one call and the price that it was booked at; no cost where none is known."""

    cost: Decimal | None
    price: dict[str, str] = field(default_factory=dict)
    source: str = ""


def book(kind: str, base_url: str, model: str, tokens: Tokens) -> Booking:
    """Price a call. A server that isn't known by its address has no known price."""
    if kind == "demo":
        return Booking(Decimal(0), {"input_mtok": "0", "output_mtok": "0"}, FREE)
    prices = _library()
    usage = prices.Usage(
        input_tokens=tokens.input,
        output_tokens=tokens.output,
        cache_read_tokens=tokens.cached_input,
    )
    try:
        priced = prices.calc_price(usage, model, provider_api_url=base_url)
    except LookupError:
        return Booking(None)
    source = f"genai-prices {prices.__version__}: {priced.provider.id}/{priced.model.id}"
    return Booking(priced.total_price, _written(priced.model_price), source)


def told(cost: Decimal | None) -> dict[str, str] | None:
    """An amount as programs get it: a plain decimal and its currency."""
    if cost is None:
        return None
    return {"amount": f"{cost.normalize():f}", "currency": CURRENCY}


def _written(model_price: Any) -> dict[str, str]:
    return {name: str(value) for name, value in vars(model_price).items() if value is not None}


@cache
def _library() -> Any:
    # Its table takes half a second to load, which only those pay who have a priced model.
    return import_module("genai_prices")
