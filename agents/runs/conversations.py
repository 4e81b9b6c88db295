"""Questions and answers as a page shows them, also while an answer is still coming."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from agents.models import Agent
from agents.runs import cited, events, live
from agents.runs.models import AgentRun
from tenants.access import Access

MOST_TURNS = 50


@dataclass(frozen=True)
class Turn:
    """A run as a question and what there is of its answer.

    `said` are the texts of an unfinished one, the last of which may still grow; `after` is the
    number of the event that they reach to.
    """

    run: AgentRun
    citation_urls: dict[int, str]
    said: list[str] = field(default_factory=list)
    after: int = 0

    @property
    def citations(self) -> list[dict[str, Any]]:
        return [{**cited, "url": self.citation_urls[cited["n"]]} for cited in self.run.citations]


def turns(access: Access, agent: Agent, conversation: str | UUID | None) -> list[Turn]:
    """One's own conversation with an agent, oldest first."""
    known = _uuid(conversation)
    if known is None:
        return []
    mine = access.visible(AgentRun).filter(
        agent=agent, conversation=known, started_by=access.user.pk
    )
    newest = mine.order_by("-created_at").defer("draft")[:MOST_TURNS]
    found = list(reversed(newest))
    urls = cited.addresses(access, found)
    return [_turn(access, run, urls[run.pk]) for run in found]


def turn(access: Access, run: AgentRun) -> Turn:
    """The run as the page shows it."""
    return _turn(access, run, cited.addresses(access, [run])[run.pk])


def question_of(access: Access, agent: Agent, run_id: str | None) -> str:
    """What a run of this agent was asked, to ask it again; empty for one that may not be seen."""
    known = _uuid(run_id)
    runs = access.visible(AgentRun).filter(agent=agent, pk=known) if known else ()
    return next((run.input for run in runs), "")


def _turn(access: Access, run: AgentRun, urls: dict[int, str]) -> Turn:
    if run.started_by_id == access.user.pk:
        run.started_by = access.user  # known without asking
    if not run.is_unfinished:
        return Turn(run, urls)
    told = live.told(run.pk)
    return Turn(run, urls, events.texts(told), told[-1].number if told else 0)


def _uuid(text: str | UUID | None) -> UUID | None:
    try:
        return UUID(str(text)) if text else None
    except ValueError:
        return None
