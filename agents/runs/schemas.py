"""Shapes of the API of runs."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from ninja import Field, Schema
from pydantic import ConfigDict
from pydantic.config import JsonDict

from agents.runs import prices
from agents.runs.models import AgentRun, AgentRunQuerySet
from agents.runs.prompts import LONGEST_INPUT
from agents.runs.trace import Shown
from tenants.schemas import In, JobOut, Out

Status = Literal["queued", "running", "completed", "failed", "cancelled", "interrupted"]
Origin = Literal["console", "api"]
Sort = Literal["created", "-created", "duration", "-duration", "cost", "-cost"]
ORDER = {"created": "created_at", "duration": "duration_ms", "cost": "cost"}

_RUN_IN: dict[str, Any] = {"input": "A customer was charged twice for October. What do we do?"}
_CITATION: JsonDict = {
    "n": 1,
    "document_id": "0198f2a0-7a11-7d2b-8a44-0c9be1d2f3a4",
    "document": "Refund policy.pdf",
    "page": 12,
    "heading": "Duplicates",
    "chunk_id": "0198f2a0-7b33-7c01-a5c2-1d2e3f405162",
    "quote": "A duplicate counts as our error and is refunded in full.",
}
_RUN_OUT: dict[str, Any] = {
    "id": "0198f2a4-11d0-7f3e-9b52-6a1c0d9e8f70",
    "status": "completed",
    "agent_id": "0198f2a1-0b5c-7e11-b0d2-9a7c4e5f6a7b",
    "agent": "Billing helper",
    "version": 14,
    "model": "gpt-5.1-mini",
    "origin": "api",
    "input": _RUN_IN["input"],
    "output": "Refund the second charge in full. [1]",
    "citations": [_CITATION],
    "usage": {
        "input_tokens": 1840,
        "output_tokens": 62,
        "cost": {"amount": "0.000584", "currency": "USD"},
    },
    "steps": 2,
    "tool_calls": 0,
    "timing": {"first_token_ms": 812, "duration_ms": 1730},
    "code": None,
    "cause": None,
    "created_at": "2026-11-02T09:12:44.120Z",
    "started_at": "2026-11-02T09:12:44.120Z",
    "finished_at": "2026-11-02T09:12:45.850Z",
}


_STEP: JsonDict = {
    "position": 1,
    "kind": "retrieval",
    "name": "Knowledge search",
    "ok": True,
    "attempts": 1,
    "input": {"query": _RUN_IN["input"]},
    "output": {"passages": [_CITATION]},
    "error": None,
    "usage": None,
    "offset_ms": 3,
    "duration_ms": 11,
}


class RunIn(In):
    """What to ask an agent."""

    model_config = ConfigDict(json_schema_extra={"example": _RUN_IN})

    input: Annotated[str, Field(min_length=1, max_length=LONGEST_INPUT)]
    version: Literal["published", "draft"] = Field(
        "published", description="The draft needs the right to change the agent."
    )
    persona_values: dict[str, str] = Field({}, description="For the variables of its persona.")


class CitationOut(Out):
    """A passage that the answer rests on, by the number that stands in the answer."""

    n: int
    document_id: UUID
    document: str
    page: int | None
    heading: str
    chunk_id: UUID
    quote: str


class Money(Out):
    amount: str
    currency: str


class UsageOut(Out):
    """Tokens of all model calls together. No cost where a model's price isn't known."""

    input_tokens: int
    output_tokens: int
    cost: Money | None


class TimingOut(Out):
    """Milliseconds from the start of the run."""

    first_token_ms: int | None
    duration_ms: int | None


class RunOut(Out):
    """A run. `output` is there only once it is complete; `code` and `cause` when it isn't."""

    model_config = ConfigDict(json_schema_extra={"example": _RUN_OUT})

    id: UUID
    status: Status
    agent_id: UUID | None
    agent: str
    version: int | None
    model: str
    origin: Origin
    input: str
    output: str | None
    citations: list[CitationOut]
    usage: UsageOut
    steps: int
    tool_calls: int
    timing: TimingOut
    code: str | None
    cause: str | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None

    @staticmethod
    def resolve_agent(run: AgentRun) -> str:
        return run.agent_name

    @staticmethod
    def resolve_version(run: AgentRun) -> int | None:
        return run.version_number

    @staticmethod
    def resolve_output(run: AgentRun) -> str | None:
        return run.output if run.status == AgentRun.Status.COMPLETED else None

    @staticmethod
    def resolve_usage(run: AgentRun) -> dict[str, Any]:
        return {
            "input_tokens": run.input_tokens,
            "output_tokens": run.output_tokens,
            "cost": prices.told(run.cost, run.currency),
        }

    @staticmethod
    def resolve_steps(run: AgentRun) -> int:
        return run.step_count

    @staticmethod
    def resolve_tool_calls(run: AgentRun) -> int:
        return run.tool_call_count

    @staticmethod
    def resolve_timing(run: AgentRun) -> dict[str, int | None]:
        return {"first_token_ms": run.first_token_ms, "duration_ms": run.duration_ms}

    @staticmethod
    def resolve_code(run: AgentRun) -> str | None:
        return run.cause_code or None

    @staticmethod
    def resolve_cause(run: AgentRun) -> str | None:
        return run.cause or None


