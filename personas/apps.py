from django.apps import AppConfig

# What the activity log offers to put back.
RESTORABLE = ("name", "role", "tone", "instructions", "variables", "is_active")


class PersonasConfig(AppConfig):
    name = "personas"
    verbose_name = "Personas"

    def ready(self) -> None:
        from personas import services  # noqa: PLC0415  # needs the models
        from personas.models import Persona  # noqa: PLC0415
        from tenants import restoring  # noqa: PLC0415

        restoring.declare(restoring.Restorable(Persona, RESTORABLE, services.update_persona))
