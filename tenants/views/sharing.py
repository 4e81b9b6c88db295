"""The Access tab of a shared object: one implementation, whose addresses each app registers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse

from tenants import explaining, services, sharing
from tenants.access import Access
from tenants.models import Role, Shareable
from tenants.pages import form_status, object_page, paginate, render_page, submitted
from tenants.sharing_forms import NewShareForm, RestrictForm, ShareForm

S = TypeVar("S", bound=Shareable)

SORTS = {"name": "user__name", "email": "user__email", "role": "role__label"}


@dataclass(frozen=True, slots=True)
class AccessTab(Generic[S]):
    """The Access tab of one model's objects.

    `name` is the word in its URL names, as in "agents:agent-access"; `frame` the template that its
    pages extend, with the object's head and tabs; `opened` makes what that template needs.
    """

    model: type[S]
    namespace: str
    name: str
    frame: str
    opened: Callable[[Access, S], dict[str, Any]]

    def urls(self) -> list[URLPattern]:
        """The addresses, for the app's own list of them."""
        views: tuple[tuple[str, str, Callable[..., HttpResponseBase], str], ...] = (
            ("access/", "access", self.access, "GET"),
            ("access/reach/", "reach", self.reach, "GET"),
            ("access/restrict/", "restrict", self.restrict, "POST"),
            ("access/share/", "share", self.share, "POST"),
            ("access/invite/", "share-with", self.share_with, "POST"),
        )
        return [
            path(
                f"<uuid:pk>/{address}",
                object_page(self.model, "manage", method)(view),
                name=f"{self.name}-{name}",
            )
            for address, name, view, method in views
        ]

    def access(self, request: HttpRequest, access: Access, row: S) -> HttpResponse:
        """Who may do what with the object by which rule, and the forms to decide it."""
        return self._page(request, access, row, NewShareForm(access=access, row=row))

    def reach(self, request: HttpRequest, access: Access, row: S) -> HttpResponse:
        """Every member, with what they may do with the object and why."""
        page = paginate(request, explaining.candidates(access), sorts=SORTS, default="name")
        standings = explaining.of_members(row, page.rows)
        context = {"page": page, "reached": list(zip(page.rows, standings, strict=True))}
        return self._render(request, access, row, "tenants/access_reach.html", context)

    def restrict(self, request: HttpRequest, access: Access, row: S) -> HttpResponse:
        """Leave the object to those it is shared with, or open it to roles."""
        form = RestrictForm(request.POST)
        form.is_valid()
        is_restricted = form.cleaned_data["is_restricted"]
        services.restrict(access, row, is_restricted=is_restricted)
        told = "Only those it is shared with reach it now." if is_restricted else OPENED
        messages.success(request, told)
        return redirect(self._url("access", access, row))

    def share(self, request: HttpRequest, access: Access, row: S) -> HttpResponse:
        """Decide what one person or role gets who stands in the list."""
        return self._decide(request, access, row, ShareForm)

    def share_with(self, request: HttpRequest, access: Access, row: S) -> HttpResponse:
        """The same for a person who does not stand there yet."""
        return self._decide(request, access, row, NewShareForm)

    def _decide(
        self, request: HttpRequest, access: Access, row: S, form_class: type[ShareForm]
    ) -> HttpResponse:
        form = form_class(**submitted(request), access=access, row=row)
        if form.is_valid():
            given = form.cleaned_data
            try:
                made = services.share(
                    access,
                    row,
                    given["holder"],
                    allowed=given["allowed"],
                    denied=given["denied"],
                )
            except ValidationError as refusal:
                form.add_error(None, refusal.messages[0])
            else:
                messages.success(request, f"{_named(made)}: {made.told or 'what the role brings'}.")
                return redirect(self._url("access", access, row))
        return self._page(request, access, row, form)

    def _page(self, request: HttpRequest, access: Access, row: S, form: ShareForm) -> HttpResponse:
        members = sharing.named_members(access, row)
        page = paginate(request, members, sorts=SORTS, default="name")
        context = {
            "form": form,
            "page": page,
            "people": self._lines(access, row, sharing.shares_of(row, page.rows)),
            "roles": self._roles(access, row),
            "addresses": sharing.addresses(access),
        }
        template = "tenants/access_tab.html"
        return self._render(request, access, row, template, context, form_status(form))

    def _roles(self, access: Access, row: S) -> list[dict[str, Any]]:
        """A line for each role, with what it may do here in all."""
        found = explaining.of_roles(row, sharing.roles(access).order_by("created_at"))
        shares = sharing.shares_of(row, [role for role, _ in found])
        lines = self._lines(access, row, shares)
        return [
            {**line, "standing": standing} for line, (_, standing) in zip(lines, found, strict=True)
        ]

    def _lines(self, access: Access, row: S, shares: list[sharing.Share]) -> list[dict[str, Any]]:
        return [
            {
                "share": share,
                "holder": share.holder,
                "form": ShareForm(access=access, row=row, share=share, auto_id=_ids(share)),
            }
            for share in shares
        ]

    def _render(
        self,
        request: HttpRequest,
        access: Access,
        row: S,
        template: str,
        context: dict[str, Any],
        status: int = 200,
    ) -> HttpResponse:
        names = ("access", "reach", "restrict", "share", "share-with")
        urls = {name.replace("-", "_"): self._url(name, access, row) for name in names}
        # Told in its own words: "agent", "source".
        about = {"row": row, "kind": row._meta.verbose_name, "urls": urls, "frame": self.frame}
        context = {"access": access, **about, **self.opened(access, row), **context}
        return render_page(request, template, context, status=status)

    def _url(self, name: str, access: Access, row: S) -> str:
        return reverse(f"{self.namespace}:{self.name}-{name}", args=[access.tenant.slug, row.pk])


OPENED = "It is open to everybody whose role may see it."


def _named(share: sharing.Share) -> str:
    holder = share.holder
    return f"The role {holder}" if isinstance(holder, Role) else str(holder.user)


def _ids(share: sharing.Share) -> str:
    """Ids of the fields that are nobody else's on the page."""
    return f"id_{share.holder.pk}_%s"
