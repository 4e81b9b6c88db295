"""How often something was tried of late."""

from django.db import models


class Attempt(models.Model):
    """One counter: of a kind of attempt, by somebody, within a period. See tenants.attempts."""

    key = models.CharField("SHA-256 of what is counted", max_length=64, primary_key=True)
    count = models.PositiveIntegerField()
    ends_at = models.DateTimeField(db_index=True)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.count} until {self.ends_at:%H:%M}"
