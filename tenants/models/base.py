"""What every tenant-owned table has: an id, its tenant, and no manager that forgets the tenant."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from django.conf import settings
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import models
from guardian.models import GroupObjectPermissionBase, UserObjectPermissionBase

from tenants.ids import uuid7
from tenants.models import paths
from tenants.models.names import NameField

if TYPE_CHECKING:
    from tenants.rules import Rule

_SetType = TypeVar("_SetType")
_GetType = TypeVar("_GetType")


class TenantForeignKey(models.ForeignKey[_SetType, _GetType]):
    """A foreign key to another tenant-owned row.

    The database guards it by the composite key `(tenant_id, x_id)` that the migration operation
    `TenantKeys` makes, so Django's own single-column constraint would only check the same twice.
    """

    def __init__(self, to: Any, on_delete: Any, **kwargs: Any) -> None:
        kwargs["db_constraint"] = False
        super().__init__(to, on_delete, **kwargs)


class TenantOwned(models.Model):
    """A row of one tenant.

    There is no `objects`: reading goes through `Access.visible`, and code below it that has to see
    more says so by writing `unscoped`.
    """

    access_rule: ClassVar[Rule]

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    tenant = models.ForeignKey(
        "tenants.Tenant", models.CASCADE, related_name="+", editable=False, db_index=False
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    unscoped = models.Manager()

    class Meta:
        abstract = True
        default_manager_name = "unscoped"
        base_manager_name = "unscoped"

    def page_url(self, page: str) -> str:
        """The address of a page about this row, by its name in the URLconf."""
        return paths.of_row(page, self.tenant.slug, self.pk)

    def validate(self) -> None:
        """Raise ValidationError for values that don't fit, or that clash with another row's.

        Unlike `full_clean` it asks nothing about the rows that this one refers to.
        """
        self.clean_fields(exclude=[f.name for f in self._meta.fields if f.is_relation])
        self.validate_constraints()

    def unique_error_message(
        self, model_class: type[models.Model], unique_check: Sequence[str]
    ) -> ValidationError:
        """As Django's, without the tenant, which goes without saying."""
        told = tuple(name for name in unique_check if name != "tenant")
        return super().unique_error_message(model_class, told)


class Shareable(TenantOwned):
    """An object that people name, share with each other and edit side by side."""

    name = NameField(max_length=120)
    is_restricted = models.BooleanField(
        "restricted", default=False, help_text="Only explicit grants and owners reach it."
    )
    version = models.PositiveIntegerField(default=1, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, editable=False, related_name="+"
    )

    class Meta(TenantOwned.Meta):
        abstract = True

    def __str__(self) -> str:
        return self.name

    def validate_constraints(self, exclude: Collection[str] | None = None) -> None:
        """As Django's, telling a clash at the field that the constraint's error code names."""
        try:
            super().validate_constraints(exclude=exclude)
        except ValidationError as error:
            fields = {field.name for field in self._meta.fields}
            by_field: dict[str, list[ValidationError]] = {}
            for clash in error.error_dict.pop(NON_FIELD_ERRORS, []):
                place = clash.code if clash.code in fields else NON_FIELD_ERRORS
                by_field.setdefault(str(place), []).append(clash)
            raise ValidationError({**error.error_dict, **by_field}) from error


class UserGrant(UserObjectPermissionBase):
    """One action on one object, granted to one person. Subclasses add `content_object`."""

    class Meta(UserObjectPermissionBase.Meta):
        abstract = True


class RoleGrant(GroupObjectPermissionBase):
    """One action on one object, granted to one role. Subclasses add `content_object`."""

    class Meta(GroupObjectPermissionBase.Meta):
        abstract = True
