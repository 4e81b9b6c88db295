"""People, organisations, and who is what in which."""

from __future__ import annotations

from typing import Any, ClassVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import Group, PermissionsMixin
from django.contrib.postgres.fields import ArrayField
from django.core.validators import RegexValidator
from django.db import models
from django.urls import reverse

from tenants.capabilities import BUILT_IN_DESCRIPTIONS, LABELS
from tenants.ids import uuid7
from tenants.models.base import RoleGrant, TenantForeignKey, TenantOwned
from tenants.models.names import NameField
from tenants.rules import Capability


class UserManager(BaseUserManager["User"]):
    """Makes people; e-mail addresses are compared without regard to case."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        """A person who signs in with this address. No password means: cannot sign in yet."""
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        """A platform administrator. Sees no tenant's content without joining it."""
        return self.create_user(email, password, is_platform_admin=True, **fields)

    def get_by_natural_key(self, username: str | None) -> User:
        """The person with this address."""
        return self.get(email=(username or "").strip().lower())


def _zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


class User(AbstractBaseUser, PermissionsMixin):
    """A person. Signs in by e-mail; belongs to tenants through memberships."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    email = models.EmailField(unique=True)
    name = NameField(max_length=120, blank=True)
    time_zone = models.CharField(max_length=60, blank=True)  # empty: as each tenant has it
    is_active = models.BooleanField(default=True)
    # Nothing asks for this or for `is_superuser`, which Django brings along.
    is_staff = models.BooleanField(default=False)
    is_platform_admin = models.BooleanField(
        default=False, help_text="Looks after all organisations, and sees none's content."
    )
    last_tenant = models.ForeignKey(
        "tenants.Tenant", models.SET_NULL, null=True, editable=False, related_name="+"
    )
    date_joined = models.DateTimeField(auto_now_add=True)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects = UserManager()

    def __str__(self) -> str:
        return self.name or self.email

    @property
    def zone(self) -> ZoneInfo | None:
        """The time zone that this person chose; None where it is each tenant's, or is no more."""
        return _zone(self.time_zone)


class Tenant(models.Model):
    """An organisation, or a team that keeps its agents apart."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    slug = models.SlugField(
        max_length=60, unique=True, validators=[RegexValidator(r"^[a-z0-9]+(-[a-z0-9]+)*$")]
    )
    name = NameField(max_length=120)
    time_zone = models.CharField(max_length=60, default="UTC")
    # The route of agents that name none; without a provider it is the built-in demo.
    default_provider = TenantForeignKey(
        "tenants.Provider", models.PROTECT, null=True, blank=True, related_name="+"
    )
    default_model = models.CharField(max_length=120, blank=True)
    retention_days = models.PositiveIntegerField(null=True, blank=True)  # none: for ever
    retention_applied_at = models.DateTimeField(null=True, editable=False)
    # Host patterns that tools may reach; none: every host that the operator's rules let through.
    allowed_hosts = ArrayField(models.CharField(max_length=255), default=list, blank=True)
    archived_at = models.DateTimeField(null=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    # For API keys without a limit of their own, each by itself; none: no limit.
    key_rate_limit = models.PositiveIntegerField(null=True, blank=True)
    key_rate_seconds = models.PositiveIntegerField(default=60)
    requires_second_factor = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = models.Manager()

    class Meta:
        default_permissions = ()
        permissions = tuple(LABELS.items())

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("home", args=[self.slug])

    @property
    def zone(self) -> ZoneInfo:
        """Its time zone; UTC where this machine no longer knows it."""
        return _zone(self.time_zone) or ZoneInfo("UTC")

    @property
    def is_archived(self) -> bool:
        """Whether it is closed to all but its owners, who may only read it."""
        return self.archived_at is not None


class FormerSlug(TenantOwned):
    """An address that a tenant had before; its members are led on, and no other tenant gets it."""

    access_rule = Capability("manage_tenant")

    tenant = models.ForeignKey(
        Tenant, models.CASCADE, related_name="former_slugs", editable=False, db_index=False
    )
    slug = models.SlugField(max_length=60, unique=True)

    class Meta(TenantOwned.Meta):
        pass

    def __str__(self) -> str:
        return self.slug


class TenantRoleGrant(RoleGrant):
    """A capability: what a role may do in the whole tenant."""

    content_object = models.ForeignKey(Tenant, models.CASCADE)


class Role(TenantOwned):
    """A named set of capabilities in one tenant, kept as a Django group."""

    access_rule = Capability("manage_members")

    group = models.OneToOneField(Group, models.PROTECT, related_name="+")
    slug = models.SlugField(max_length=60)
    label = NameField(max_length=60)
    description = models.CharField(max_length=300, blank=True)
    is_built_in = models.BooleanField(default=False)

    class Meta(TenantOwned.Meta):
        constraints = [models.UniqueConstraint(fields=["tenant", "slug"], name="role_slug")]

    def __str__(self) -> str:
        return self.label

    def get_absolute_url(self) -> str:
        return self.page_url("tenants:role-detail")

    @property
    def about(self) -> str:
        """What the role is for."""
        return BUILT_IN_DESCRIPTIONS[self.slug] if self.is_built_in else self.description

    @property
    def is_owner(self) -> bool:
        """Whether this is the tenant's built-in owner role, which restrictions do not bind."""
        return self.is_built_in and self.slug == "owner"


class Membership(TenantOwned):
    """A person's place in a tenant."""

    access_rule = Capability("manage_members")

    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    role = TenantForeignKey(Role, models.PROTECT, related_name="+")
    is_suspended = models.BooleanField(default=False)
    # Why somebody who looks after the platform joined by themselves; empty for everybody else.
    platform_reason = models.CharField(max_length=300, blank=True, editable=False)
    # SHA-256 of the token of the invitation that was taken; empty for who came otherwise.
    invited_with = models.CharField(max_length=64, blank=True, editable=False)

    class Meta(TenantOwned.Meta):
        constraints = [models.UniqueConstraint(fields=["tenant", "user"], name="one_membership")]

    def __str__(self) -> str:
        return f"{self.user} in {self.tenant} as {self.role}"

    def get_absolute_url(self) -> str:
        return self.page_url("tenants:member-edit")

    @property
    def status(self) -> str:
        """Whether this person gets in: active, suspended, or inactive as a whole account."""
        if not self.user.is_active:
            return "inactive"
        return "suspended" if self.is_suspended else "active"
