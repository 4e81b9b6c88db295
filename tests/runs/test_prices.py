"""What is booked for a call."""

from decimal import Decimal

from agents.runs import prices
from agents.runs.providers.port import Tokens

OPENAI = "https://api.openai.com/v1"


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
