"""The template language of the product: icons, statuses, times, numbers, safe text."""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from functools import cache, lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from django import template
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import staticfiles_storage
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from tenants import activity, bulk, viewed_lists
from tenants import markdown as safe_markdown
from tenants.access import Access
from tenants.models import AuditEvent, Job
from tenants.settings_pages import SettingsPage, open_to

register = template.Library()

NOTHING = "–"
SPRITE = "img/icons.svg"
HUES = 12

TONES = {
    **dict.fromkeys(("done", "live", "published", "ready", "active", "completed", "ok"), "good"),
    **dict.fromkeys(("failed", "failing", "error", "interrupted", "timed_out"), "bad"),
    **dict.fromkeys(("paused", "draft ahead", "draft_ahead", "cancelling", "expiring"), "warn"),
    "suspended": "warn",
    **dict.fromkeys(("running", "extracting", "indexing", "embedding", "uploading"), "busy"),
    "draft": "draft",
}


# ── Pieces of a page ──────────────────────────────────────────────────────────────────────────


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """A symbol of the sprite; without a label it is decoration. ValueError for unknown names."""
    return _icon(name, label, _sprite(staticfiles_storage))


# A page has dozens of icons and as many statuses and avatars, most of them again and again.
# `typed`, since text that is safe equals the same text that isn't.
@lru_cache(maxsize=1024, typed=True)
def _icon(name: str, label: str, sprite: str) -> SafeString:
    if name not in _symbols():
        raise ValueError(f"{SPRITE} has no symbol {name!r}.")
    href = f"{sprite}#{name}"
    if label:
        piece = '<svg class="icon" role="img" aria-label="{}"><use href="{}"/></svg>'
        return format_html(piece, label, href)
    return format_html('<svg class="icon" aria-hidden="true"><use href="{}"/></svg>', href)


@lru_cache(maxsize=8)
def _sprite(storage: Any) -> str:
    """The sprite's address in this storage, which names it by its content."""
    return str(storage.url(SPRITE))


@cache
def _symbols() -> frozenset[str]:
    path = finders.find(SPRITE)
    if path is None:
        raise FileNotFoundError(SPRITE)
    return frozenset(re.findall(r'<symbol id="([\w-]+)"', Path(path).read_text("utf-8")))


@register.simple_tag
def status(value: Any, label: str = "") -> SafeString:
    """A dot and a word."""
    return _status(str(value), label)


@lru_cache(maxsize=1024, typed=True)
def _status(value: str, label: str) -> SafeString:
    word = label or value.replace("_", " ").capitalize()
    tone = TONES.get(value, "neutral")
    piece = '<span class="status" data-status="{}" data-tone="{}">{}</span>'
    return format_html(piece, value, tone, word)


@register.simple_tag
def avatar(name: Any, pk: Any, size: str = "") -> SafeString:
    """A coloured square with initials; the name stands beside it, so it is decoration."""
    return _avatar(hue(pk), size, initials(name))


@lru_cache(maxsize=4096, typed=True)
def _avatar(hue: int, size: str, letters: str) -> SafeString:
    piece = '<span class="avatar" aria-hidden="true" data-hue="{}" data-size="{}">{}</span>'
    return format_html(piece, hue, size, letters)


@register.simple_tag
def copy_id(pk: Any, label: str = "Copy the id") -> SafeString:
    """A short id that copies the whole one on click."""
    piece = (
        '<button type="button" class="id" data-copy="{}" title="{}" aria-label="{} {}">{}</button>'
    )
    return format_html(piece, pk, pk, label, pk, short_id(pk))


@register.simple_tag
def when(moment: datetime | None) -> SafeString:
    """How long ago, with the exact time on hover."""
    if moment is None:
        return format_html('<span class="muted">{}</span>', NOTHING)
    local = timezone.localtime(moment)
    exact = f"{local.day} {local:%b %Y, %H:%M:%S %Z}"
    piece = '<time datetime="{}" title="{}">{}</time>'
    return format_html(piece, local.isoformat(timespec="seconds"), exact, relative(local))


@register.inclusion_tag("components/nav_link.html", takes_context=True)
def nav_link(context: template.Context, url_name: str, label: str, symbol: str) -> dict[str, Any]:
    """An entry of the sidebar; current on its own page and on the pages below it."""
    url = reverse(url_name, args=[context["access"].tenant.slug])
    path = context["request"].path
    current = "page" if path == url else "true" if path.startswith(url) else ""
    return {"url": url, "label": label, "symbol": symbol, "current": current}


@register.simple_tag(takes_context=True)
def url_with(context: template.Context, name: str, value: Any) -> str:
    """This page's address with one parameter set, or dropped when empty; back on the first page."""
    query = context["request"].GET.copy()
    for outdated in ("after", "before", name):
        query.pop(outdated, None)
    if value:
        query[name] = str(value)
    return f"?{query.urlencode()}"


@register.simple_tag
def unfinished_jobs(access: Access) -> int:
    """How many jobs wait or run, of those that this person may see."""
    return access.count(Job, status__in=Job.UNFINISHED)


