"""What the ground floor asks of model vendors. The run engine, which knows them, declares how."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from time import monotonic

from tenants.models import Provider

TEST_SECONDS = 20.0


class VendorFailed(Exception):
    """The vendor did not do what it was asked; `str()` is a sentence for people, without a key."""


@dataclass(frozen=True, slots=True)
class Vendors:
    """Each raises VendorFailed."""

    models: Callable[[Provider, float], list[str]]  # their names, within so many seconds
    ask: Callable[[Provider, str, float], None]  # one token of a model
    public_price: Callable[[Provider, str], tuple[Decimal, Decimal] | None]  # a million in, out


@dataclass(frozen=True, slots=True)
class Trial:
    """What came of a test: it works, or why not."""

    ok: bool
    duration_ms: int
    cause: str = ""
    note: str = ""
    models: tuple[str, ...] = ()


_declared: list[Vendors] = []


def declare(vendors: Vendors) -> None:
    """Called once, when the apps are ready."""
    _declared[:] = [vendors]


def public_price(provider: Provider, model: str) -> tuple[Decimal, Decimal] | None:
    """What a million tokens of input and of output cost publicly, in dollars, where it is known."""
    return _declared[0].public_price(provider, model)


def test(provider: Provider) -> Trial:
    """Really connect: list the models, or ask for one token where there is no list."""
    began = monotonic()
    try:
        models, note = _tried(provider)
    except VendorFailed as failure:
        return Trial(ok=False, duration_ms=_since(began), cause=str(failure))
    return Trial(ok=True, duration_ms=_since(began), note=note, models=tuple(models))


def _tried(provider: Provider) -> tuple[list[str], str]:
    try:
        models = _declared[0].models(provider, TEST_SECONDS)
    except NoList:
        _declared[0].ask(provider, provider.default_model, TEST_SECONDS)
        return [], f"It lists no models; “{provider.default_model}” answered."
    if models and provider.default_model not in models:
        return models, f"“{provider.default_model}”, the default model, is not in its list."
    return models, ""


class NoList(VendorFailed):
    """The server refuses to list models, which not all can."""


def _since(began: float) -> int:
    return round((monotonic() - began) * 1000)
