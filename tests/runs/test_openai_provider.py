"""What is OpenAI's own of its adapter; the rest is in the contract of all adapters."""

import pytest

from agents.runs.providers.openai import OpenAIProvider
from agents.runs.providers.port import Message, ModelRequest, ToolCall, ToolOffer
from agents.runs.stopping import Stop

KEY = "sk-canary-0123456789"


@pytest.fixture
def stream(fake):
    """`stream("words=5")`: all that the provider yields."""

    def collect(model, *, timeout=5, stop=None, base_url=None, **fields):
        request = ModelRequest(model, (Message("user", "Hello"),), **fields)
        provider = OpenAIProvider(base_url or fake.base_url, lambda: KEY)
        return list(provider.stream(request, stop or Stop(timeout)))

    return collect


def test_the_request_carries_messages_tools_limits_and_key(stream, fake):
    tool = ToolOffer("find", "Finds.", {"type": "object", "properties": {}})

    stream("instant", tools=(tool,), max_output_tokens=77, temperature=0.5)

    sent = fake.requests[0]
    assert sent["messages"] == [{"role": "user", "content": "Hello"}]
    assert (sent["max_tokens"], sent["temperature"]) == (77, 0.5)
    assert sent["tools"][0]["function"]["name"] == "find"
    assert fake.headers[0]["authorization"] == f"Bearer {KEY}"


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
