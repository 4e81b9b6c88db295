"""The shapes of OpenAI's chat completions: our request into them, their events into a reply."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from agents.runs.providers.port import (
    Finish,
    Garbled,
    Message,
    ModelRequest,
    Reply,
    Tokens,
    ToolCall,
    ToolOffer,
    Unavailable,
)

_FINISHES: dict[str, Finish] = {
    "stop": "stop",
    "tool_calls": "tools",
    "function_call": "tools",
    "length": "length",
    "content_filter": "filtered",
}


def body(request: ModelRequest, *, is_official: bool) -> dict[str, Any]:
    """The request's JSON. OpenAI itself renamed the output limit; compatible servers did not."""
    limit = "max_completion_tokens" if is_official else "max_tokens"
    sent: dict[str, Any] = {
        "model": request.model,
        "messages": [message_body(message) for message in request.messages],
        "stream": True,
        "stream_options": {"include_usage": True},
        limit: request.max_output_tokens,
    }
    if request.temperature is not None:
        sent["temperature"] = request.temperature
    if request.tools:
        sent["tools"] = [_tool_body(tool) for tool in request.tools]
        if not request.may_call:
            sent["tool_choice"] = "none"
    return sent


def message_body(message: Message) -> dict[str, Any]:
    """One message's JSON."""
    sent: dict[str, Any] = {"role": message.role, "content": message.content}
    if message.tool_call_id:
        sent["tool_call_id"] = message.tool_call_id
    if message.tool_calls:
        sent["tool_calls"] = [_call_body(call) for call in message.tool_calls]
        sent["content"] = message.content or None
    return sent


def _call_body(call: ToolCall) -> dict[str, Any]:
    function = {"name": call.name, "arguments": call.arguments}
    return {"id": call.id, "type": "function", "function": function}


def _tool_body(tool: ToolOffer) -> dict[str, Any]:
    function = {
        "name": tool.name,
        "description": tool.description,
        "parameters": dict(tool.parameters),
    }
    return {"type": "function", "function": function}


@dataclass(slots=True)
class _GrowingCall:
    id: str = ""
    name: str = ""
    arguments: str = ""


@dataclass(slots=True)
class Answer:
    """What has arrived of an answer."""

    has_begun: bool = False
    finish: Finish | None = None
    _calls: dict[int, _GrowingCall] = field(default_factory=dict)
    _tokens: Tokens | None = None

    def take(self, event: dict[str, Any]) -> str:
        """Add one event; the text that it brought. Raises Garbled, or Unavailable for an error."""
        try:
            return self._take(event)
        except (AttributeError, KeyError, TypeError, ValueError, IndexError) as error:
            raise Garbled("The provider sent something that is no answer.") from error

    def _take(self, event: dict[str, Any]) -> str:
        if trouble := event.get("error"):
            told = trouble.get("message") if isinstance(trouble, dict) else trouble
            raise Unavailable(f"The provider broke off: {told}")
        if usage := event.get("usage"):
            self._tokens = _tokens(usage)
        choices = event.get("choices") or []
        if not choices:
            return ""
        choice = choices[0]
        delta = choice.get("delta") or {}
        for position, part in enumerate(delta.get("tool_calls") or []):
            self._take_call(position, part)
        if reason := choice.get("finish_reason"):
            self.finish = _FINISHES.get(reason, "stop")
        text = delta.get("content") or delta.get("refusal") or ""
        if not isinstance(text, str):
            raise TypeError("content")
        self.has_begun = self.has_begun or bool(text)
        return text

    def _take_call(self, position: int, part: dict[str, Any]) -> None:
        self.has_begun = True
        call = self._calls.setdefault(int(part.get("index", position)), _GrowingCall())
        function = part.get("function") or {}
        call.id += part.get("id") or ""
        call.name += function.get("name") or ""
        call.arguments += function.get("arguments") or ""

    def reply(self) -> Reply:
        """The end of the complete answer. Raises Garbled where it isn't complete."""
        if self.finish is None:
            # Said to be cut off, once a part of it has arrived, by the names of failures.
            raise Garbled("The provider ended the connection without an answer.")
        calls = tuple(
            ToolCall(call.id or f"call_{index}", call.name, call.arguments)
            for index, call in sorted(self._calls.items())
        )
        # Some servers finish with "stop" although they ask for tools.
        is_asking = bool(calls) and self.finish in ("stop", "tools")
        finish: Finish = "tools" if is_asking else self.finish
        return Reply(finish=finish, tool_calls=calls if is_asking else (), tokens=self._tokens)


def _tokens(usage: dict[str, Any]) -> Tokens:
    details = usage.get("prompt_tokens_details") or {}
    return Tokens(
        input=int(usage["prompt_tokens"]),
        output=int(usage["completion_tokens"]),
        cached_input=int(details.get("cached_tokens") or 0),
    )


def model_names(listed: object) -> list[str]:
    """From a list of models. Raises Garbled."""
    try:
        return [str(model["id"]) for model in listed["data"]]  # type: ignore[index]
    except (KeyError, TypeError) as error:
        raise Garbled("The provider sent something that is no list of models.") from error
