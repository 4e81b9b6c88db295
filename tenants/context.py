"""What every template knows beside its own context."""

from django.http import HttpRequest

THEMES = ("system", "light", "dark")
THEME_COOKIE = "theme"


def frame(request: HttpRequest) -> dict[str, str]:
    """The chosen theme; `system` for whoever never chose, or sent something else."""
    theme = request.COOKIES.get(THEME_COOKIE, "")
    return {"theme": theme if theme in THEMES else "system"}
