"""People, organisations, and who is what in which."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import Group, PermissionsMixin
from django.core.validators import RegexValidator
from django.db import models
from django.urls import reverse

from tenants.capabilities import BUILT_IN_DESCRIPTIONS, LABELS
from tenants.ids import uuid7
from tenants.models.base import RoleGrant, TenantForeignKey, TenantOwned
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
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> User:
        """The person with this address."""
        return self.get(email=(username or "").strip().lower())


class User(AbstractBaseUser, PermissionsMixin):
    """A person. Signs in by e-mail; belongs to tenants through memberships."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    email = models.EmailField(unique=True)
    name = models.CharField(max_length=120, blank=True)
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False)
    date_joined = models.DateTimeField(auto_now_add=True)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects = UserManager()

    def __str__(self) -> str:
        return self.name or self.email


class Tenant(models.Model):
    """An organisation, or a team that keeps its agents apart."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    slug = models.SlugField(
        max_length=60, unique=True, validators=[RegexValidator(r"^[a-z0-9]+(-[a-z0-9]+)*$")]
    )
    name = models.CharField(max_length=120)
    time_zone = models.CharField(max_length=60, default="UTC")
    created_at = models.DateTimeField(auto_now_add=True)

    objects = models.Manager()

    class Meta:
        default_permissions = ()
        permissions = tuple(LABELS.items())

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("home", args=[self.slug])


class TenantRoleGrant(RoleGrant):
    """A capability: what a role may do in the whole tenant."""

    content_object = models.ForeignKey(Tenant, models.CASCADE)


class Role(TenantOwned):
    """A named set of capabilities in one tenant, kept as a Django group."""

    access_rule = Capability("manage_members")

    group = models.OneToOneField(Group, models.PROTECT, related_name="+")
    slug = models.SlugField(max_length=60)
    label = models.CharField(max_length=60)
    description = models.CharField(max_length=300, blank=True)
    is_built_in = models.BooleanField(default=False)

    class Meta(TenantOwned.Meta):
        constraints = [models.UniqueConstraint(fields=["tenant", "slug"], name="role_slug")]

    def __str__(self) -> str:
        return self.label

    def get_absolute_url(self) -> str:
        return reverse("tenants:role-detail", args=[self.tenant.slug, self.pk])

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

    class Meta(TenantOwned.Meta):
        constraints = [models.UniqueConstraint(fields=["tenant", "user"], name="one_membership")]

    def __str__(self) -> str:
        return f"{self.user} in {self.tenant} as {self.role}"

    def get_absolute_url(self) -> str:
        return reverse("tenants:member-edit", args=[self.tenant.slug, self.pk])

    @property
    def status(self) -> str:
        """Whether this person gets in: active, suspended, or inactive as a whole account."""
        if not self.user.is_active:
            return "inactive"
        return "suspended" if self.is_suspended else "active"
