from django.apps import AppConfig


class ToolsConfig(AppConfig):
    name = "tools"
    verbose_name = "Tools"

    def ready(self) -> None:
        from tenants import secret_users  # noqa: PLC0415  # needs the models
        from tools.models import Tool  # noqa: PLC0415

        secret_users.declare(Tool)
