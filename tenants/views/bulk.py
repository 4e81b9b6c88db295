"""One thing done to many rows of a list: asked for on the list, confirmed here, and told there."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from operator import itemgetter

from django.contrib import messages
from django.core.exceptions import BadRequest, ValidationError
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect

from tenants import bulk
from tenants.access import Access
from tenants.bulk import Act, Listed, Outcome, Selection
from tenants.pages import render_page, tenant_page

# A confirmation names so many rows, the message afterwards so many for each reason.
NAMED, NAMED_LEFT = 100, 4


@tenant_page("GET", "POST")
def bulk_act(request: HttpRequest, access: Access, listed: str, act: str) -> HttpResponse:
    """Name what would be acted on and what uses it; do it when that was confirmed."""
    found, doing = bulk.find(access, listed, act)
    query = QueryDict(request.GET.get("filters", ""))
    if request.method == "POST":
        chosen = _ticked(access, found, doing, request.POST.get("ids", "").split())
        _tell(request, found, doing, bulk.carry_out(access, doing, chosen))
        return redirect(_back(access, found, query))
    if not {"id", "all"} & request.GET.keys():
        messages.info(request, "Nothing was ticked.")
        return redirect(_back(access, found, query))
    return _confirmation(request, access, found, doing, query)


def _confirmation(
    request: HttpRequest, access: Access, listed: Listed, act: Act, query: QueryDict
) -> HttpResponse:
    if "all" in request.GET:
        chosen = bulk.matching(access, listed, act, query)
    else:
        chosen = _ticked(access, listed, act, request.GET.getlist("id"))
    beyond = [row for row in chosen.open_to[NAMED:] if row.pk in chosen.users]
    named = [*chosen.open_to[:NAMED], *beyond]
    context = {
        "access": access,
        "listed": listed,
        "act": act,
        "chosen": chosen,
        "counted": listed.counted(len(chosen.open_to)),
        "named": [(row, chosen.users.get(row.pk, ())) for row in named],
        "more": len(chosen.open_to) - len(named),
        "users": _users(chosen),
        "most": bulk.MOST,
        "ids": " ".join(str(row.pk) for row in (*chosen.open_to, *chosen.closed)),
        "back": _back(access, listed, query),
    }
    return render_page(request, "tenants/bulk_act.html", context)


def _ticked(access: Access, listed: Listed, act: Act, ids: Iterable[str]) -> Selection:
    try:
        return bulk.ticked(access, listed, act, ids)
    except ValidationError as error:
        raise BadRequest(" ".join(error.messages)) from error


def _users(chosen: Selection) -> int:
    """How many other objects use what would be deleted."""
    return len({user.pk for users in chosen.users.values() for user in users})


def _back(access: Access, listed: Listed, query: QueryDict) -> str:
    address = listed.page.address(access, query)
    return f"{address}?{query.urlencode()}" if query else address


def _tell(request: HttpRequest, listed: Listed, act: Act, outcome: Outcome) -> None:
    if outcome.done:
        were = "was" if outcome.done == 1 else "were"
        messages.success(request, f"{listed.counted(outcome.done)} {were} {act.done}.")
    by_reason = sorted(outcome.left, key=itemgetter(1))
    for why, rows in groupby(by_reason, key=itemgetter(1)):
        messages.warning(request, _left([name for name, _ in rows], why))


def _left(names: list[str], why: str) -> str:
    """“A”, “B” and 3 more: left as they are, because …"""
    told = ", ".join(f"“{name[:80]}”" for name in names[:NAMED_LEFT])
    more = f" and {len(names) - NAMED_LEFT:,} more" if len(names) > NAMED_LEFT else ""
    return f"Left as before: {told}{more}; {why.rstrip('.')}."
