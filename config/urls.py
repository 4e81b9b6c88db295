"""Every URL of Roster. Signed-in pages live under their tenant's slug."""

from django.urls import URLPattern, URLResolver, include, path

from config import home, palette
from config.api import api

tenant_pages: list[URLPattern | URLResolver] = [
    path("", home.home, name="home"),
    path("palette/", palette.palette, name="palette"),
    path("", include("agents.runs.urls")),
    path("agents/", include("agents.urls")),
    path("personas/", include("personas.urls")),
    path("tools/", include("tools.urls")),
    path("knowledge/", include("knowledge.urls")),
    path("", include("tenants.urls")),
]

urlpatterns = [
    path("", home.root, name="root"),
    path("accounts/", include("tenants.account_urls")),
    path("t/<slug:tenant>/", include(tenant_pages)),
    path("platform/", include("config.platform.urls")),
    path("api/v1/", api.urls),
]

handler400 = "config.errors.bad_request"
handler403 = "config.errors.permission_denied"
handler404 = "config.errors.page_not_found"
handler500 = "config.errors.server_error"
