"""Gemini's chunks and turns, also those that no fake sends."""

import pytest
from google.genai.types import GenerateContentResponse

from agents.runs.providers import gemini_wire
from agents.runs.providers.gemini_wire import Answer, contents
from agents.runs.providers.port import Garbled, Message, Refused, ToolCall


def taken(*chunks):
    answer = Answer()
    for chunk in chunks:
        answer.take(GenerateContentResponse.model_validate(chunk))
    return answer


def candidate(*parts, **fields):
    return {"candidates": [{"content": {"role": "model", "parts": list(parts)}, **fields}]}


def test_a_prompt_that_was_blocked_is_filtered():
    blocked = {"promptFeedback": {"blockReason": "SAFETY"}}

    assert taken(blocked).reply().finish == "filtered"


@pytest.mark.parametrize("reason", ["MALFORMED_FUNCTION_CALL", "OTHER"])
def test_an_end_that_is_no_answer_is_garbled(reason):
    with pytest.raises(Garbled, match=reason):
        taken(candidate(finishReason=reason))


def test_thoughts_are_paid_as_output_and_are_no_part_of_the_answer():
    usage = {"promptTokenCount": 10, "candidatesTokenCount": 3, "thoughtsTokenCount": 40}
    answer = taken(
        candidate({"text": "Hm.", "thought": True}, finishReason="STOP") | {"usageMetadata": usage}
    )

    assert answer.has_begun is False
    assert answer.reply().tokens.output == 43


def test_ids_that_the_model_gave_are_kept_and_ours_are_not_sent():
    asked = taken(
        candidate(
            {"functionCall": {"name": "f", "args": {}, "id": "theirs"}},
            {"functionCall": {"name": "g", "args": {}}},
            finishReason="STOP",
        )
    ).reply()

    messages = (
        Message("assistant", "", asked.tool_calls, carried=asked.carried),
        *(Message("tool", "ok", tool_call_id=call.id) for call in asked.tool_calls),
    )
    calls, results = contents(messages)

    assert [part["function_call"].get("id") for part in calls["parts"]] == ["theirs", None]
    names = [part["function_response"]["name"] for part in results["parts"]]
    assert names == ["f", "g"]
    assert results["parts"][0]["function_response"]["id"] == "theirs"


def test_broken_arguments_become_an_empty_object():
    [turn] = contents((Message("assistant", "", (ToolCall("a", "f", "{x"),)),))

    assert turn["parts"][0]["function_call"]["args"] == {}


@pytest.mark.parametrize("name", ["../files", "a/../../b", "a?key=1", "a#b", "a%2f..", "a b", ""])
def test_a_model_whose_name_leads_elsewhere_is_refused(name):
    with pytest.raises(Refused):
        gemini_wire.check_model(name)


@pytest.mark.parametrize("name", ["gemini-3-pro", "tunedModels/mine-1", "models/gemini-2.5-flash"])
def test_models_names_are_taken(name):
    gemini_wire.check_model(name)


def test_the_wait_and_a_wrong_key_are_read_from_the_details():
    details = [{"reason": "API_KEY_INVALID"}, {"retryDelay": "13.5s"}]
    body = {"error": {"code": 400, "details": details}}

    assert gemini_wire.says_bad_key(body)
    assert gemini_wire.retry_delay(body) == 13.5
    assert not gemini_wire.says_bad_key({"error": {"details": "none"}})
    assert gemini_wire.retry_delay([]) is None
