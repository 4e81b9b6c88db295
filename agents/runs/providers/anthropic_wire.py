"""The shapes of Anthropic's Messages: our request into them, their events into a reply."""

from __future__ import annotations

import json
from collections.abc import Iterator
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
    Unavailable,
)

HOTTEST = 1.0  # of its scale; ours goes to 2

_FINISHES: dict[str, Finish] = {
    "end_turn": "stop",
    "stop_sequence": "stop",
    "tool_use": "tools",
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "pause_turn": "length",
    "refusal": "filtered",
}


def body(request: ModelRequest) -> dict[str, Any]:
    """The request's JSON."""
    sent: dict[str, Any] = {
        "model": request.model,
        "max_tokens": request.max_output_tokens,
        "messages": _turns(request.messages),
        "stream": True,
    }
    if system := "\n\n".join(m.content for m in request.messages if m.role == "system"):
        sent["system"] = system
    if request.temperature is not None:
        sent["temperature"] = min(HOTTEST, request.temperature)
    if request.tools:
        sent["tools"] = [
            {
                "name": tool.name,
                "description": tool.description,
                "input_schema": dict(tool.parameters),
            }
            for tool in request.tools
        ]
        if not request.may_call:
            sent["tool_choice"] = {"type": "none"}
    return sent


def _turns(messages: tuple[Message, ...]) -> list[dict[str, Any]]:
    """Messages as turns that alternate: all results of a turn's calls belong into one."""
    turns: list[dict[str, Any]] = []
    for message in messages:
        if message.role == "system":
            continue
        role = "assistant" if message.role == "assistant" else "user"
        blocks = list(_blocks(message))
        if turns and turns[-1]["role"] == role:
            turns[-1]["content"] += blocks
        elif blocks:
            turns.append({"role": role, "content": blocks})
    return turns


def _blocks(message: Message) -> Iterator[dict[str, Any]]:
    if message.role == "tool":
        yield {
            "type": "tool_result",
            "tool_use_id": message.tool_call_id,
            "content": message.content,
        }
        return
    if message.carried:
        yield from json.loads(message.carried)
    if message.content.strip():  # empty ones are refused
        yield {"type": "text", "text": message.content}
    for call in message.tool_calls:
        yield {"type": "tool_use", "id": call.id, "name": call.name, "input": call.given}


@dataclass(slots=True)
class _Block:
    kind: str
    opened: dict[str, Any]
    text: str = ""  # of a call: its input as JSON
    signature: str = ""

    def as_carried(self) -> dict[str, Any]:
        if self.kind == "redacted_thinking":
            return {"type": self.kind, "data": self.opened.get("data", "")}
        return {"type": self.kind, "thinking": self.text, "signature": self.signature}


@dataclass(slots=True)
class Answer:
    """What has arrived of an answer."""

    has_begun: bool = False
    finish: Finish | None = None
    _blocks: dict[int, _Block] = field(default_factory=dict)
    _counts: dict[str, int] = field(default_factory=dict)

    def take(self, event: dict[str, Any]) -> str:
        """Add one event; the text that it brought. Raises Garbled, or Unavailable for an error."""
        try:
            return self._take(event)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise Garbled("The provider sent something that is no answer.") from error

    def _take(self, event: dict[str, Any]) -> str:
        match event["type"]:
            case "error":
                raise Unavailable(f"The provider broke off: {event['error']['message']}")
            case "message_start":
                self._count(event["message"].get("usage"))
            case "content_block_start":
                opened = event["content_block"]
                self._blocks[int(event["index"])] = _Block(opened["type"], opened)
                self.has_begun = self.has_begun or opened["type"] == "tool_use"
                return self._said(opened.get("text") or "") if opened["type"] == "text" else ""
            case "content_block_delta":
                return self._grow(self._blocks[int(event["index"])], event["delta"])
            case "message_delta":
                self._count(event.get("usage"))
                if reason := event["delta"].get("stop_reason"):
                    self.finish = _FINISHES.get(reason, "stop")
        return ""

    def _grow(self, block: _Block, delta: dict[str, Any]) -> str:
        match delta["type"]:
            case "text_delta":
                return self._said(delta["text"])
            case "input_json_delta":
                block.text += delta["partial_json"]
            case "thinking_delta":
                block.text += delta["thinking"]
            case "signature_delta":
                block.signature += delta["signature"]
        return ""

    def _said(self, text: str) -> str:
        self.has_begun = self.has_begun or bool(text)
        return text + ""  # a TypeError for what is no text

    def _count(self, usage: dict[str, Any] | None) -> None:
        """Later counts are of the whole answer so far, not of what is new."""
        counts = {name: int(n) for name, n in (usage or {}).items() if isinstance(n, int)}
        self._counts.update(counts)

    def reply(self) -> Reply:
        """The end of the complete answer. Raises Garbled where it isn't complete."""
        if self.finish is None:
            raise Garbled("The provider ended the connection without an answer.")
        calls = tuple(
            ToolCall(block.opened["id"], block.opened["name"], block.text or "{}")
            for _, block in sorted(self._blocks.items())
            if block.kind == "tool_use"
        )
        is_asking = bool(calls) and self.finish == "tools"
        return Reply(
            finish=self.finish if is_asking or self.finish != "tools" else "stop",
            tool_calls=calls if is_asking else (),
            tokens=self._tokens(),
            carried=self._carried() if is_asking else "",
        )

    def _carried(self) -> str:
        thoughts = [
            block.as_carried()
            for _, block in sorted(self._blocks.items())
            if block.kind in ("thinking", "redacted_thinking")
        ]
        return json.dumps(thoughts) if thoughts else ""

    def _tokens(self) -> Tokens | None:
        """Its `input_tokens` leave out what was read from or written to the cache."""
        if "input_tokens" not in self._counts or "output_tokens" not in self._counts:
            return None
        cached = self._counts.get("cache_read_input_tokens", 0)
        written = self._counts.get("cache_creation_input_tokens", 0)
        return Tokens(
            input=self._counts["input_tokens"] + cached + written,
            output=self._counts["output_tokens"],
            cached_input=cached,
        )


def model_names(listed: object) -> list[str]:
    """From a list of models. Raises Garbled."""
    try:
        return [str(model["id"]) for model in listed["data"]]  # type: ignore[index]
    except (KeyError, TypeError) as error:
        raise Garbled("The provider sent something that is no list of models.") from error
