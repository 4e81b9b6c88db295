from django.apps import AppConfig

# What the activity log offers to put back.
RESTORABLE = ("name", "description")


class KnowledgeConfig(AppConfig):
    name = "knowledge"
    verbose_name = "Knowledge"

    def ready(self) -> None:
        from knowledge import services  # noqa: PLC0415  # needs the models
        from knowledge.models import Source  # noqa: PLC0415
        from tenants import restoring  # noqa: PLC0415

        restoring.declare(restoring.Restorable(Source, RESTORABLE, services.update_source))
