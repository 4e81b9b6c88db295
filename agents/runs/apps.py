from django.apps import AppConfig


class RunsConfig(AppConfig):
    name = "agents.runs"
    label = "runs"
    verbose_name = "Runs"

    def ready(self) -> None:
        from agents.runs import lifecycle, vendors  # noqa: PLC0415  # needs the models

        lifecycle.declare()
        vendors.declare()
