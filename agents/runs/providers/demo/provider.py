"""The demo provider's side of the port."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import takewhile

from agents.runs.providers.demo.calling import Wish, wished_tool
from agents.runs.providers.demo.quoting import quoted_answer
from agents.runs.providers.demo.words import count_tokens
from agents.runs.providers.port import Message, ModelRequest, Reply, Tokens, ToolCall
from agents.runs.stopping import Stop

# Words a second; "demo-slow" is for watching.
SECONDS_A_WORD = {"demo": 0.0, "demo-slow": 0.06}
LONGEST_RESULT = 600

NOTHING_FOUND = (
    "I found nothing about this in the knowledge that I was given, so I won’t guess. "
    "Try other words, or give this agent a source that covers it."
)


class DemoProvider:
    """Quotes passages and calls tools on cue; see the package."""

    def stream(self, request: ModelRequest, stop: Stop) -> Iterator[str | Reply]:
        """See the port."""
        results = _results(request.messages)
        is_done = bool(results) or not request.may_call
        wish = None if is_done else wished_tool(request.question, request.tools)
        if wish is not None and not wish.missing:
            yield _call(request, wish)
            return
        text = _answer(request, results, wish)
        pieces = re.findall(r"\S+\s*", text)
        for piece in pieces[: request.max_output_tokens]:
            if pause := SECONDS_A_WORD.get(request.model, 0.0):
                stop.pause(pause)
            stop.check()
            yield piece
        is_cut = len(pieces) > request.max_output_tokens
        yield Reply("length" if is_cut else "stop", tokens=_tokens(request, text))

    def models(self, timeout: float) -> list[str]:
        """See the port."""
        return list(SECONDS_A_WORD)


def _results(messages: tuple[Message, ...]) -> list[tuple[str, str]]:
    """The tool results since the last question, each with its tool's name."""
    since = list(takewhile(lambda message: message.role != "user", reversed(messages)))
    names = {call.id: call.name for message in since for call in message.tool_calls}
    tools = [message for message in reversed(since) if message.role == "tool"]
    return [(names.get(message.tool_call_id, "tool"), message.content) for message in tools]


def _call(request: ModelRequest, wish: Wish) -> Reply:
    call = ToolCall(f"demo_{wish.tool.name}", wish.tool.name, wish.arguments)
    return Reply("tools", (call,), _tokens(request, wish.arguments))


def _answer(request: ModelRequest, results: list[tuple[str, str]], wish: Wish | None) -> str:
    parts = [f"`{name}` answered: {_readable(result)}" for name, result in results]
    if wish is not None:
        lacking = ", ".join(f"`{name}`" for name in wish.missing)
        parts.append(f"I would call `{wish.tool.name}`, but the question does not say {lacking}.")
    if quoted := quoted_answer(request.question, request.passages):
        parts.append(quoted)
    return "\n\n".join(parts) or NOTHING_FOUND


def _readable(result: str) -> str:
    """A result on one line; a flat JSON object as `name: value` pairs."""
    try:
        value = json.loads(result)
    except ValueError:
        value = None
    if value and isinstance(value, dict) and not _nests(value):
        result = ", ".join(f"{name}: {each}" for name, each in value.items())
    line = " ".join(result.split())
    return line if len(line) <= LONGEST_RESULT else f"{line[:LONGEST_RESULT]}…"


def _nests(value: dict[str, object]) -> bool:
    return any(isinstance(each, dict | list) for each in value.values())


def _tokens(request: ModelRequest, text: str) -> Tokens:
    sent = sum(count_tokens(message.content) for message in request.messages)
    return Tokens(input=sent, output=count_tokens(text))
