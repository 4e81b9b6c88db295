"""The ground floor: organisations, people, rights, background work, audit."""

from django.apps import AppConfig


class TenantsConfig(AppConfig):
    name = "tenants"
    verbose_name = "Organisations"

    def ready(self) -> None:
        from tenants import restorable, secret_users  # noqa: PLC0415  # needs the models
        from tenants.models import Provider, SignInProvider  # noqa: PLC0415

        secret_users.declare(Provider)
        secret_users.declare(SignInProvider)
        restorable.declare()
