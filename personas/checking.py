"""What a persona must be before it is saved, whoever asks: a page or a program."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from pydantic import ValidationError as SchemaError

from personas.models import Persona
from personas.rendering import Variable, undeclared

MAX_VARIABLES = 30


def check_persona(persona: Persona) -> None:
    """Raises ValidationError by field. Variables are put into their usual shape."""
    persona.variables = checked_variables(persona.variables)
    names = [variable["name"] for variable in persona.variables]
    if unknown := undeclared(persona.instructions, names):
        raise ValidationError({"instructions": [not_declared(name) for name in unknown]})


def not_declared(name: str) -> str:
    """What is wrong with a placeholder that no variable stands behind."""
    return f"{{{{{name}}}}} is not declared. Add a variable of that name, or take it out."


def checked_variables(variables: Any) -> list[dict[str, Any]]:
    """The variables in their usual shape. Raises ValidationError on `variables`."""
    if not isinstance(variables, list) or len(variables) > MAX_VARIABLES:
        raise ValidationError({"variables": f"A list of at most {MAX_VARIABLES} variables."})
    checked = [_checked(number, variable) for number, variable in enumerate(variables, 1)]
    names = [variable["name"] for variable in checked]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise ValidationError({"variables": f"Declared twice: {', '.join(twice)}."})
    return checked


def _checked(number: int, variable: Any) -> dict[str, Any]:
    try:
        return Variable.model_validate(variable).model_dump()
    except SchemaError as error:
        found = error.errors()[0]
        where = ".".join(str(part) for part in found["loc"])
        message = f"Variable {number}, {where}: {found['msg']}."
        raise ValidationError({"variables": message}) from error
