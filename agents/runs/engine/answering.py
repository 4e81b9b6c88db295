"""The course of a run: knowledge, then model and tools in turns, then the cited answer."""

from __future__ import annotations

from collections.abc import Generator, Iterator

import structlog

from agents.runs import prompts, rights
from agents.runs.citations import Passages
from agents.runs.engine.ledger import Ledger, RunLost
from agents.runs.engine.model_calls import ModelCall
from agents.runs.engine.routing import Routing
from agents.runs.engine.task import RunFailed, Task, require_rights
from agents.runs.engine.tool_calls import ToolCalls
from agents.runs.events import Event
from agents.runs.models import AgentRun, RunStep
from agents.runs.providers.port import Message, ModelRequest, ProviderError
from agents.runs.stopping import Stopped
from knowledge.retrieval import Retrieval
from personas.rendering import MissingValues

log = structlog.get_logger(__name__)

_Status = AgentRun.Status
_Events = Generator[Event, None, None]

STOPPED = "Somebody stopped it before it was complete."
_INCOMPLETE = {
    "length": ("output_limit", "The answer was cut off at the agent's limit of output tokens."),
    "filtered": ("content_filtered", "The provider withheld the answer (content filter)."),
}


def events(task: Task) -> Iterator[Event]:
    """Do the run. Each event is told as it happens; the last one is kept before it is told.

    Raises only what the database raises; then the run is left for `reconciling`.
    """
    ledger = Ledger(task.run)
    try:
        yield ledger.event("run.started", **_told_start(task))
        try:
            yield from _answered(task, ledger)
            ending = ledger.end("run.completed", _Status.COMPLETED)
        except Stopped as stopped:
            ending = _stopped(task, ledger, stopped)
        except (RunFailed, ProviderError) as failure:
            ending = ledger.end("run.failed", _Status.FAILED, str(failure), failure.code)
        yield ending
    except RunLost:
        log.warning("run.lost", run=str(task.run.pk))


def _told_start(task: Task) -> dict[str, object]:
    return {
        "run_id": str(task.run.pk),
        "agent_id": str(task.spec.agent_id),
        "agent": task.spec.agent_name,
        "version": task.spec.version,
    }


def _stopped(task: Task, ledger: Ledger, stopped: Stopped) -> Event:
    if stopped.reason == "cancelled":
        return ledger.end("run.cancelled", _Status.CANCELLED, STOPPED, "cancelled")
    if stopped.reason == "lost":
        raise RunLost(task.run.pk)
    if stopped.reason == "access_ended":
        cause = rights.why_key_ended(task.access.key) or rights.ENDED
        return ledger.end("run.failed", _Status.FAILED, cause, rights.ENDED_CODE)
    seconds = task.spec.limits.timeout_seconds
    cause = f"The run took longer than its limit of {seconds} s."
    return ledger.end("run.failed", _Status.FAILED, cause, "timed_out")


def _answered(task: Task, ledger: Ledger) -> _Events:
    """Everything from the question to the complete answer on the run's row."""
    passages = Passages()
    if task.spec.source_ids:
        yield from _retrieved(task, ledger, passages)
    call = yield from _conversed(task, ledger, passages)
    if call.reply.finish in _INCOMPLETE:
        task.run.partial = call.text()
        raise RunFailed(*_INCOMPLETE[call.reply.finish])
    if not call.text().strip():
        raise RunFailed("empty_answer", "The model gave an empty answer.")
    task.run.output, cited = passages.resolve(call.text())
    task.run.citations = [citation.as_json() for citation in cited]
    yield ledger.event(
        "message.completed", text=task.run.output, citations=task.run.citations, final=True
    )


def _retrieved(task: Task, ledger: Ledger, passages: Passages) -> _Events:
    since_ms, limits = ledger.elapsed_ms(), task.spec.limits
    found = task.ports.retrieve(
        task.access, task.run.input, source_ids=task.spec.source_ids, limit=limits.retrieve_k
    )
    ledger.draw_on(passage.source_id for passage in found.passages)
    told = _told_passages(found, passages)
    ledger.step(
        RunStep.Kind.RETRIEVAL,
        "Retrieve",
        since_ms,
        summary=f"{len(told):,} of {found.considered:,} passages",
        input={
            "query": task.run.input,
            "source_ids": [str(source) for source in task.spec.source_ids],
            "limit": limits.retrieve_k,
        },
        output={"passages": told, "considered": found.considered},
    )
    seen = [{name: p[name] for name in p if name != "text"} for p in told]
    event = ledger.event(
        "retrieval", passages=seen, considered=found.considered, took_ms=round(found.took_ms, 1)
    )
    ledger.flush()
    yield event


def _told_passages(found: Retrieval, passages: Passages) -> list[dict[str, object]]:
    return [
        {
            "n": numbered.number,
            "document_id": str(passage.document_id),
            "document": passage.document_name,
            "page": passage.page,
            "heading": passage.heading,
            "chunk_id": str(passage.chunk_id),
            "score": round(passage.score, 4),
            "text": passage.text,
        }
        for passage, numbered in zip(found.passages, passages.add(found.passages), strict=True)
    ]


def _conversed(task: Task, ledger: Ledger, passages: Passages) -> Generator[Event, None, ModelCall]:
    """Model and tools in turns, within the limits; the call that brought the answer."""
    routing = Routing(task, ledger)
    messages = _opening(task, passages)
    tools = ToolCalls(task, ledger, passages)
    for number in range(1, task.spec.limits.max_steps + 1):
        may_call = tools.left > 0 and number < task.spec.limits.max_steps
        if number > 1:
            require_rights(task)
        request = _request(task, messages, passages, may_call=may_call)
        call = yield from routing.ask(request)
        asked = call.reply.tool_calls
        if not asked:
            return call
        if not may_call:
            break
        if said := call.text():
            yield ledger.event("message.completed", text=said, citations=[], final=False)
        messages.append(routing.repeated(call))
        for wanted in asked:
            messages.append((yield from tools.make(wanted, call.step)))
    raise RunFailed(
        "step_limit", "The model kept asking for tools until the agent's limits were reached."
    )


def _opening(task: Task, passages: Passages) -> list[Message]:
    try:
        return prompts.conversation(task.spec, task.run.input, passages.numbered(), task.history)
    except MissingValues as error:
        cause = f"The persona lacks values: {', '.join(error.names)}."
        raise RunFailed("persona_incomplete", cause) from error


def _request(
    task: Task, messages: list[Message], passages: Passages, *, may_call: bool
) -> ModelRequest:
    """What is asked; which model, its route says."""
    limits = task.spec.limits
    return ModelRequest(
        model="",
        messages=tuple(messages),
        tools=prompts.offers(task.spec),
        may_call=may_call,
        max_output_tokens=limits.max_output_tokens,
        temperature=limits.temperature,
        question=task.run.input,
        passages=passages.numbered(),
    )
