"""What a name must not hold: signs that nobody sees, and that make it read as another one.

Control characters, line separators, the marks that turn the direction of writing (after U+202E
“fdp.exe” reads as “exe.pdf”; Arabic and Hebrew need none of them), and what has no width: what
Unicode calls Default_Ignorable_Code_Point (DerivedCoreProperties.txt). Of these stay what writing
needs, where it needs it: joiners in scripts that join and in emoji, selectors after what has more
than one look, and tags in the flags of regions (UTS 51, ED-14a).
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

_PICTURE = "©®\u203c-\u2bff\u3030\u303d\u3297\u3299\U0001f000-\U0001faff"
_IDEOGRAPH = "\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
# A black flag, the letters of a region, and the tag that ends them.
_FLAG = re.compile("(\U0001f3f4[\U000e0030-\U000e0039\U000e0061-\U000e007a]{3,6}\U000e007f)")

_HIDDEN = re.compile(
    "[\x00-\x1f\x7f-\x9f"  # control characters
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u206f"  # direction of writing, and what is of its kind
    "\u2028\u2029"  # line and paragraph separators
    "\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180e\u200b\u2060-\u2065\u3164"  # of no width
    "\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0000-\U000e00ff\U000e01f0-\U000e0fff]"
    # Joiners and selectors that stand after nothing of theirs; a digit has one within a keycap.
    f"|(?<![\u0600-\u1cff{_PICTURE}\ufe0f])[\u200c\u200d]"
    f"|(?<![{_PICTURE}])(?!(?<=[0-9#*])\ufe0f\u20e3)[\ufe0e\ufe0f]"
    f"|(?<![{_IDEOGRAPH}])[\ufe00-\ufe0d\U000e0100-\U000e01ef]"
    "|(?<![\u1800-\u18af])[\u180b-\u180d\u180f]"
)


def refuse_hidden(name: str) -> None:
    """Raise ValidationError for a name with such a sign."""
    if found := _HIDDEN.search(_FLAG.sub("\U0001f3f4", name)):
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
    """A name that no person types here, such as a file's, without such signs: also without those
    that are left standing at the beginning, or beside others, where one goes."""
    while (shorter := "".join(_without(part) for part in _FLAG.split(name))) != name:
        name = shorter
    return name


def _without(part: str) -> str:
    return part if _FLAG.fullmatch(part) else _HIDDEN.sub("", part)


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