@register.inclusion_tag("components/saved_views.html", takes_context=True)
def saved_view_tabs(context: template.Context) -> dict[str, Any]:
    """The list as it is and its saved views, and the way to save what is shown now."""
    request, access = context["request"], context["access"]
    listed, views, scope = request.saved_views
    opened = request.GET.get(viewed_lists.OPEN, "")
    tabs = [(view, listed.query(view), str(view.pk) == opened) for view in views]
    shown = listed.kept(request.GET)
    current = next((view for view, _, is_open in tabs if is_open), None)
    is_new = bool(shown) and (current is None or listed.kept(current.query) != shown)
    told = {"listed": listed, "tabs": tabs, "current": current, "is_new": is_new}
    told |= {"whole": listed.query(), "query": request.GET.urlencode()}
    told |= {"scope": scope, "within": f"?{urlencode(scope)}" if scope else ""}
    return {**told, "request": request, "access": access}


@register.simple_tag
def bulk_acts(access: Access, name: str) -> list[bulk.Act]:
    """What this person may do to several rows of the list at once."""
    return bulk.offered(access, name)


@register.simple_tag
def settings_pages(access: Access) -> list[SettingsPage]:
    """The pages of the settings that this person may open."""
    return open_to(access)


# ── Text ──────────────────────────────────────────────────────────────────────────────────────


@register.filter
def markdown(text: str | None, citations: Mapping[int, str] | None = None) -> SafeString:
    """Sanitised HTML of Markdown; `[1]` is linked where `citations` maps 1 to an address."""
    return safe_markdown.render(text or "", citations)


@register.filter
def pretty_json(value: Any) -> str:
    """Indented JSON, for a code block."""
    return json.dumps(value, indent=2, ensure_ascii=False, default=str)


@register.filter
def event_title(event: AuditEvent) -> str:
    """What happened, in words."""
    return activity.title(event.action)


@register.filter
def field_names(event: AuditEvent) -> str:
    """Which fields an event tells of."""
    told = activity.names_in(event)
    names = [activity.label_of(activity.field_of(event, name), name) for name in told]
    return ", ".join(names[:4]) + (f" and {len(names) - 4} more" if len(names) > 4 else "")


@register.filter
def initials(name: Any) -> str:
    """One or two letters for an avatar."""
    first, second = (*_WORDS(str(name).partition("@")[0])[:2], "", "")[:2]
    letters: str = first[0] + second[0] if second else first[:2] or "?"
    return letters.upper()


_WORDS = re.compile(r"[^\W_]+").findall


@register.filter
def hue(pk: Any) -> int:
    """One of the avatar colours, always the same for the same id."""
    return zlib.crc32(str(pk).encode()) % HUES


@register.filter
def short_id(pk: Any) -> str:
    """The beginning and the end of an id."""
    text = str(pk)
    return text if len(text) <= 13 else f"{text[:4]}…{text[-6:]}"


# ── Numbers and times ─────────────────────────────────────────────────────────────────────────


@register.filter
def number(value: float | Decimal | None) -> str:
    """Digits in groups of three."""
    return NOTHING if value is None else f"{value:,}"


@register.filter
def filesize(size: int | None) -> str:
    """Bytes as KB, MB, GB."""
    return NOTHING if size is None else filesizeformat(size).replace("\xa0", " ")


@register.filter
def duration(milliseconds: float | None) -> str:
    """Milliseconds as ms, seconds, minutes."""
    if milliseconds is None:
        return NOTHING
    if milliseconds < 1_000:
        return f"{milliseconds:.0f} ms"
    seconds = milliseconds / 1_000
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


_SIGNS = {"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥"}


@register.filter
def money(amount: float | Decimal | None, currency: str = "USD") -> str:
    """An amount with its currency; small ones keep the digits that matter."""
    if amount is None:
        return NOTHING
    size = abs(float(amount))
    places = 2 if size >= 1 or not size else 4 if size >= 0.0001 else 6
    return f"{_SIGNS.get(currency, currency)} {amount:,.{places}f}"


@register.filter
def relative(moment: datetime) -> str:
    """“5 min ago”, “yesterday”, “12 Nov”."""
    now = timezone.localtime()
    local = timezone.localtime(moment)
    seconds = (now - local).total_seconds()
    if abs(seconds) < 45:
        return "just now"
    days = (now.date() - local.date()).days
    if seconds > 0 and days == 1 and seconds > 6 * 3600:
        return "yesterday"
    if abs(days) >= 7:
        return f"{local.day} {local:%b}" + (f" {local.year}" if local.year != now.year else "")
    amount = _amount(abs(seconds))
    return f"{amount} ago" if seconds > 0 else f"in {amount}"


def _amount(seconds: float) -> str:
    for size, unit in ((86_400, "day"), (3_600, "h"), (60, "min")):
        if seconds >= size:
            count = round(seconds / size)
            return f"{count} {unit}s" if unit == "day" and count != 1 else f"{count} {unit}"
    return f"{seconds:.0f} s"
