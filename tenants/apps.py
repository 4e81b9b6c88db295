"""The ground floor: organisations, people, rights, background work, audit."""

from django.apps import AppConfig
from django.db.backends.signals import connection_created


class TenantsConfig(AppConfig):
    name = "tenants"
    verbose_name = "Organisations"

    def ready(self) -> None:
        from tenants import prepared, restorable, secret_users  # noqa: PLC0415  # needs the models
        from tenants.models import Provider, SignInProvider  # noqa: PLC0415

        connection_created.connect(prepared.begin)
        secret_users.declare(Provider)
        secret_users.declare(SignInProvider)
        restorable.declare()
