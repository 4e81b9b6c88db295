"""What is booked for a call."""

from decimal import Decimal

import pytest

from agents.runs import prices
from agents.runs.engine.ledger import Ledger
from agents.runs.models import UsageRecord
from agents.runs.prices import OwnPrice
from agents.runs.providers.port import Tokens
from tests.factories.tenants import ModelPriceFactory

OPENAI = "https://api.openai.com/v1"
MILLION = Tokens(1_000_000, 1_000_000)


def test_a_known_model_is_booked_at_its_price_with_where_that_came_from():
    booking = prices.book("openai", OPENAI, "gpt-4o-mini", Tokens(1_000_000, 100_000))

    assert booking.cost == Decimal("0.21")
    assert booking.price["input_mtok"] == "0.15"
    assert booking.source.startswith("genai-prices ")
    assert booking.source.endswith("openai/gpt-4o-mini")


def test_cached_tokens_cost_less():
    full = prices.book("openai", OPENAI, "gpt-4o-mini", Tokens(1000, 0))
    cached = prices.book("openai", OPENAI, "gpt-4o-mini", Tokens(1000, 0, cached_input=1000))

    assert cached.cost < full.cost


def test_an_unknown_server_has_no_known_price():
    booking = prices.book("openai", "http://127.0.0.1:9/v1", "gpt-4o-mini", Tokens(1000, 10))

    assert (booking.cost, booking.price) == (None, {})


def test_an_unknown_model_has_no_known_price():
    assert prices.book("openai", OPENAI, "unheard-of", Tokens(1000, 10)).cost is None


def test_the_demo_is_free():
    assert prices.book("demo", "", "demo", Tokens(1000, 10)).cost == 0


def test_the_vendors_prices_are_known_by_their_addresses():
    claude = prices.book("anthropic", "https://api.anthropic.com", "claude-sonnet-4-5", MILLION)
    gemini = prices.book(
        "gemini", "https://generativelanguage.googleapis.com", "gemini-2.5-flash", MILLION
    )

    assert claude.cost > 0
    assert gemini.cost > 0


def test_an_own_price_goes_before_the_public_one():
    own = OwnPrice(Decimal("0.1"), Decimal("0.4"), Decimal("0.01"), "EUR")

    booking = prices.book("openai", OPENAI, "gpt-4o-mini", Tokens(3000, 500, 1000), own)

    assert booking.cost == Decimal("0.000410000")  # 2,000 × 0.1 + 1,000 × 0.01 + 500 × 0.4
    assert booking.currency == "EUR"
    assert booking.price == {"input_mtok": "0.1", "output_mtok": "0.4", "cache_read_mtok": "0.01"}
    assert booking.source == prices.OWN


def test_without_a_price_for_the_cache_it_costs_as_other_input():
    own = OwnPrice(Decimal(1), Decimal(1), None, "USD")

    assert own.book(Tokens(1_000_000, 0, 1_000_000)).cost == Decimal(1)


@pytest.mark.django_db
def test_a_run_is_booked_at_the_tenants_own_price(openai_agent, ask, tenant):
    agent = openai_agent("words=5")
    ModelPriceFactory(
        tenant=tenant, provider=agent.provider, model="words=5", currency="EUR",
        input_mtok=Decimal(1000), output_mtok=Decimal(2000),
    )  # fmt: skip

    run = ask(agent)

    usage = UsageRecord.unscoped.get(run=run)
    assert usage.cost == Decimal(usage.input_tokens * 1000 + 5 * 2000) / 1_000_000
    assert (usage.currency, usage.price_source) == ("EUR", prices.OWN)
    assert (run.cost, run.currency) == (usage.cost, "EUR")


@pytest.mark.django_db
def test_calls_in_two_currencies_have_no_sum(openai_agent, ask):
    run = ask(openai_agent("words=5"))
    ledger = Ledger(run)

    for currency in ("EUR", "USD"):
        ledger._add_cost(prices.Booking(Decimal(1), currency=currency))

    assert ledger._cost is None
