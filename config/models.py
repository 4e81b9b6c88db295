"""What the installation itself remembers."""

from django.db import models
from django.db.models.functions import Now


class WorkerHeartbeat(models.Model):
    """A worker process that was alive at a time; the database's clock, not the worker's."""

    name = models.CharField(primary_key=True, max_length=200)
    queue = models.CharField(max_length=60)
    seen_at = models.DateTimeField(default=Now)

    def __str__(self) -> str:
        return self.name
