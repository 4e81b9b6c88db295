"""What the frame around every page needs beside the view's own context."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

THEMES = ("system", "light", "dark")


def frame(request: HttpRequest) -> dict[str, Any]:
    """The theme that the person chose on this device."""
    theme = request.COOKIES.get("theme", "system")
    return {"theme": theme if theme in THEMES else "system", "themes": THEMES}
