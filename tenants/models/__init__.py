"""The ground floor's tables."""

from tenants.models.answers import KeptAnswer
from tenants.models.attempts import Attempt
from tenants.models.audit import AuditEvent, AuditHead
from tenants.models.base import RoleGrant, Shareable, TenantForeignKey, TenantOwned, UserGrant
from tenants.models.credentials import ModelPrice, Provider, Secret
from tenants.models.invitations import Invitation
from tenants.models.keys import ApiKey, RateBucket
from tenants.models.lists import DefaultView, SavedView
from tenants.models.people import FormerSlug, Membership, Role, Tenant, TenantRoleGrant, User
from tenants.models.sign_in import SignInProvider
from tenants.models.work import Job

__all__ = [
    "ApiKey",
    "Attempt",
    "AuditEvent",
    "AuditHead",
    "DefaultView",
    "FormerSlug",
    "Invitation",
    "Job",
    "KeptAnswer",
    "Membership",
    "ModelPrice",
    "Provider",
    "RateBucket",
    "Role",
    "RoleGrant",
    "SavedView",
    "Secret",
    "Shareable",
    "SignInProvider",
    "Tenant",
    "TenantForeignKey",
    "TenantOwned",
    "TenantRoleGrant",
    "User",
    "UserGrant",
]
