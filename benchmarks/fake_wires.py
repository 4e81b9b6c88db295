"""What vendors send: the wires that the fake provider speaks, after their published descriptions.

- OpenAI: chat completions and their chunks, `GET /v1/models`.
- Anthropic: Messages and its events (message_start, content_block_start, content_block_delta,
  content_block_stop, message_delta, message_stop, ping, error), `GET /v1/models`.
- Gemini: generateContent, streamGenerateContent?alt=sse, `GET /v1beta/models`.

Each wire refuses what its vendor refuses (see `fault`), so that a client can't be right by chance.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterable, Iterator
from typing import Any

from benchmarks.behaviour import Behaviour

Body = dict[str, Any]
Headers = dict[str, str]
THOUGHT = "c2lnbmVkIHRob3VnaHQ="  # "signed thought" in base64


class OpenAI:
    """Chat completions."""

    idle = b": still thinking\n\n"

    def model(self, path: str, request: Body) -> str:
        return str(request.get("model", ""))

    def streams(self, path: str, request: Body) -> bool:
        return bool(request.get("stream"))

    def fault(self, headers: Headers, request: Body) -> str:
        """Why the vendor refuses the request; empty where it doesn't."""
        return ""

    def problem(self, status: int, message: str) -> Body:
        return {"error": {"message": message, "type": "fake"}}

    def models(self, names: Iterable[str]) -> Body:
        return {"object": "list", "data": [{"id": n, "object": "model"} for n in names]}

    def opening(self, behaviour: Behaviour, request: Body) -> Iterator[bytes]:
        yield from ()

    def deltas(self, behaviour: Behaviour, request: Body) -> Iterator[bytes]:
        """The answer in pieces; the fake may stop after any of them."""
        envelope = self._envelope(request, "chat.completion.chunk")
        asked = self._calls(behaviour, request)
        for delta in self._call_deltas(asked) if asked else self._word_deltas(behaviour, request):
            choice = {"index": 0, "delta": delta, "finish_reason": None}
            yield event(envelope | {"choices": [choice]})

    def closing(self, behaviour: Behaviour, request: Body) -> Iterator[bytes]:
        envelope = self._envelope(request, "chat.completion.chunk")
        finish = self._finish(behaviour, bool(self._calls(behaviour, request)))
        yield event(envelope | {"choices": [{"index": 0, "delta": {}, "finish_reason": finish}]})
        if usage := self._usage(behaviour, request):
            yield event(envelope | {"choices": []} | usage)
        yield b"data: [DONE]\n\n"

    def whole(self, behaviour: Behaviour, request: Body) -> Body:
        calls = self._calls(behaviour, request)
        text = None if calls else " ".join(words(behaviour, self._last(request)))
        message = {"role": "assistant", "content": text} | ({"tool_calls": calls} if calls else {})
        finish = self._finish(behaviour, bool(calls))
        choice = {"index": 0, "message": message, "finish_reason": finish}
        answer = self._envelope(request, "chat.completion") | self._usage(behaviour, request)
        return answer | {"choices": [choice]}

    def _word_deltas(self, behaviour: Behaviour, request: Body) -> Iterator[Body]:
        for piece in spoken(behaviour, self._last(request)):
            yield {"content": piece}

    def _call_deltas(self, calls: list[Body]) -> Iterator[Body]:
        """Each call as real servers send it: the name first, its arguments in two pieces."""
        for index, call in enumerate(calls):
            arguments = call["function"]["arguments"]
            opened = {**call, "index": index, "function": {**call["function"], "arguments": ""}}
            yield {"tool_calls": [opened]}
            for part in (arguments[:4], arguments[4:]):
                yield {"tool_calls": [{"index": index, "function": {"arguments": part}}]}

    def _calls(self, behaviour: Behaviour, request: Body) -> list[Body]:
        if not behaviour.asks_for_tools(request["messages"][-1]["role"] == "tool"):
            return []
        function = {"name": behaviour.text("tool"), "arguments": behaviour.arguments}
        count = behaviour.number("calls", 1)
        return [{"id": f"call_{i}", "type": "function", "function": function} for i in range(count)]

    def _finish(self, behaviour: Behaviour, is_calling: bool) -> str:
        if is_calling:
            return "tool_calls"
        return behaviour.ending(stop="stop", length="length", filtered="content_filter")

    def _usage(self, behaviour: Behaviour, request: Body) -> Body:
        if "nousage" in behaviour:
            return {}
        sent = sum(len(str(message["content"])) for message in request["messages"]) // 4
        said, cached = behaviour.said, behaviour.number("cached", 0)
        counts = {"prompt_tokens": sent + cached, "completion_tokens": said}
        details = {"prompt_tokens_details": {"cached_tokens": cached}} if cached else {}
        return {"usage": counts | {"total_tokens": sent + cached + said} | details}

    def _last(self, request: Body) -> str:
        return str(request["messages"][-1]["content"])

    def _envelope(self, request: Body, kind: str) -> Body:
        model = request.get("model")
        return {"id": "chatcmpl-fake", "object": kind, "created": int(time.time()), "model": model}


