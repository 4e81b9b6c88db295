"""Anthropic's events and turns, also those that no fake sends."""

import json

import pytest

from agents.runs.providers.anthropic_wire import Answer, body
from agents.runs.providers.port import Garbled, Message, ModelRequest, Tokens, ToolCall


def taken(*events):
    answer = Answer()
    for event in events:
        answer.take(event)
    return answer


def block(index, **fields):
    return {"type": "content_block_start", "index": index, "content_block": fields}


def delta(index, **fields):
    return {"type": "content_block_delta", "index": index, "delta": fields}


def ended(reason, **usage):
    return {"type": "message_delta", "delta": {"stop_reason": reason}, "usage": usage}


def test_tokens_written_to_the_cache_were_sent_too():
    usage = {"input_tokens": 10, "cache_creation_input_tokens": 7, "cache_read_input_tokens": 3}
    start = {"type": "message_start", "message": {"usage": {**usage, "output_tokens": 1}}}

    assert taken(start, ended("end_turn", output_tokens=5)).reply().tokens == Tokens(20, 5, 3)


def test_signed_thoughts_go_back_before_the_calls():
    answer = taken(
        block(0, type="thinking", thinking="", signature=""),
        delta(0, type="thinking_delta", thinking="Hm."),
        delta(0, type="signature_delta", signature="abc"),
        block(1, type="redacted_thinking", data="xyz"),
        block(2, type="tool_use", id="t1", name="find", input={}),
        ended("tool_use"),
    )
    reply = answer.reply()

    asked = Message("assistant", "", reply.tool_calls, carried=reply.carried)
    [turn] = body(ModelRequest("m", (asked,)))["messages"]

    assert turn["content"] == [
        {"type": "thinking", "thinking": "Hm.", "signature": "abc"},
        {"type": "redacted_thinking", "data": "xyz"},
        {"type": "tool_use", "id": "t1", "name": "find", "input": {}},
    ]


def test_thoughts_are_no_part_of_the_answer():
    answer = taken(block(0, type="thinking", thinking=""))

    assert answer.take(delta(0, type="thinking_delta", thinking="Hm.")) == ""
    assert answer.has_begun is False


def test_calls_of_an_answer_that_was_cut_at_its_limit_are_not_made():
    call = block(0, type="tool_use", id="t1", name="find", input={})
    reply = taken(call, ended("max_tokens")).reply()

    assert (reply.finish, reply.tool_calls) == ("length", ())


@pytest.mark.parametrize("reason", ["refusal", "model_context_window_exceeded", "pause_turn"])
def test_no_early_end_is_taken_for_a_whole_answer(reason):
    assert taken(ended(reason)).reply().finish in ("filtered", "length")


def test_all_results_stand_in_one_turn_before_what_is_asked_next():
    messages = (
        Message("user", "Find"),
        Message("assistant", "Wait.", (ToolCall("a", "f", "{}"), ToolCall("b", "f", "[1]"))),
        Message("tool", "one", tool_call_id="a"),
        Message("tool", "two", tool_call_id="b"),
    )

    user, asked, results = body(ModelRequest("m", messages))["messages"]

    assert [b["type"] for b in asked["content"]] == ["text", "tool_use", "tool_use"]
    assert [b["input"] for b in asked["content"][1:]] == [{}, {}]
    assert [b["tool_use_id"] for b in results["content"]] == ["a", "b"]
    assert (user["role"], results["role"]) == ("user", "user")


@pytest.mark.parametrize(
    "event",
    [
        {},
        {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "x"}},
        {"type": "message_delta"},
        {"type": "content_block_start", "index": "x", "content_block": {"type": "text"}},
        {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": 7}},
    ],
)
def test_what_is_no_event_is_garbled(event):
    with pytest.raises(Garbled):
        Answer().take(json.loads(json.dumps(event)))


def test_events_of_kinds_that_are_still_to_come_are_passed_over():
    assert taken({"type": "something_new", "more": 1}, ended("end_turn")).reply().finish == "stop"
