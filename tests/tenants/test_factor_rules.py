"""For whom a required second factor is waived: who comes by the organisation's own sign-in."""

import pytest
from allauth.socialaccount.models import SocialAccount

from tenants.access import Access
from tenants.factors import OutOfReach, SecondFactorMissing
from tenants.models import Tenant

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
    for number, (user, where) in enumerate(((owner, other_tenant), (viewer, required))):
        SocialAccount.objects.create(user=user, provider=f"{where.pk}:x", uid=number)
    with pytest.raises(SecondFactorMissing):
        Access.for_member(owner.pk, required.pk)

    SocialAccount.objects.create(user=owner, provider=f"{required.pk}:x", uid="mine")

    assert Access.for_member(owner.pk, required.pk).user == owner
