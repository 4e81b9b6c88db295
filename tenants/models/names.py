"""What a name must not hold: signs that nobody sees, and that make it read as another one.

Control characters, line separators, and the marks that turn the direction of writing: after U+202E
“fdp.exe” reads as “exe.pdf”. Arabic and Hebrew need none of these marks;
the joiners U+200C and U+200D, of which Persian and emoji are made, stay.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import models

if TYPE_CHECKING:
    from django.db.models.expressions import Combinable

    CharField = models.CharField[str | int | Combinable, str]
else:
    CharField = models.CharField

_HIDDEN = re.compile(
    "[\x00-\x1f\x7f-\x9f"  # control characters
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u206f"  # direction of writing, and what is of its kind
    "\u2028\u2029]"  # line and paragraph separators
)


def refuse_hidden(name: str) -> None:
    """Raise ValidationError for a name with such a sign."""
    if found := _HIDDEN.search(name):
        sign = f"U+{ord(found[0]):04X}"
        told = f"A name can’t hold the invisible character {sign}. Type it anew without."
        raise ValidationError(told, code="hidden")


def check(field: str, name: str) -> None:
    """The same, telling it at this field."""
    try:
        refuse_hidden(name)
    except ValidationError as error:
        raise ValidationError({field: error.messages}) from error


def without_hidden(name: str) -> str:
    """A name that no person types here, such as a file's, without such signs."""
    return _HIDDEN.sub("", name)


class NameField(CharField):
    """What people call something: text without invisible signs, checked like any value, and once
    more when the row is made, whichever way that comes about."""

    default_validators = [refuse_hidden]

    def deconstruct(self) -> Any:
        """To migrations it is what it is to the database."""
        name, _, args, kwargs = super().deconstruct()
        return name, "django.db.models.CharField", args, kwargs

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        value = super().pre_save(model_instance, add)
        if add:
            check(self.name, value)
        return value
