"""Fakes for the engine's ports."""

from dataclasses import replace
from uuid import uuid4

from agents.runs.engine import Ports, Route
from agents.runs.providers.port import Reply, Tokens
from knowledge.retrieval import Passage, Retrieval

DONE = Reply("stop", tokens=Tokens(input=10, output=5))


class ScriptedProvider:
    """Plays one script after the other: strings and replies are yielded, exceptions raised, and
    functions called."""

    def __init__(self, *scripts):
        self.scripts = list(scripts)
        self.requests = []

    def stream(self, request, stop):
        self.requests.append(request)
        for item in self.scripts.pop(0):
            stop.check()
            if isinstance(item, Exception):
                raise item
            if callable(item):
                item()
                continue
            yield item


def passage(text, document="Refund policy.pdf", page=12, heading="Duplicates"):
    return Passage(
        chunk_id=uuid4(),
        document_id=uuid4(),
        document_name=document,
        source_id=uuid4(),
        source_name="Policies",
        page=page,
        heading=heading,
        text=text,
        position=0,
        score=0.8,
        dense_score=0.7,
        lexical_score=0.9,
    )


def finds(*passages):
    """A retrieval that always finds these; `queries` keeps what it was asked."""

    def retrieve(access, query, *, source_ids, limit):
        retrieve.queries.append(query)
        return Retrieval(list(passages)[:limit], took_ms=2.0, considered=4120)

    retrieve.queries = []
    return retrieve


def ports(provider, retrieve=None, execute=None):
    made = Ports(route_for=lambda tenant_id, route: Route(provider, route.model))
    if retrieve:
        made = replace(made, retrieve=retrieve)
    return replace(made, execute=execute) if execute else made