class Anthropic:
    """Messages."""

    idle = b'event: ping\ndata: {"type": "ping"}\n\n'

    def model(self, path: str, request: Body) -> str:
        return str(request.get("model", ""))

    def streams(self, path: str, request: Body) -> bool:
        return bool(request.get("stream"))

    def fault(self, headers: Headers, request: Body) -> str:
        if "anthropic-version" not in headers:
            return "anthropic-version: header is required"
        if not (headers.get("x-api-key") or headers.get("authorization")):
            return "x-api-key: header is required"
        if not isinstance(request.get("max_tokens"), int):
            return "max_tokens: Field required"
        if not 0 <= request.get("temperature", 1) <= 1:
            return "temperature: range: 0..1"
        return next(self._misfits(request["messages"]), "")

    def _misfits(self, messages: list[Body]) -> Iterator[str]:
        waiting: set[str] = set()
        for number, message in enumerate(messages):
            if message["role"] != ("assistant" if number % 2 else "user"):
                yield f"messages.{number}: roles must alternate, and the first must be user"
            blocks = message["content"]
            blocks = [{"type": "text", "text": blocks}] if isinstance(blocks, str) else blocks
            if any(b["type"] == "text" and not b["text"].strip() for b in blocks):
                yield f"messages.{number}: text content blocks must be non-empty"
            answered = {b["tool_use_id"] for b in blocks if b["type"] == "tool_result"}
            if answered != waiting:
                yield f"messages.{number}: `tool_use` ids without `tool_result` blocks after them"
            waiting = {b["id"] for b in blocks if b["type"] == "tool_use"}

    def problem(self, status: int, message: str) -> Body:
        kind = {429: "rate_limit_error", 529: "overloaded_error"}.get(status, "fake_error")
        return {"type": "error", "error": {"type": kind, "message": message}}

    def models(self, names: Iterable[str]) -> Body:
        listed = [
            {"id": n, "type": "model", "display_name": n, "created_at": "2026-01-01T00:00:00Z"}
            for n in names
        ]
        return {"data": listed, "has_more": False, "first_id": None, "last_id": None}

    def opening(self, behaviour: Behaviour, request: Body) -> Iterator[bytes]:
        usage = self._usage(behaviour, request) | {"output_tokens": 1}
        message = {
            "id": "msg_fake", "type": "message", "role": "assistant", "content": [],
            "model": request["model"], "stop_reason": None, "stop_sequence": None,
        }  # fmt: skip
        usage = {} if "nousage" in behaviour else {"usage": usage}
        yield self._event("message_start", message=message | usage)
        yield self._event("ping")

    def deltas(self, behaviour: Behaviour, request: Body) -> Iterator[bytes]:
        if self._asks(behaviour, request):
            yield from self._call_blocks(behaviour)
            return
        opened = {"type": "text", "text": ""}
        begin = self._event("content_block_start", index=0, content_block=opened)
        for piece in spoken(behaviour, str(request["messages"][-1]["content"])):
            yield begin + self._delta(0, type="text_delta", text=piece)
            begin = b""

    def _call_blocks(self, behaviour: Behaviour) -> Iterator[bytes]:
        """Thinking first, as models send it that think; then each call's input in two pieces."""
        thinking = {"type": "thinking", "thinking": "", "signature": ""}
        yield (
            self._event("content_block_start", index=0, content_block=thinking)
            + self._delta(0, type="thinking_delta", thinking="Let me look.")
            + self._delta(0, type="signature_delta", signature=THOUGHT)
            + self._event("content_block_stop", index=0)
        )
        arguments = behaviour.arguments
        for index in range(1, behaviour.number("calls", 1) + 1):
            block = {"type": "tool_use", "id": f"toolu_{index}", "name": behaviour.text("tool")}
            opened = self._event(
                "content_block_start", index=index, content_block=block | {"input": {}}
            )
            for part in ("", arguments[:4], arguments[4:]):
                yield opened + self._delta(index, type="input_json_delta", partial_json=part)
                opened = b""
            yield self._event("content_block_stop", index=index)

    def closing(self, behaviour: Behaviour, request: Body) -> Iterator[bytes]:
        is_asking = self._asks(behaviour, request)
        if not is_asking:
            yield self._event("content_block_stop", index=0)
        reason = behaviour.ending(stop="end_turn", length="max_tokens", filtered="refusal")
        delta = {"stop_reason": "tool_use" if is_asking else reason, "stop_sequence": None}
        usage = {} if "nousage" in behaviour else {"usage": {"output_tokens": behaviour.said}}
        yield self._event("message_delta", delta=delta, **usage)
        yield self._event("message_stop")

    def whole(self, behaviour: Behaviour, request: Body) -> Body:
        text = " ".join(words(behaviour, ""))
        return {
            "id": "msg_fake", "type": "message", "role": "assistant", "model": request["model"],
            "content": [{"type": "text", "text": text}], "stop_reason": "end_turn",
            "stop_sequence": None, "usage": self._usage(behaviour, request) | {"output_tokens": 1},
        }  # fmt: skip

    def _asks(self, behaviour: Behaviour, request: Body) -> bool:
        last = request["messages"][-1]["content"]
        has_results = not isinstance(last, str) and any(b["type"] == "tool_result" for b in last)
        return behaviour.asks_for_tools(has_results)

    def _usage(self, behaviour: Behaviour, request: Body) -> Body:
        """Here `input_tokens` leaves out what came from the cache."""
        sent = len(json.dumps(request["messages"])) // 4
        return {
            "input_tokens": sent,
            "cache_creation_input_tokens": 0,
            "cache_read_input_tokens": behaviour.number("cached", 0),
        }

    def _delta(self, index: int, **delta: Any) -> bytes:
        return self._event("content_block_delta", index=index, delta=delta)

    def _event(self, kind: str, **body: Any) -> bytes:
        return f"event: {kind}\n".encode() + event({"type": kind, **body})


