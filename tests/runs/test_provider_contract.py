"""What every adapter promises: the real SDKs against a server that speaks their vendors' wires and
misbehaves on request."""

import json
import threading
import time

import pytest

from agents.runs.providers.anthropic import AnthropicProvider
from agents.runs.providers.gemini import GeminiProvider
from agents.runs.providers.openai import OpenAIProvider
from agents.runs.providers.port import (
    CutOff,
    Garbled,
    Message,
    ModelRequest,
    NotThere,
    ProviderError,
    RateLimited,
    Refused,
    Reply,
    ToolOffer,
    Unauthorised,
    Unavailable,
    Unreachable,
)
from agents.runs.stopping import Stop, Stopped

KEY = "sk-canary-0123456789"
TOOL = ToolOffer("find", "Finds.", {"type": "object", "properties": {"invoice": {}}})
ADAPTERS = {"openai": OpenAIProvider, "anthropic": AnthropicProvider, "gemini": GeminiProvider}


@pytest.fixture(params=list(ADAPTERS))
def kind(request):
    return request.param


@pytest.fixture
def provider(kind, fake):
    """`provider()`: an account at the fake vendor; `provider("http://…")` elsewhere."""

    def make(base_url=None, key=KEY):
        urls = {"openai": fake.base_url}
        return ADAPTERS[kind](base_url or urls.get(kind) or fake.url_of(kind), lambda: key)

    return make


@pytest.fixture
def stream(provider):
    """`stream("words=5")`: all that the provider yields."""

    def collect(model, *, timeout=5, stop=None, base_url=None, messages=None, **fields):
        asked = messages or (Message("system", "Be brief."), Message("user", "Hello"))
        request = ModelRequest(model, asked, **fields)
        return list(provider(base_url).stream(request, stop or Stop(timeout)))

    return collect


def sent_words(request):
    """All that a request says, whichever wire it is on."""
    return str(request)


# ── Answers ───────────────────────────────────────────────────────────────────────────────────


def test_an_answer_comes_in_pieces_and_ends_with_its_tokens(stream):
    *pieces, reply = stream("words=5")

    assert "".join(pieces) == "The quick answer is that"
    assert (reply.finish, reply.tokens.output, reply.tokens.is_estimated) == ("stop", 5, False)
    assert reply.tokens.input > 0


def test_pieces_come_as_the_network_brings_them(stream):
    assert stream("words=3,gap=1")[:-1] == ["The", " quick", " answer"]


def test_tokens_from_the_cache_are_a_part_of_the_input(stream):
    plain = stream("words=5")[-1].tokens
    cached = stream("words=5,cached=80")[-1].tokens

    assert (plain.cached_input, cached.cached_input) == (0, 80)
    assert cached.input == plain.input + 80


def test_a_vendor_that_reports_no_tokens_is_not_made_up_for(stream):
    assert stream("words=5,nousage")[-1].tokens is None


@pytest.mark.parametrize(("model", "finish"), [("length", "length"), ("filtered", "filtered")])
def test_an_answer_that_was_ended_early_says_so(stream, model, finish):
    assert stream(f"{model},words=3")[-1].finish == finish


def test_system_prompt_limit_and_temperature_are_sent(stream, fake):
    stream("words=1", max_output_tokens=77, temperature=0.5)

    said = sent_words(fake.requests[0])
    assert "Be brief." in said
    assert "77" in said
    assert "0.5" in said


@pytest.mark.parametrize("temperature", [0.0, 2.0])
def test_every_temperature_that_an_agent_may_have_is_taken(stream, temperature):
    assert stream("words=1", temperature=temperature)[-1].finish == "stop"


def test_the_key_is_sent_and_only_in_a_header(stream, fake):
    stream("words=1")

    assert KEY in str(fake.headers[0])
    assert KEY not in sent_words(fake.requests[0])


def test_one_connection_serves_many_calls(stream, fake):
    stream("words=1")
    before = fake.connections

    stream("words=3")
    stream("words=1")

    assert fake.connections == before


# ── Tools ─────────────────────────────────────────────────────────────────────────────────────


def test_parallel_calls_are_put_together_from_their_pieces(stream):
    (reply,) = stream('tool=find,calls=2,args={"invoice":"7"}', tools=(TOOL,))

    calls = [(call.name, json.loads(call.arguments)) for call in reply.tool_calls]
    assert reply.finish == "tools"
    assert calls == [("find", {"invoice": "7"})] * 2
    assert len({call.id for call in reply.tool_calls}) == 2


def test_the_results_of_parallel_calls_are_taken_and_answered(stream, fake):
    opening = (Message("system", "Be brief."), Message("user", "Find both"))
    (asked,) = stream("tool=find,calls=2", messages=opening, tools=(TOOL,))
    results = [Message("tool", f"found {c.id}", tool_call_id=c.id) for c in asked.tool_calls]
    calling = Message("assistant", "", asked.tool_calls, carried=asked.carried)

    *pieces, reply = stream(
        "tool=find,calls=2", messages=(*opening, calling, *results), tools=(TOOL,)
    )

    assert reply.finish == "stop"
    assert "".join(pieces).startswith("The quick answer")
    for call in asked.tool_calls:
        assert f"found {call.id}" in sent_words(fake.requests[1])


