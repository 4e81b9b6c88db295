"""Of whom a second factor is required, and when one was used."""

import pytest
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount

from tenants import factors, services
from tenants.access import Access
from tenants.factors import OutOfReach, SecondFactorMissing
from tenants.models import Membership, SignInProvider, Tenant
from tenants.signing_in import key_of
from tests.factories.tenants import ApiKeyFactory, SignInProviderFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def required(tenant):
    Tenant.objects.filter(pk=tenant.pk).update(requires_second_factor=True)
    return tenant


def test_a_session_of_the_organisations_own_sign_in_needs_none_and_opens_it_alone(
    required, other_tenant, owner
):
    with pytest.raises(SecondFactorMissing):
        Access.of(owner, "acme")
    assert Access.of(owner, "acme", within=required.pk).user == owner
    with pytest.raises(OutOfReach):
        Access.of(owner, "acme", within=other_tenant.pk)


def test_waiting_work_goes_on_for_who_comes_by_the_organisations_own_sign_in_alone(
    required, other_tenant, owner, viewer
):
    way, elsewhere = (SignInProviderFactory(tenant=t) for t in (required, other_tenant))
    for number, (user, there) in enumerate(((owner, elsewhere), (viewer, way))):
        SocialAccount.objects.create(user=user, provider=key_of(there), uid=number)
    with pytest.raises(SecondFactorMissing):
        Access.for_member(owner.pk, required.pk)

    SocialAccount.objects.create(user=owner, provider=key_of(way), uid="mine")

    assert Access.for_member(owner.pk, required.pk).user == owner


def test_keys_and_waiting_work_rest_while_the_way_in_is_switched_off(required, owner):
    way, other = (SignInProviderFactory(tenant=required) for _ in range(2))
    key = ApiKeyFactory(tenant=required, user=owner)
    SocialAccount.objects.create(user=owner, provider=key_of(way), uid="mine")
    assert Access.through(key.public_id).user == owner

    SignInProvider.unscoped.filter(pk=way.pk).update(is_enabled=False)

    assert other.is_enabled
    with pytest.raises(SecondFactorMissing):
        Access.through(key.public_id)
    with pytest.raises(SecondFactorMissing):
        Access.for_member(owner.pk, required.pk)


def factor(user, kind="totp", **data):
    return Authenticator.objects.create(user=user, type=kind, data=data)


def test_the_last_factor_stays_where_an_organisation_of_theirs_requires_one(
    required, other_tenant, owner, viewer, stranger
):
    services.add_member(other_tenant, owner, role="viewer")
    factor(viewer)
    codes = factor(owner, "recovery_codes")
    assert [factors.has_factor(user) for user in (owner, viewer)] == [False, True]
    assert factors.may_remove(codes)
    app = factor(owner)

    assert (factors.requiring(owner), factors.requiring(stranger)) == ([required], [])
    assert [factors.may_remove(it) for it in (app, factor(stranger))] == [False, True]
    Membership.unscoped.filter(user=owner, tenant=required).update(is_suspended=True)
    assert (factors.requiring(owner), factors.may_remove(app)) == ([], True)


def test_a_code_that_was_used_is_remembered_as_long_as_it_may_be_valid(owner):
    app = factor(owner, used={"123456": 1000.0})

    assert factors.was_used(app, "123 456", 1000 + factors.REMEMBERED - 1)
    assert not factors.was_used(app, "123456", 1000 + factors.REMEMBERED)
    factors.note_use(app, "654 321", 2000.0)
    factors.note_use(app, "111111", 2010.0)
    assert app.data["used"] == {"654321": 2000.0, "111111": 2010.0}
