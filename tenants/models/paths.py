"""Addresses of pages about a single row. A list has one for each of its rows, and Django looks
through its patterns each time that it is asked: so it is asked once, and the rest is filled in."""

from __future__ import annotations

from functools import lru_cache
from uuid import UUID

from django.conf import settings
from django.urls import NoReverseMatch, get_script_prefix, get_urlconf, reverse

# Where the slug and the id go; neither can hold what stands here.
_SLUG, _ID = "tenant-slug", UUID(int=0)


def of_row(page: str, slug: str, pk: UUID | None) -> str:
    """`reverse` of a page that is named by its tenant's slug and an id. Raises NoReverseMatch."""
    if pk is None:
        raise NoReverseMatch(f"What isn't saved has no {page}.")
    patterns = get_urlconf() or settings.ROOT_URLCONF
    before, between, after = _pieces(page, patterns, get_script_prefix())
    return f"{before}{slug}{between}{pk}{after}"


@lru_cache(maxsize=512)
def _pieces(page: str, patterns: str, prefix: str) -> tuple[str, str, str]:
    before, _, rest = reverse(page, args=[_SLUG, _ID]).partition(_SLUG)
    between, _, after = rest.partition(str(_ID))
    return before, between, after
