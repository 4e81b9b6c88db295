"""What every template knows beside its own context."""

from typing import Any

from django.http import HttpRequest

THEMES = ("system", "light", "dark")
THEME_COOKIE = "theme"


def viewing(request: HttpRequest) -> dict[str, Any]:
    """As whom an owner looks at the portal, for the banner; the middleware has found it out."""
    return {"viewing": getattr(request, "viewing", None)}


def frame(request: HttpRequest) -> dict[str, str]:
    """The chosen theme; `system` for whoever never chose, or sent something else."""
    theme = request.COOKIES.get(THEME_COOKIE, "")
    return {"theme": theme if theme in THEMES else "system"}
