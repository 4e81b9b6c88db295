"""Two requests that each take off a factor which the other one would leave."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Barrier, BrokenBarrierError

import pytest
from allauth.mfa.models import Authenticator
from django.db import connection
from django.test import Client

from tenants import factors
from tests.tenants.accounts_kit import add_app, add_passkey, confirm, sign_in

pytestmark = pytest.mark.django_db(transaction=True)
FACTORS = "/accounts/second-factor/"


def test_one_factor_is_left_where_one_is_required(person, tenant, monkeypatch):
    browsers = [Client(), Client()]
    for browser in browsers:
        sign_in(browser, person)
        confirm(browser)
    add_app(person)
    passkey = add_passkey(person)
    tenant.requires_second_factor = True
    tenant.save()
    both_have_asked, ask = Barrier(2), factors.may_remove

    def asked_together(factor):
        answer = ask(factor)
        # Whoever has asked waits for the other, who can't ask while the first one decides.
        with suppress(BrokenBarrierError):
            both_have_asked.wait(0.5)
        return answer

    monkeypatch.setattr(factors, "may_remove", asked_together)

    def remove(browser, path):
        try:
            return browser.post(f"{FACTORS}{path}")
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(remove, browsers, ["app/remove/", f"passkeys/{passkey.pk}/remove/"]))

    assert Authenticator.objects.filter(user=person, type__in=factors.KINDS).count() == 1
