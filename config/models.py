"""What the installation itself remembers."""

from django.db import models
from django.db.models.functions import Now

from tenants.models import Tenant


class WorkerHeartbeat(models.Model):
    """A worker process that was alive at a time; the database's clock, not the worker's."""

    name = models.CharField(primary_key=True, max_length=200)
    queue = models.CharField(max_length=60)
    seen_at = models.DateTimeField(default=Now)

    def __str__(self) -> str:
        return self.name


class TenantFigures(models.Model):
    """How large and how busy a tenant is, counted now and then: numbers, and none of its content.

    `runs`, `spend` and what failed are of the present month (UTC); `spend` is in US dollars.
    """

    tenant = models.OneToOneField(Tenant, models.CASCADE, primary_key=True, related_name="figures")
    members = models.PositiveIntegerField(default=0)
    agents = models.PositiveIntegerField(default=0)
    documents = models.PositiveIntegerField(default=0)
    storage = models.PositiveBigIntegerField("bytes of documents", default=0)
    runs = models.PositiveIntegerField(default=0)
    spend = models.DecimalField(max_digits=18, decimal_places=9, default=0)
    failed_runs = models.PositiveIntegerField(default=0)
    failed_jobs = models.PositiveIntegerField(default=0)
    last_activity_at = models.DateTimeField(null=True)
    counted_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"Figures of {self.tenant}"

    @property
    def failures(self) -> int:
        """Runs and jobs that failed this month."""
        return self.failed_runs + self.failed_jobs

    @property
    def told_failures(self) -> str:
        """The same in words."""
        parts = {"run": self.failed_runs, "job": self.failed_jobs}
        told = [f"{count:,} {what}{'s' * (count != 1)}" for what, count in parts.items() if count]
        return f"{' and '.join(told)} failed"
