"""Putting back what is decided about members and for the whole organisation."""

import pytest
from allauth.mfa.models import Authenticator

from tenants import services
from tenants.models import Membership, Role
from tests.factories.tenants import ProviderFactory
from tests.tenants.accounts_kit import add_app

pytestmark = pytest.mark.django_db


@pytest.fixture
def change(access, tenant):
    """`change(by, person, "viewer")`: the membership, with another role now."""

    def give(by, person, slug):
        member = Membership.unscoped.get(tenant=tenant, user=person)
        role = Role.unscoped.get(tenant=tenant, slug=slug)
        return services.change_role(access(by), member, role=role)

    return give


def reasons(answer):
    assert answer.status_code == 422, answer.status_code
    return " ".join(answer.context["reasons"])


def test_a_member_gets_an_earlier_role_back(put_back, change, owner, viewer):
    member = change(owner, viewer, "editor")

    answer, is_offered, _ = put_back(member, "role")

    assert (answer["Location"], is_offered) == (member.get_absolute_url(), True)
    assert member.role.slug == "viewer"


def test_nobody_gives_a_role_back_that_is_beyond_them(put_back, change, owner, admin, viewer):
    member = change(owner, viewer, "owner")
    change(owner, viewer, "editor")

    answer, _, _ = put_back(member, "role", admin)

    assert "no role of this name any more that you could give" in reasons(answer)
    assert member.role.slug == "editor"


def test_nobody_gives_themselves_a_role_back(put_back, change, owner, admin):
    member = change(owner, admin, "editor")
    change(owner, admin, "admin")

    answer, is_offered, _ = put_back(member, "role", admin)

    assert "Nobody changes their own role" in reasons(answer)
    assert not is_offered
    assert member.role.slug == "admin"


def test_the_limit_of_keys_is_put_back_by_who_keeps_them(put_back, access, admin, editor, tenant):
    services.set_key_limit(access(admin), rate_limit=600)
    services.set_key_limit(access(admin), rate_limit=5, rate_seconds=1)
    tenant.refresh_from_db()

    assert put_back(tenant, "key_rate_limit", admin)[0].status_code == 302
    assert put_back(tenant, "key_rate_seconds", editor)[0].status_code == 404

    assert (tenant.key_rate_limit, tenant.key_rate_seconds) == (600, 1)


def test_a_second_factor_is_required_again_by_who_has_one(put_back, access, owner, admin, tenant):
    add_app(owner)
    services.require_factor(access(owner), is_required=True)
    services.require_factor(access(owner), is_required=False)
    tenant.refresh_from_db()
    Authenticator.objects.filter(user=owner).delete()

    assert put_back(tenant, "requires_second_factor", admin)[0].status_code == 403
    answer, is_offered, _ = put_back(tenant, "requires_second_factor")
    assert (reasons(answer), is_offered) == ("Set up a second factor for yourself first.", True)
    add_app(owner)
    assert put_back(tenant, "requires_second_factor")[0].status_code == 302
    assert tenant.requires_second_factor


def test_a_provider_is_spoken_to_as_before_at_the_same_address(put_back, access, owner, tenant):
    provider = ProviderFactory(tenant=tenant, kind="compatible")
    rest = {"name": provider.name, "base_url": provider.base_url, "default_model": "m"}
    services.update_provider(access(owner), provider, kind="anthropic", **rest)

    assert put_back(provider, "kind")[0].status_code == 302
    assert provider.kind == "compatible"
    assert provider.base_url == rest["base_url"]