def test_arguments_that_are_no_json_do_not_spoil_the_next_turn(stream):
    (asked,) = stream("tool=find", tools=(TOOL,))
    [call] = asked.tool_calls
    broken = type(call)(call.id, call.name, "{broken")
    messages = (
        Message("user", "Find it"),
        Message("assistant", "", (broken,), carried=asked.carried),
        Message("tool", "These arguments are no JSON.", tool_call_id=call.id),
    )

    assert stream("tool=find", messages=messages, tools=(TOOL,))[-1].finish == "stop"


def test_a_model_that_has_to_answer_is_shown_its_tools_all_the_same(stream, fake):
    stream("words=1", tools=(TOOL,), may_call=False)

    said = sent_words(fake.requests[0]).lower()
    assert "'find'" in said
    assert "'none'" in said


def test_earlier_turns_are_sent_in_their_order(stream, fake):
    messages = tuple(
        Message(role, words)
        for role, words in [("user", "One?"), ("assistant", "Two."), ("user", "Three?")]
    )

    stream("words=1", messages=messages)

    said = sent_words(fake.requests[0])
    assert said.index("One?") < said.index("Two.") < said.index("Three?")


# ── Failures ──────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("model", "error", "words"),
    [
        ("status=429,retry_after=2", RateLimited, "too many requests"),
        ("status=500", Unavailable, "has trouble (500)"),
        ("status=503", Unavailable, "has trouble (503)"),
        ("status=529", Unavailable, "has trouble (529)"),
        ("status=400", Refused, "Fake trouble 400"),
        ("status=404", NotThere, "no such model"),
        ("status=401", Unauthorised, "API key"),
        ("status=403", Unauthorised, "API key"),
        ("garbage", Garbled, "no answer"),
        ("end=0", Garbled, "without an answer"),
        ("refuse", Unreachable, "can't be reached"),
    ],
)
def test_a_failure_before_the_first_token_is_named(stream, model, error, words):
    with pytest.raises(error) as raised:
        stream(model)

    assert words in str(raised.value)
    assert raised.value.has_begun is False
    assert type(raised.value) is error


def test_the_wait_that_a_provider_asks_for_is_known(stream):
    with pytest.raises(RateLimited) as raised:
        stream("status=429,retry_after=2")

    assert raised.value.retry_after == 2


def test_a_closed_port_is_unreachable(stream):
    with pytest.raises(Unreachable):
        stream("words=1", base_url="http://127.0.0.1:9")


def test_a_private_address_is_refused_without_the_operators_leave(stream, settings):
    settings.ALLOW_PRIVATE_NETWORKS = False

    with pytest.raises(Refused, match="may not be reached"):
        stream("words=1", base_url="http://127.0.0.2:9")


@pytest.mark.parametrize("model", ["cut=20,words=60", "end=20,words=60", "end=20,words=60,broken"])
def test_an_answer_that_breaks_off_is_cut_off_and_never_complete(provider, model):
    request = ModelRequest(model, (Message("user", "Hi"),))
    got = []

    with pytest.raises(CutOff) as raised:
        got.extend(provider().stream(request, Stop(5)))

    assert raised.value.has_begun
    assert len("".join(got).split()) == 20
    assert not any(isinstance(item, Reply) for item in got)


@pytest.mark.parametrize("model", ["hang", "silent=3", "trickle", "gap=60000"])
def test_a_silent_provider_is_left_at_the_deadline(stream, model):
    began = time.monotonic()

    with pytest.raises(Stopped, match="timed_out"):
        stream(model, timeout=0.3)

    assert time.monotonic() - began < 20


@pytest.mark.parametrize("model", ["silent=3", "trickle", "gap=60000"])
def test_a_wait_on_the_network_ends_when_the_run_is_cancelled(stream, model):
    stop = Stop(30)
    threading.Timer(0.2, lambda: stop.request("cancelled")).start()
    began = time.monotonic()

    with pytest.raises(Stopped, match="cancelled"):
        stream(model, stop=stop)

    assert time.monotonic() - began < 20


@pytest.mark.parametrize("status", [400, 401, 429, 500])
def test_a_key_that_the_provider_repeats_is_left_out(stream, status):
    with pytest.raises(ProviderError) as raised:
        stream(f"status={status},telling")

    assert KEY not in str(raised.value)
    assert KEY[:12] not in str(raised.value)


# ── Models ────────────────────────────────────────────────────────────────────────────────────


def test_the_models_of_an_account_are_listed(provider):
    assert provider().models(5) == ["fake-large", "fake-small"]


def test_a_wrong_key_lists_nothing(provider):
    with pytest.raises(Unauthorised) as raised:
        provider(key="sk-wrong-0123456789").models(5)

    assert "sk-wrong" not in str(raised.value)


def test_models_are_not_asked_of_a_private_address(provider, settings):
    settings.ALLOW_PRIVATE_NETWORKS = False

    with pytest.raises(Refused, match="may not be reached"):
        provider("http://127.0.0.2:9").models(5)