class Gemini:
    """generateContent; the model stands in the path."""

    idle = b"\n"  # it sends no comments, and its SDK takes none

    def model(self, path: str, request: Body) -> str:
        found = re.search(r"/models/(.+):(?:stream)?[gG]enerateContent", path)
        return found[1] if found else ""

    def streams(self, path: str, request: Body) -> bool:
        return ":streamGenerateContent" in path

    def fault(self, headers: Headers, request: Body) -> str:
        if not headers.get("x-goog-api-key"):
            return "Method doesn't allow unregistered callers"
        return next(self._misfits(request["contents"]), "")

    def _misfits(self, contents: list[Body]) -> Iterator[str]:
        waiting = 0
        for content in contents:
            parts = content["parts"]
            if content["role"] not in ("user", "model"):
                yield "Please use a valid role: user, model."
            if any(not part for part in parts):
                yield "required oneof field 'data' must have one initialized field"
            if sum("functionResponse" in part for part in parts) != waiting:
                yield "Please ensure that the number of function response parts is equal to the"
                " number of function call parts of the function call turn."
            calls = [part for part in parts if "functionCall" in part]
            if calls and "thoughtSignature" not in calls[0]:
                yield "Function call is missing a thought_signature in functionCall parts."
            waiting = len(calls)

    def problem(self, status: int, message: str) -> Body:
        return {"error": {"code": status, "message": message, "status": "FAKE"}}

    def models(self, names: Iterable[str]) -> Body:
        listed = [
            {"name": f"models/{n}", "supportedGenerationMethods": ["generateContent"]}
            for n in names
        ]
        other = {"name": "models/embedder", "supportedGenerationMethods": ["embedContent"]}
        return {"models": [*listed, other]}

    def opening(self, behaviour: Behaviour, request: Body) -> Iterator[bytes]:
        yield from ()

    def deltas(self, behaviour: Behaviour, request: Body) -> Iterator[bytes]:
        if not self._asks(behaviour, request):
            for piece in spoken(behaviour, str(request["contents"][-1]["parts"][-1])):
                yield self._chunk(behaviour, request, [{"text": piece}])
            return
        call = {"name": behaviour.text("tool"), "args": json.loads(behaviour.arguments)}
        parts: list[Body] = [{"functionCall": call} for _ in range(behaviour.number("calls", 1))]
        parts[0] = parts[0] | {"thoughtSignature": THOUGHT}
        thought = {"text": "Let me look.", "thought": True}
        yield self._chunk(behaviour, request, [thought, *parts])

    def closing(self, behaviour: Behaviour, request: Body) -> Iterator[bytes]:
        reason = behaviour.ending(stop="STOP", length="MAX_TOKENS", filtered="SAFETY")
        yield self._chunk(behaviour, request, [{"text": ""}], finishReason=reason)

    def whole(self, behaviour: Behaviour, request: Body) -> Body:
        content = {"role": "model", "parts": [{"text": " ".join(words(behaviour, ""))}]}
        candidate = {"content": content, "finishReason": "STOP", "index": 0}
        return {"candidates": [candidate]} | self._usage(behaviour, request)

    def _asks(self, behaviour: Behaviour, request: Body) -> bool:
        last = request["contents"][-1]["parts"]
        return behaviour.asks_for_tools(any("functionResponse" in part for part in last))

    def _chunk(self, behaviour: Behaviour, request: Body, parts: list[Body], **more: Any) -> bytes:
        candidate = {"content": {"parts": parts, "role": "model"}, "index": 0, **more}
        envelope = {"modelVersion": "fake", "responseId": "fake"}
        return event({"candidates": [candidate]} | self._usage(behaviour, request) | envelope)

    def _usage(self, behaviour: Behaviour, request: Body) -> Body:
        if "nousage" in behaviour:
            return {}
        cached = behaviour.number("cached", 0)
        sent, said = len(json.dumps(request["contents"])) // 4 + cached, behaviour.said
        counts = {"promptTokenCount": sent, "candidatesTokenCount": said}
        counts |= {"totalTokenCount": sent + said}
        return {"usageMetadata": counts | ({"cachedContentTokenCount": cached} if cached else {})}


Wire = OpenAI | Anthropic | Gemini


def wire_of(path: str) -> Wire:
    """Whose address this is."""
    if path.startswith("/anthropic/"):
        return Anthropic()
    return Gemini() if path.startswith("/gemini/") else OpenAI()


def words(behaviour: Behaviour, asked: str) -> list[str]:
    return asked.split(" ") if "echo" in behaviour else behaviour.words


def spoken(behaviour: Behaviour, asked: str) -> Iterator[str]:
    """The answer's words as a stream brings them."""
    for number, word in enumerate(words(behaviour, asked)):
        said = repr(time.monotonic()) if "stamped" in behaviour else word
        yield said if number == 0 else f" {said}"


def event(body: Body) -> bytes:
    return b"data: " + json.dumps(body).encode() + b"\n\n"
