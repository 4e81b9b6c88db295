from django.apps import AppConfig

# What the activity log offers to put back.
RESTORABLE = (
    "name",
    "slug",
    "description",
    "method",
    "url_template",
    "send_as",
    "parameters",
    "timeout_seconds",
)


class ToolsConfig(AppConfig):
    name = "tools"
    verbose_name = "Tools"

    def ready(self) -> None:
        from tenants import restoring, secret_users  # noqa: PLC0415  # needs the models
        from tools import services  # noqa: PLC0415
        from tools.models import Tool  # noqa: PLC0415

        secret_users.declare(Tool)
        restoring.declare(restoring.Restorable(Tool, RESTORABLE, services.update_tool))
