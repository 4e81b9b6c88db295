"""The shapes of Gemini's generateContent: our request into them, its chunks into a reply."""

from __future__ import annotations

import base64
import json
import re
from dataclasses import dataclass, field
from typing import Any

from agents.runs.providers.port import (
    Finish,
    Garbled,
    Message,
    ModelRequest,
    Refused,
    Reply,
    Tokens,
    ToolCall,
)

# It becomes a part of the request's path, which it must not lead elsewhere.
_MODEL = re.compile(r"[^\s/?#%\\][^\s?#%\\]*")
_OURS = "call_"  # the ids of calls that the model gave none

_FINISHES: dict[str, Finish] = {"STOP": "stop", "MAX_TOKENS": "length"}
_WITHHELD = {
    "SAFETY", "RECITATION", "LANGUAGE", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", "IMAGE_SAFETY",
}  # fmt: skip


def check_model(name: str) -> None:
    """Raises Refused for a name that would lead the request elsewhere."""
    if not _MODEL.fullmatch(name) or ".." in name:
        raise Refused("Gemini has no model of such a name.")


def config(request: ModelRequest) -> dict[str, Any]:
    """Everything of the request but its messages."""
    sent: dict[str, Any] = {
        "max_output_tokens": request.max_output_tokens,
        "automatic_function_calling": {"disable": True},
    }
    if system := "\n\n".join(m.content for m in request.messages if m.role == "system"):
        sent["system_instruction"] = system
    if request.temperature is not None:
        sent["temperature"] = request.temperature
    if request.tools:
        offered = [
            {
                "name": tool.name,
                "description": tool.description,
                "parameters_json_schema": dict(tool.parameters),
            }
            for tool in request.tools
        ]
        sent["tools"] = [{"function_declarations": offered}]
        mode = "AUTO" if request.may_call else "NONE"
        sent["tool_config"] = {"function_calling_config": {"mode": mode}}
    return sent


def contents(messages: tuple[Message, ...]) -> list[Any]:
    """Messages as turns: the results of all calls of a turn stand together in the next one."""
    names = {call.id: call.name for message in messages for call in message.tool_calls}
    turns: list[Any] = []
    for message in messages:
        if message.role == "system":
            continue
        role = "model" if message.role == "assistant" else "user"
        parts = _parts(message, names)
        if turns and turns[-1]["role"] == role:
            turns[-1]["parts"] += parts
        elif parts:
            turns.append({"role": role, "parts": parts})
    return turns


def _parts(message: Message, names: dict[str, str]) -> list[dict[str, Any]]:
    if message.role == "tool":
        given = message.tool_call_id
        answered = {"name": names.get(given, "tool"), "response": {"output": message.content}}
        return [{"function_response": answered | _identity(given)}]
    parts: list[dict[str, Any]] = [{"text": message.content}] if message.content else []
    signatures = json.loads(message.carried or "{}")
    for call in message.tool_calls:
        asked = {"name": call.name, "args": call.given} | _identity(call.id)
        signed = signatures.get(call.id)
        thought = {"thought_signature": base64.b64decode(signed)} if signed else {}
        parts.append({"function_call": asked} | thought)
    return parts


def _identity(call_id: str) -> dict[str, str]:
    return {} if call_id.startswith(_OURS) else {"id": call_id}


@dataclass(slots=True)
class Answer:
    """What has arrived of an answer."""

    has_begun: bool = False
    finish: Finish | None = None
    _calls: list[ToolCall] = field(default_factory=list)
    _signatures: dict[str, str] = field(default_factory=dict)
    _tokens: Tokens | None = None

    def take(self, chunk: Any) -> str:
        """Add one `GenerateContentResponse`; the text that it brought. Raises Garbled."""
        if chunk.usage_metadata is not None:
            self._tokens = _tokens(chunk.usage_metadata) or self._tokens
        if chunk.prompt_feedback is not None and chunk.prompt_feedback.block_reason:
            self.finish = "filtered"
        if not chunk.candidates:
            return ""
        candidate = chunk.candidates[0]
        parts = (candidate.content.parts or []) if candidate.content else []
        text = "".join(self._part(part) for part in parts)
        self.has_begun = self.has_begun or bool(text or self._calls)
        if candidate.finish_reason is not None:
            self._end(str(candidate.finish_reason.value))
        return text

    def _part(self, part: Any) -> str:
        if part.function_call is not None:
            wanted = part.function_call
            call_id = wanted.id or f"{_OURS}{len(self._calls)}"
            arguments = json.dumps(wanted.args or {}, ensure_ascii=False)
            self._calls.append(ToolCall(call_id, wanted.name or "", arguments))
            if part.thought_signature:
                signed = base64.b64encode(part.thought_signature).decode()
                self._signatures[call_id] = signed
        return "" if part.thought else str(part.text or "")

    def _end(self, reason: str) -> None:
        if reason in _WITHHELD:
            self.finish = "filtered"
        elif reason in _FINISHES:
            self.finish = _FINISHES[reason]
        elif reason != "FINISH_REASON_UNSPECIFIED":
            # MALFORMED_FUNCTION_CALL, OTHER and what is still to come: no answer to rely on.
            raise Garbled(f"The provider ended its answer with {reason[:40]}.")

    def reply(self) -> Reply:
        """The end of the complete answer. Raises Garbled where it isn't complete."""
        if self.finish is None:
            raise Garbled("The provider ended the connection without an answer.")
        is_asking = bool(self._calls) and self.finish == "stop"
        return Reply(
            finish="tools" if is_asking else self.finish,
            tool_calls=tuple(self._calls) if is_asking else (),
            tokens=self._tokens,
            carried=json.dumps(self._signatures) if is_asking and self._signatures else "",
        )


def _tokens(usage: Any) -> Tokens | None:
    """Thoughts are paid as output; what came from the cache is a part of the prompt."""
    if usage.prompt_token_count is None:
        return None
    return Tokens(
        input=usage.prompt_token_count + (usage.tool_use_prompt_token_count or 0),
        output=(usage.candidates_token_count or 0) + (usage.thoughts_token_count or 0),
        cached_input=usage.cached_content_token_count or 0,
    )


def model_name(model: Any) -> str:
    """As requests name it."""
    return str(model.name or "").removeprefix("models/")


def says_bad_key(details: Any) -> bool:
    """Whether an error is about the key, which Gemini answers with 400."""
    return any(each.get("reason") == "API_KEY_INVALID" for each in _details(details))


def retry_delay(details: Any) -> float | None:
    """The seconds that it asks to wait: it says so in the body, "retryDelay": "13s"."""
    for each in _details(details):
        told = re.fullmatch(r"(\d{1,5}(?:\.\d{1,9})?)s", str(each.get("retryDelay", "")))
        if told:
            return float(told[1])
    return None


def _details(body: Any) -> list[dict[str, Any]]:
    error = body.get("error", body) if isinstance(body, dict) else {}
    found = error.get("details") if isinstance(error, dict) else None
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []
