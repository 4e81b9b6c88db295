"""Who uses an object, asked before it is deleted.

An app knows nothing of the apps above it, so those declare what they use of it: agents declare
that they use personas, tools and sources. Declarations are made when the apps are ready.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Model, QuerySet

from tenants.access import Access


@dataclass(frozen=True)
class Use:
    """One kind of use: how to find the users of an object, and how to free the object of one."""

    find: Callable[[Any], QuerySet[Any]]
    detach: Callable[[Access, Any, Any], None]  # (access, user, used object)


class InUse(Exception):
    """The object can't be deleted yet; `users` are those of its users that may be seen.

    `why` ends the sentence that names them.
    """

    def __init__(
        self, obj: Any, users: Sequence[Model], hidden: int, why: str = "not all yours to change"
    ) -> None:
        super().__init__(f"{obj} is in use.")
        self.obj, self.users, self.hidden, self.why = obj, users, hidden, why


_uses: dict[type[Model], list[Use]] = defaultdict(list)


def declare(
    used: type[Model],
    *,
    find: Callable[[Any], QuerySet[Any]],
    detach: Callable[[Access, Any, Any], None],
) -> None:
    _uses[used].append(Use(find, detach))


def users_of(access: Access, obj: Model) -> list[Any]:
    """The users of the object that this person may see, by name; for a confirmation."""
    found = [
        user
        for use in _uses[type(obj)]
        for user in access.visible(use.find(obj).model).filter(pk__in=use.find(obj).values("pk"))
    ]
    return sorted(found, key=str)


def free(access: Access, obj: Model, *, force: bool) -> None:
    """Call before deleting, in the same transaction: raises InUse, or detaches with `force`.

    Force is no way around rights: a user that the person may not change keeps the object.
    """
    users = [(use, user) for use in _uses[type(obj)] for user in use.find(obj)]
    if users and not (force and all(access.may_do(user, "change") for _, user in users)):
        seen = users_of(access, obj)
        raise InUse(obj, seen, hidden=len(users) - len(seen))
    for use, user in users:
        use.detach(access, user, obj)
