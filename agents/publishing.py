"""What a configuration lacks before it may be published."""

from collections import Counter
from collections.abc import Iterator

from agents.specs import AgentSpec, disclosed
from personas.rendering import MissingValues, render
from tenants.access import Access


class Incomplete(Exception):
    """The draft can't be published; `problems` are sentences that say what to do."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__(" ".join(problems))
        self.problems = problems


def told(access: Access, spec: AgentSpec) -> list[str]:
    """The problems of a draft in the words for this person: what isn’t shared with them stays
    without a name."""
    if not problems(spec):
        return []
    [shown] = disclosed(access, spec)
    return problems(spec, shown)


def problems(spec: AgentSpec, shown: AgentSpec | None = None) -> list[str]:
    """Sentences, one per obstacle; none when the spec is fit to be published.

    Persona and tools are named as far as `shown` has them.
    """
    shown = shown or spec
    return [
        *_model_problems(spec),
        *_persona_problems(spec, shown),
        *_tool_problems(spec, shown),
    ]


def _model_problems(spec: AgentSpec) -> Iterator[str]:
    if not all(route.model for route in spec.routes):
        yield "Name the model that answers."


def _persona_problems(spec: AgentSpec, shown: AgentSpec) -> Iterator[str]:
    if spec.persona is None:
        return
    try:
        render(spec.persona, spec.persona_values)
    except MissingValues as error:
        if shown.persona is None:
            yield "The persona, which isn’t shared with you, needs values that it hasn’t got."
            return
        for name in error.names:
            yield f"The persona “{spec.persona.name}” needs a value for “{name}”."


def _tool_problems(spec: AgentSpec, shown: AgentSpec) -> Iterator[str]:
    names = {tool.slug: f"The tool “{tool.name}”" for tool in shown.tools}
    for slug, times in Counter(tool.slug for tool in spec.tools).items():
        if times > 1:
            called = f"“{slug}”" if slug in names else "the same"
            yield f"{times} of its tools are called {called}; the model could not tell them apart."
    searches = [tool for tool in spec.tools if tool.builtin == "knowledge_search"]
    if searches and not spec.source_ids:
        first = names.get(searches[0].slug, "A tool that isn’t shared with you")
        yield f"{first} has nothing to search: give the agent a source."
