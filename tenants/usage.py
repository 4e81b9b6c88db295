"""Who uses an object, asked before it is deleted.

An app knows nothing of the apps above it, so those declare what they use of it: agents declare
that they use personas, tools and sources. Declarations are made when the apps are ready.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Model, QuerySet

from tenants.access import Access


@dataclass(frozen=True)
class Use:
    """One kind of use: how to find the users of an object, and how to free the object of one."""

    find: Callable[[Any], QuerySet[Any]]
    detach: Callable[[Access, Any, Any], None]  # (access, user, used object)
    # Of many objects at once, by their ids: (used object's id, user's id).
    pairs: Callable[[Sequence[UUID]], Iterable[tuple[UUID, UUID]]] = lambda ids: ()


class InUse(Exception):
    """The object can't be deleted yet; `users` are those of its users that may be seen.

    `why` ends the sentence that names them.
    """

    def __init__(
        self, obj: Any, users: Sequence[Model], hidden: int, why: str = "not all yours to change"
    ) -> None:
        super().__init__(f"{obj} is in use.")
        self.obj, self.users, self.hidden, self.why = obj, users, hidden, why

    def told_users(self) -> str:
        """Those that may be seen by name, and how many others there are."""
        users = [f"“{user}”" for user in self.users]
        if self.hidden:
            users.append(f"{self.hidden} that you may not see")
        return ", ".join(users)


_uses: dict[type[Model], list[Use]] = defaultdict(list)


def declare(
    used: type[Model],
    *,
    find: Callable[[Any], QuerySet[Any]],
    detach: Callable[[Access, Any, Any], None],
    pairs: Callable[[Sequence[UUID]], Iterable[tuple[UUID, UUID]]],
) -> None:
    _uses[used].append(Use(find, detach, pairs))


def users_of(access: Access, obj: Model) -> list[Any]:
    """The users of the object that this person may see, by name; for a confirmation."""
    found = [
        user
        for use in _uses[type(obj)]
        for user in access.visible(use.find(obj).model).filter(pk__in=use.find(obj).values("pk"))
    ]
    return sorted(found, key=str)


def users_by_object(access: Access, objs: Sequence[Model]) -> dict[UUID, list[Any]]:
    """The same for many objects of one kind, by their ids, in a few queries; without the unused."""
    found: dict[UUID, list[Any]] = defaultdict(list)
    for use in _uses[type(objs[0])]:
        pairs = list(use.pairs([obj.pk for obj in objs]))
        if not pairs:
            continue
        model = use.find(objs[0]).model
        seen = access.visible(model).in_bulk({user for _, user in pairs})
        for used, user in pairs:
            if user in seen:
                found[used].append(seen[user])
    return {pk: sorted(users, key=str) for pk, users in found.items()}


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
