"""What a name must not hold: signs that nobody sees, and that make it read as another one.

Control characters, line separators, the marks that turn the direction of writing (after U+202E
“fdp.exe” reads as “exe.pdf”; Arabic and Hebrew need none of them), and what has no width: what
Unicode calls Default_Ignorable_Code_Point (DerivedCoreProperties.txt). Of these the variation
selectors and the tags stay, which emoji and flags are made of, and so do the joiners U+200C and
U+200D after a letter of a writing that joins, or after an emoji: a Latin name has no use for them.
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
    "\u2028\u2029"  # line and paragraph separators
    "\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180e\u200b\u2060-\u2065\u3164"  # of no width
    "\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a]"
    "|(?<![\u0600-\u1fff\u203c-\U0010ffff])[\u200c\u200d]"  # joiners that join nothing
    # Parts of a sign that is not there, all at once: of any number, two rounds leave nothing.
    "|^[\u180b-\u180f\ufe00-\ufe0f\U000e0000-\U000e0fff\u200c\u200d]+"
)


def refuse_hidden(name: str) -> None:
    """Raise ValidationError for a name with such a sign."""
    if found := _HIDDEN.search(name):
        sign = f"U+{ord(found[0][0]):04X}"
        told = f"A name can’t hold the invisible character {sign}. Type it anew without."
        raise ValidationError(told, code="hidden")


def check(field: str, name: str) -> None:
    """The same, telling it at this field."""
    try:
        refuse_hidden(name)
    except ValidationError as error:
        raise ValidationError({field: error.messages}) from error


def without_hidden(name: str) -> str:
    """A name that no person types here, such as a file's, without such signs: also without those
    that are left standing at the beginning, or beside others, where one goes."""
    while (shorter := _HIDDEN.sub("", name)) != name:
        name = shorter
    return name


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
