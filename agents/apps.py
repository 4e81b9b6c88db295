from django.apps import AppConfig


class AgentsConfig(AppConfig):
    name = "agents"
    verbose_name = "Agents"

    def ready(self) -> None:
        from agents import restorable, usage  # noqa: PLC0415  # needs the models

        usage.declare()
        restorable.declare()
