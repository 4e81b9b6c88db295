"""Events of OpenAI's wire, also those that some servers send a little differently."""

import pytest

from agents.runs.providers.openai_wire import Answer, body
from agents.runs.providers.port import Garbled, Message, ModelRequest, Tokens, Unavailable


def chunk(delta=None, finish=None, **fields):
    return {"choices": [{"delta": delta or {}, "finish_reason": finish}], **fields}


def test_a_refusal_is_the_answers_text():
    assert Answer().take(chunk({"refusal": "I won't."})) == "I won't."


def test_cached_tokens_are_counted_apart():
    answer = Answer()
    usage = {
        "prompt_tokens": 100,
        "completion_tokens": 5,
        "prompt_tokens_details": {"cached_tokens": 80},
    }

    answer.take(chunk(finish="stop", usage=usage))

    assert answer.reply().tokens == Tokens(100, 5, cached_input=80)


def test_calls_without_index_or_id_are_told_apart():
    answer = Answer()
    parts = [{"function": {"name": name, "arguments": "{}"}} for name in ("a", "b")]

    answer.take(chunk({"tool_calls": parts}, finish="stop"))

    assert [(c.id, c.name) for c in answer.reply().tool_calls] == [("call_0", "a"), ("call_1", "b")]
    assert answer.reply().finish == "tools"


def test_calls_of_an_answer_that_was_cut_at_its_limit_are_not_made():
    answer = Answer()

    answer.take(chunk({"tool_calls": [{"index": 0, "function": {"name": "a"}}]}, finish="length"))

    assert answer.reply().tool_calls == ()
    assert answer.reply().finish == "length"


def test_an_error_inside_a_stream_is_a_failure():
    with pytest.raises(Unavailable, match="overloaded"):
        Answer().take({"error": {"message": "overloaded"}})


@pytest.mark.parametrize(
    "event",
    [
        {"choices": "x"},
        {"choices": [None]},
        {"choices": [{"delta": {"content": 7}}]},
        {"choices": [], "usage": {"prompt_tokens": "many"}},
        {"choices": [{"delta": {"tool_calls": [{"index": "x"}]}}]},
    ],
)
def test_what_is_no_event_is_garbled(event):
    with pytest.raises(Garbled):
        Answer().take(event)


def test_openai_itself_gets_its_own_name_for_the_limit():
    request = ModelRequest("gpt", (Message("user", "Hi"),), max_output_tokens=7)

    assert body(request, is_official=True)["max_completion_tokens"] == 7
    assert "max_tokens" not in body(request, is_official=True)
