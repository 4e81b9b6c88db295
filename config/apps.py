from django.apps import AppConfig
from django.db.models.signals import post_migrate

from config import celery, queue_tables


class ConfigConfig(AppConfig):
    name = "config"
    verbose_name = "Roster"

    def ready(self) -> None:
        celery.app.set_default()
        post_migrate.connect(queue_tables.install, sender=self)
