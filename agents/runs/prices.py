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
OWN = "the organisation's own price"


@dataclass(frozen=True, slots=True)
class Booking:
    """The cost of one call and the price that it was booked at; no cost where none is known."""

    cost: Decimal | None
    price: dict[str, str] = field(default_factory=dict)
    source: str = ""
    currency: str = CURRENCY


@dataclass(frozen=True, slots=True)
class OwnPrice:
    """What the tenant has agreed with its provider, for a million tokens."""

    input_mtok: Decimal
    output_mtok: Decimal
    cached_input_mtok: Decimal | None
    currency: str

    def book(self, tokens: Tokens) -> Booking:
        """At this price, to a billionth of the currency."""
        cached = self.input_mtok if self.cached_input_mtok is None else self.cached_input_mtok
        million_fold = (
            (tokens.input - tokens.cached_input) * self.input_mtok
            + tokens.cached_input * cached
            + tokens.output * self.output_mtok
        )
        price = {"input_mtok": self.input_mtok, "output_mtok": self.output_mtok}
        price["cache_read_mtok"] = cached
        written = {name: f"{amount.normalize():f}" for name, amount in price.items()}
        cost = (million_fold / 1_000_000).quantize(Decimal("1e-9"))
        return Booking(cost, written, OWN, self.currency)


def book(
    kind: str, base_url: str, model: str, tokens: Tokens, own: OwnPrice | None = None
) -> Booking:
    """Price a call: at the tenant's own price, or at the public one where there is none.

    A server that isn't known by its address has no public price.
    """
    if own is not None:
        return own.book(tokens)
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


def public(base_url: str, model: str) -> tuple[Decimal, Decimal] | None:
    """What a million tokens of input and of output cost publicly, in dollars, where it is known."""
    reading = book("", base_url, model, Tokens(input=1_000_000, output=0)).cost
    writing = book("", base_url, model, Tokens(input=0, output=1_000_000)).cost
    return None if reading is None or writing is None else (reading, writing)


def told(cost: Decimal | None, currency: str = CURRENCY) -> dict[str, str] | None:
    """An amount as programs get it: a plain decimal and its currency."""
    if cost is None:
        return None
    return {"amount": f"{cost.normalize():f}", "currency": currency}


def _written(model_price: Any) -> dict[str, str]:
    return {name: str(value) for name, value in vars(model_price).items() if value is not None}


@cache
def _library() -> Any:
    # Its table takes half a second to load, which only those pay who have a priced model.
    return import_module("genai_prices")
