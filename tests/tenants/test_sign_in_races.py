"""Whoever comes through a sign-in while it is closed does not get in beside its end."""

from concurrent.futures import ThreadPoolExecutor, wait

import pytest
from allauth.socialaccount.models import SocialAccount
from django.db import connection, transaction

from tenants import services
from tenants.access import Access
from tenants.models import User
from tenants.signing_in import key_of
from tests.factories.tenants import SignInProviderFactory
from tests.tenants.waiting import while_locked

pytestmark = pytest.mark.django_db(transaction=True)


def test_who_comes_while_it_is_taken_away_waits_and_does_not_get_in(tenant, owner):
    row = SignInProviderFactory(tenant=tenant)

    def join():
        try:
            services.join_through(row, uid="1", emails=["kim@example.org"], name="Kim")
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            services.delete_sign_in(Access.of(owner, "acme"), row)
            coming = pool.submit(join)
            wait([coming], 0.5)
        with pytest.raises(services.NotAdmitted):
            coming.result(30)

    assert not User.objects.filter(email="kim@example.org").exists()


def test_who_is_in_already_is_asked_about_in_a_transaction_too(tenant, viewer):
    row = SignInProviderFactory(tenant=tenant)

    assert services.connect_through(row, viewer, SocialAccount(uid="1", provider=key_of(row)))

    services.come_through(row, viewer)


def test_an_address_that_two_organisations_vouch_for_at_once_is_one_account(tenant, other_tenant):
    first, second = (SignInProviderFactory(tenant=one) for one in (tenant, other_tenant))

    def join(row):
        return services.join_through(row, uid="1", emails=["kim@example.org"], name="Kim")

    waited, answer = while_locked(lambda: join(first), lambda: join(second))

    assert waited
    with pytest.raises(services.NotAdmitted, match="There is an account"):
        answer.result(60)
    assert User.objects.filter(email="kim@example.org").count() == 1
