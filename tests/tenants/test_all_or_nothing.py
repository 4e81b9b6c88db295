"""A verb happens with its line in the log or not at all, and that line is the last it writes."""

import pytest
from allauth.socialaccount.models import SocialAccount
from django.apps import apps
from django.contrib.auth.models import Group

from tenants import audit_chain, inviting, services
from tenants.models import AuditEvent, AuditHead, Invitation, Membership, Role
from tests.factories.tenants import ApiKeyFactory, SignInProviderFactory, UserFactory
from tests.tenants.accounts_kit import add_app

pytestmark = pytest.mark.django_db
MODELS = [
    *(m for m in apps.get_app_config("tenants").get_models() if m not in (AuditEvent, AuditHead)),
    Group,
    SocialAccount,
]
BASE = "https://roster.test"
SIGN_IN = {
    "name": "Theirs",
    "kind": "openid",
    "server_url": "https://id.example.org",
    "client_id": "roster",
    "client_secret": "as typed",
    "domains": ["example.org"],
    "is_enabled": True,
}


class Full(Exception):
    """The log takes nothing."""


class Home:
    """What the verbs are about."""

    def __init__(self, tenant, owner, admin, viewer, mine):
        self.tenant, self.admin, self.viewer, self.mine = tenant, admin, viewer, mine
        self.key = ApiKeyFactory(tenant=tenant, user=owner, scopes=["view_agents"])
        self.sign_in = SignInProviderFactory(tenant=tenant)
        self.desk = services.create_role(mine, label="Desk", capabilities=["view_agents"])
        add_app(owner)

    def role(self, slug):
        return Role.unscoped.get(tenant=self.tenant, slug=slug)

    def member(self, user):
        return Membership.unscoped.get(tenant=self.tenant, user=user)

    def invitation(self, **fields):
        """The row and its token."""
        row = Invitation(tenant=self.tenant, role=self.role("viewer"), **fields)
        token = inviting.renew(row, 1)
        row.save()
        return row, token

    def suspended(self):
        return services.suspend_member(self.mine, self.member(self.viewer))


@pytest.fixture
def home(tenant, owner, admin, viewer, access):
    return Home(tenant, owner, admin, viewer, access(owner))


# What each is called with; the last are its keywords.
VERBS = {
    "create_api_key": lambda h: (h.mine, {"name": "K", "scopes": ["view_agents"]}),
    "update_api_key": lambda h: (h.mine, h.key, {"name": "K"}),
    "rotate_api_key": lambda h: (h.mine, h.key, {}),
    "revoke_api_key": lambda h: (h.mine, h.key, {}),
    "set_key_limit": lambda h: (h.mine, {"rate_limit": 5}),
    "create_sign_in": lambda h: (h.mine, {**SIGN_IN, "role": h.role("viewer")}),
    "update_sign_in": lambda h: (h.mine, h.sign_in, {**SIGN_IN, "role": h.role("editor")}),
    "delete_sign_in": lambda h: (h.mine, h.sign_in, {}),
    "require_factor": lambda h: (h.mine, {"is_required": True}),
    "join_through": lambda h: (
        h.sign_in, {"uid": "1", "emails": ["kim@example.org"], "name": "Kim"},
    ),
    "create_role": lambda h: (h.mine, {"label": "Till", "capabilities": ["view_agents"]}),
    "update_role": lambda h: (h.mine, h.desk, {"label": "D", "capabilities": ["run_agents"]}),
    "delete_role": lambda h: (h.mine, h.desk, {}),
    "change_role": lambda h: (h.mine, h.member(h.viewer), {"role": h.role("editor")}),
    "suspend_member": lambda h: (h.mine, h.member(h.viewer), {}),
    "unsuspend_member": lambda h: (h.mine, h.suspended(), {}),
    "remove_member": lambda h: (h.mine, h.member(h.viewer), {}),
    "transfer_ownership": lambda h: (h.mine, h.member(h.admin), {}),
    "invite_by_link": lambda h: (
        h.mine, {"role": h.role("viewer"), "days": 1, "base_url": BASE},
    ),
    "resend_invitation": lambda h: (
        h.mine, h.invitation(delivery="link")[0], {"days": 1, "base_url": BASE},
    ),
    "revoke_invitation": lambda h: (h.mine, h.invitation(delivery="link")[0], {}),
    "accept_invitation": lambda h: (UserFactory(), h.invitation(delivery="link")[1], {}),
    "begin_account": lambda h: (
        h.invitation(email="kim@example.org")[1],
        {"email": "", "name": "Kim", "password": "plum tractor sunday"},
    ),
    "create_tenant": lambda h: ({"slug": "initech", "name": "Initech", "owner": h.viewer},),
    "update_tenant": lambda h: (h.mine, {"name": "Acme & Sons"}),
    "add_member": lambda h: (h.tenant, h.viewer, {"role": "editor"}),
}  # fmt: skip


def state():
    return {model: list(model._base_manager.order_by("pk").values()) for model in MODELS}


@pytest.mark.parametrize("verb", VERBS)
def test_what_the_log_does_not_take_has_not_happened(home, verb, monkeypatch):
    *args, fields = VERBS[verb](home)
    append, before, told = audit_chain.append, state(), []

    def refuse(event):
        raise Full

    def note(event):
        told.append(state())
        return append(event)

    monkeypatch.setattr(audit_chain, "append", refuse)
    with pytest.raises(Full):
        getattr(services, verb)(*args, **fields)
    assert state() == before

    monkeypatch.setattr(audit_chain, "append", note)
    getattr(services, verb)(*args, **fields)
    after = state()
    assert after != before
    assert told
    assert all(seen == after for seen in told)
