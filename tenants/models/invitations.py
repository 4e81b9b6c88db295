"""Ways in that were offered and not yet taken."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from tenants.models.base import TenantForeignKey, TenantOwned
from tenants.models.people import Role
from tenants.rules import Capability


class Invitation(TenantOwned):
    """An offer to become a member once. Taken or withdrawn, the row is gone.

    The token that opens it is told once, by mail or on the page; only its hash is kept.
    """

    access_rule = Capability("manage_members")

    class Delivery(models.TextChoices):
        MAIL = "mail", "By e-mail"
        LINK = "link", "By link"

    delivery = models.CharField(max_length=4, choices=Delivery.choices, default=Delivery.MAIL)
    # Where it was mailed to. Of a link: the address that began an account with it, if any did.
    email = models.EmailField("e-mail", blank=True)
    role = TenantForeignKey(Role, models.PROTECT, related_name="+")
    digest = models.CharField("SHA-256 of the token", max_length=64, unique=True, editable=False)
    expires_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, editable=False)
    # Nobody: the platform's administrators. An invitation goes with the account that made it.
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, editable=False, related_name="+"
    )

    class Meta(TenantOwned.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "email"],
                condition=Q(delivery="mail"),
                name="one_invitation_by_mail",
            )
        ]

    def __str__(self) -> str:
        return f"{self.email or 'Link'} as {self.role}"

    def get_absolute_url(self) -> str:
        return reverse("tenants:invitation-list", args=[self.tenant.slug])

    @property
    def is_mailed(self) -> bool:
        """Whether only the reader of the mailbox has the token, which so proves the address."""
        return self.delivery == self.Delivery.MAIL

    @property
    def status(self) -> str:
        """Pending, claimed (a link with which somebody began an account) or expired."""
        if self.expires_at <= timezone.now():
            return "expired"
        return "claimed" if self.email and not self.is_mailed else "pending"
