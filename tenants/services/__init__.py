"""The ground floor's verbs."""

from tenants.services.accounts import (
    ask_password_reset,
    forget_wished_email,
    reset_second_factor,
    update_profile,
    wish_email,
)
from tenants.services.archive import archive_tenant, unarchive_tenant
from tenants.services.invitations import (
    accept_invitation,
    begin_account,
    invite_by_link,
    invite_by_mail,
    resend_invitation,
    revoke_invitation,
)
from tenants.services.jobs import cancel_job, retry_job
from tenants.services.keys import (
    create_api_key,
    revoke_api_key,
    rotate_api_key,
    set_key_limit,
    update_api_key,
)
from tenants.services.members import (
    change_role,
    remove_member,
    suspend_member,
    transfer_ownership,
    unsuspend_member,
)
from tenants.services.platform import (
    found_tenant,
    invite_owner,
    join_tenant,
    leave_tenant,
    membership_of,
    owners_of,
)
from tenants.services.prices import create_price, delete_price, update_price
from tenants.services.providers import (
    create_provider,
    delete_provider,
    set_default_model,
    test_provider,
    update_provider,
)
from tenants.services.roles import BUILT_IN, RoleInUse, create_role, delete_role, update_role
from tenants.services.saved_views import create_view, delete_view, open_with, update_view
from tenants.services.secrets import (
    create_secret,
    delete_secret,
    delete_secrets_of_tool,
    replace_secret,
    seal_for_tool,
)
from tenants.services.sharing import LOCKED_OUT, OWNERS, restrict, share
from tenants.services.sign_in import (
    NotAdmitted,
    come_through,
    connect_through,
    create_sign_in,
    delete_sign_in,
    join_through,
    require_factor,
    update_sign_in,
)
from tenants.services.tenants import add_member, create_tenant, remember_tenant, update_tenant

__all__ = [
    "BUILT_IN",
    "LOCKED_OUT",
    "OWNERS",
    "NotAdmitted",
    "RoleInUse",
    "accept_invitation",
    "add_member",
    "archive_tenant",
    "ask_password_reset",
    "begin_account",
    "cancel_job",
    "change_role",
    "come_through",
    "connect_through",
    "create_api_key",
    "create_price",
    "create_provider",
    "create_role",
    "create_secret",
    "create_sign_in",
    "create_tenant",
    "create_view",
    "delete_price",
    "delete_provider",
    "delete_role",
    "delete_secret",
    "delete_secrets_of_tool",
    "delete_sign_in",
    "delete_view",
    "forget_wished_email",
    "found_tenant",
    "invite_by_link",
    "invite_by_mail",
    "invite_owner",
    "join_tenant",
    "join_through",
    "leave_tenant",
    "membership_of",
    "open_with",
    "owners_of",
    "remember_tenant",
    "remove_member",
    "replace_secret",
    "require_factor",
    "resend_invitation",
    "reset_second_factor",
    "restrict",
    "retry_job",
    "revoke_api_key",
    "revoke_invitation",
    "rotate_api_key",
    "seal_for_tool",
    "set_default_model",
    "set_key_limit",
    "share",
    "suspend_member",
    "test_provider",
    "transfer_ownership",
    "unarchive_tenant",
    "unsuspend_member",
    "update_api_key",
    "update_price",
    "update_profile",
    "update_provider",
    "update_role",
    "update_sign_in",
    "update_tenant",
    "update_view",
    "wish_email",
]
