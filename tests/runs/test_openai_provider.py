"""The real SDK against a server that speaks OpenAI's wire and misbehaves on request."""

import json
import threading
import time

import pytest

from agents.runs.providers.openai import OpenAIProvider
from agents.runs.providers.port import (
    CutOff,
    Garbled,
    Message,
    ModelRequest,
    RateLimited,
    Refused,
    Reply,
    Tokens,
    ToolCall,
    ToolOffer,
    Unauthorised,
    Unavailable,
    Unreachable,
)
from agents.runs.stopping import Stop, Stopped

KEY = "sk-canary-0123456789"


@pytest.fixture
def stream(fake):
    """`stream("words=5")`: all that the provider yields."""

    def collect(model, *, timeout=5, stop=None, base_url=None, **fields):
        request = ModelRequest(model, (Message("user", "Hello"),), **fields)
        provider = OpenAIProvider(base_url or fake.base_url, lambda: KEY)
        return list(provider.stream(request, stop or Stop(timeout)))

    return collect


def test_an_answer_comes_in_pieces_and_ends_with_its_tokens(stream):
    *pieces, reply = stream("words=5")

    assert "".join(pieces) == "The quick answer is that"
    assert reply == Reply("stop", tokens=Tokens(input=1, output=5))


def test_calls_of_tools_are_put_together_from_their_pieces(stream):
    (reply,) = stream('tool=find,calls=2,args={"invoice":"7"}')

    assert reply.finish == "tools"
    assert reply.tool_calls == (
        ToolCall("call_0", "find", '{"invoice":"7"}'),
        ToolCall("call_1", "find", '{"invoice":"7"}'),
    )


def test_the_request_carries_messages_tools_limits_and_key(stream, fake):
    tool = ToolOffer("find", "Finds.", {"type": "object", "properties": {}})

    stream("instant", tools=(tool,), max_output_tokens=77, temperature=0.5)

    sent = fake.requests[0]
    assert sent["messages"] == [{"role": "user", "content": "Hello"}]
    assert (sent["max_tokens"], sent["temperature"]) == (77, 0.5)
    assert sent["tools"][0]["function"]["name"] == "find"
    assert fake.headers[0]["authorization"] == f"Bearer {KEY}"


def test_a_model_that_has_to_answer_is_shown_its_tools_all_the_same(stream, fake):
    tool = ToolOffer("find", "Finds.", {"type": "object", "properties": {}})

    stream("instant", tools=(tool,), may_call=False)

    assert fake.requests[0]["tool_choice"] == "none"
    assert fake.requests[0]["tools"]


def test_a_conversation_with_tool_results_is_sent_as_it_was(fake):
    call = ToolCall("call_0", "find", "{}")
    messages = (
        Message("user", "Find it"),
        Message("assistant", "", (call,)),
        Message("tool", "found", tool_call_id="call_0"),
    )

    list(OpenAIProvider(fake.base_url).stream(ModelRequest("instant", messages), Stop(5)))

    _, asked, answered = fake.requests[0]["messages"]
    assert asked["tool_calls"][0]["function"] == {"name": "find", "arguments": "{}"}
    assert answered == {"role": "tool", "content": "found", "tool_call_id": "call_0"}


def test_one_connection_serves_many_calls(stream, fake):
    stream("instant")
    before = fake.connections

    stream("words=3")
    stream("instant")

    assert fake.connections == before


@pytest.mark.parametrize(
    ("model", "error", "words"),
    [
        ("status=429,retry_after=2", RateLimited, "too many requests"),
        ("status=500", Unavailable, "has trouble (500)"),
        ("status=503", Unavailable, "has trouble (503)"),
        ("status=400", Refused, "Fake trouble 400"),
        ("status=401", Unauthorised, "API key"),
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


def test_the_wait_that_a_provider_asks_for_is_known(stream):
    with pytest.raises(RateLimited) as raised:
        stream("status=429,retry_after=2")

    assert raised.value.retry_after == 2


def test_a_closed_port_is_unreachable(stream):
    with pytest.raises(Unreachable):
        stream("instant", base_url="http://127.0.0.1:9/v1")


def test_a_private_address_is_refused_without_the_operators_leave(stream, settings):
    settings.ALLOW_PRIVATE_NETWORKS = False

    with pytest.raises(Refused, match="may not be reached"):
        stream("instant", base_url="http://127.0.0.2:9/v1")


@pytest.mark.parametrize("model", ["cut=40,words=60", "end=40,words=60"])
def test_an_answer_that_breaks_off_is_cut_off_and_never_complete(fake, model):
    request = ModelRequest(model, (Message("user", "Hello"),))
    got = []

    with pytest.raises(CutOff) as raised:
        got.extend(OpenAIProvider(fake.base_url).stream(request, Stop(5)))

    assert raised.value.has_begun
    assert not any(isinstance(item, Reply) for item in got)


@pytest.mark.parametrize("model", ["hang", "silent=3", "trickle", "gap=2000"])
def test_a_silent_provider_is_left_at_the_deadline(stream, model):
    began = time.monotonic()

    with pytest.raises(Stopped, match="timed_out"):
        stream(model, timeout=0.3)

    assert time.monotonic() - began < 2


@pytest.mark.parametrize("model", ["silent=3", "trickle", "gap=5000"])
def test_a_wait_on_the_network_ends_when_the_run_is_cancelled(stream, model):
    stop = Stop(30)
    threading.Timer(0.2, lambda: stop.request("cancelled")).start()
    began = time.monotonic()

    with pytest.raises(Stopped, match="cancelled"):
        stream(model, stop=stop)

    assert time.monotonic() - began < 2


def test_a_key_that_the_provider_repeats_is_left_out(fake, monkeypatch):
    from benchmarks import fake_provider

    def leaking(behaviour, writer):
        body = json.dumps({"error": {"message": f"Bad key {KEY}!"}}).encode()
        writer.write(
            fake_provider._head(400, "application/json", f"Content-Length: {len(body)}\r\n")
        )
        writer.write(body)

    monkeypatch.setattr(fake_provider, "_send_problem", leaking)

    with pytest.raises(Refused) as raised:
        list(
            OpenAIProvider(fake.base_url, lambda: KEY).stream(
                ModelRequest("status=400", (Message("user", "Hello"),)), Stop(5)
            )
        )

    assert KEY not in str(raised.value)
    assert "Bad key …!" in str(raised.value)