class QueuedOut(Out):
    """A run that a worker will do, and the job that says how far it is."""

    run: RunOut
    job: JobOut


class StepOut(Out):
    """One step of a run with its exact input and output. These are null where they hold a persona
    or the words of a tool that is not shared with this key's maker."""

    position: int
    kind: Literal["retrieval", "model", "tool"]
    name: str
    ok: bool
    attempts: int
    input: Any
    output: Any
    error: str | None
    usage: UsageOut | None
    offset_ms: int
    duration_ms: int

    @staticmethod
    def resolve_position(step: Shown) -> int:
        return step.row.position

    @staticmethod
    def resolve_name(step: Shown) -> str:
        return step.row.name

    @staticmethod
    def resolve_ok(step: Shown) -> bool:
        return not step.is_failed

    @staticmethod
    def resolve_attempts(step: Shown) -> int:
        return getattr(step.row, "attempts", 1)

    @staticmethod
    def resolve_input(step: Shown) -> Any:
        return None if step.hides_input else step.input

    @staticmethod
    def resolve_output(step: Shown) -> Any:
        return None if step.hides_output else step.output

    @staticmethod
    def resolve_error(step: Shown) -> str | None:
        return step.error or None

    @staticmethod
    def resolve_usage(step: Shown) -> dict[str, Any] | None:
        if step.usage is None:
            return None
        return {
            "input_tokens": step.usage.input_tokens,
            "output_tokens": step.usage.output_tokens,
            "cost": prices.told(step.usage.cost, step.usage.currency),
        }

    @staticmethod
    def resolve_offset_ms(step: Shown) -> int:
        return step.row.offset_ms

    @staticmethod
    def resolve_duration_ms(step: Shown) -> int:
        return step.row.duration_ms


class StepsOut(Out):
    """All steps of a run in order; the agent's limits keep them few."""

    model_config = ConfigDict(json_schema_extra={"example": {"items": [_STEP]}})

    items: list[StepOut]


class RunFilters(Schema):
    """Which runs to list, and in which order."""

    q: str | None = Field(None, max_length=200, description="Words of the question or agent.")
    status: Status | None = None
    agent_id: UUID | None = None
    origin: Origin | None = None
    mine: bool = False
    sort: Sort = "-created"

    def narrow(self, runs: AgentRunQuerySet, user_id: UUID) -> AgentRunQuerySet:
        if self.q:
            runs = runs.matching(self.q)
        if self.mine:
            runs = runs.filter(started_by=user_id)
        equal = self.model_dump(include={"status", "agent_id", "origin"}, exclude_none=True)
        return runs.filter(**equal)
