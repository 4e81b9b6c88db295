"""What a configuration lacks before it may be published."""

from collections import Counter
from collections.abc import Iterator

from agents.specs import AgentSpec
from personas.rendering import MissingValues, render


class Incomplete(Exception):
    """The draft can't be published; `problems` are sentences that say what to do."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__(" ".join(problems))
        self.problems = problems


def problems(spec: AgentSpec) -> list[str]:
    """Sentences, one per obstacle; none when the spec is fit to be published."""
    return [*_model_problems(spec), *_persona_problems(spec), *_tool_problems(spec)]


def _model_problems(spec: AgentSpec) -> Iterator[str]:
    if not all(route.model for route in spec.routes):
        yield "Name the model that answers."


def _persona_problems(spec: AgentSpec) -> Iterator[str]:
    if spec.persona is None:
        return
    try:
        render(spec.persona, spec.persona_values)
    except MissingValues as error:
        for name in error.names:
            yield f"The persona “{spec.persona.name}” needs a value for “{name}”."


def _tool_problems(spec: AgentSpec) -> Iterator[str]:
    for slug, times in Counter(tool.slug for tool in spec.tools).items():
        if times > 1:
            yield f"{times} of its tools are called “{slug}”; the model could not tell them apart."
    searches = [tool for tool in spec.tools if tool.builtin == "knowledge_search"]
    if searches and not spec.source_ids:
        yield f"The tool “{searches[0].name}” has nothing to search: give the agent a source."
