from django.apps import AppConfig

# What the activity log offers to put back.
RESTORABLE = (
    "name",
    "slug",
    "description",
    "model",
    "persona_values",
    "max_steps",
    "max_tool_calls",
    "max_output_tokens",
    "timeout_seconds",
    "retrieve_k",
    "temperature",
)


class AgentsConfig(AppConfig):
    name = "agents"
    verbose_name = "Agents"

    def ready(self) -> None:
        from agents import services, usage  # noqa: PLC0415  # needs the models
        from agents.models import Agent  # noqa: PLC0415
        from tenants import restoring  # noqa: PLC0415

        usage.declare()
        restoring.declare(Agent, RESTORABLE, services.update_agent)
