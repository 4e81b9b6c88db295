"""An organisation that opens only to members with a second factor."""

import pytest
from allauth.mfa.models import Authenticator
from django.http import Http404

from tenants.access import Access
from tests.tenants.accounts_kit import add_app, add_passkey, confirm

pytestmark = pytest.mark.django_db
FACTORS = "/accounts/second-factor/"


@pytest.fixture
def strict(tenant):
    tenant.requires_second_factor = True
    tenant.save()
    return tenant


@pytest.mark.parametrize("path", ["", "jobs/", "agents/", "settings/"])
def test_a_member_without_one_is_led_to_set_one_up(strict, signed_in, path):
    response = signed_in.get(f"/t/acme/{path}")

    assert response["Location"] == FACTORS
    assert b"Acme" in signed_in.get(FACTORS).content


def test_a_member_with_one_comes_in(strict, signed_in, person):
    add_app(person)

    assert signed_in.get("/t/acme/").status_code == 200


def test_a_passkey_is_one_too(strict, signed_in, person):
    add_passkey(person)

    assert signed_in.get("/t/acme/").status_code == 200


def test_recovery_codes_alone_are_none(strict, signed_in, person):
    add_app(person)
    Authenticator.objects.filter(type="totp").delete()

    assert signed_in.get("/t/acme/")["Location"] == FACTORS


def test_other_organisations_stay_open(strict, page, stranger):
    assert page(stranger).get("/t/globex/").status_code == 200


def test_a_stranger_learns_nothing_of_it(strict, page, stranger):
    assert page(stranger).get("/t/acme/").status_code == 404


def test_a_post_does_nothing(strict, page, owner):
    response = page(owner).post("/t/acme/settings/secrets/new/", {"name": "A", "value": "b" * 20})

    assert response["Location"] == FACTORS


def test_htmx_gets_the_whole_page(strict, signed_in):
    response = signed_in.get("/t/acme/jobs/", headers={"HX-Request": "true"})

    assert response["HX-Redirect"] == FACTORS


def test_keys_and_waiting_work_rest_until_it_is_there(strict, owner, api):
    add_app(owner)
    client = api(owner)
    Authenticator.objects.all().delete()

    assert client.get("/agents").status_code == 401
    with pytest.raises(Http404):
        Access.for_member(owner.pk, strict.pk)

    add_app(owner)
    assert client.get("/agents").status_code == 200


def test_the_last_one_can_not_be_removed(strict, signed_in, person):
    add_app(person)
    confirm(signed_in)

    page = signed_in.get(f"{FACTORS}app/remove/")
    signed_in.post(f"{FACTORS}app/remove/")

    assert b"one of your organisations requires it" in page.content
    assert Authenticator.objects.filter(user=person, type="totp").exists()


def test_nor_the_last_passkey(strict, signed_in, person):
    key = add_passkey(person)
    confirm(signed_in)

    signed_in.post(f"{FACTORS}passkeys/{key.pk}/remove/")

    assert Authenticator.objects.filter(pk=key.pk).exists()


def test_one_of_two_can_be_removed(strict, signed_in, person):
    add_app(person)
    add_passkey(person)
    confirm(signed_in)

    signed_in.post(f"{FACTORS}app/remove/")

    assert not Authenticator.objects.filter(type="totp").exists()
    assert signed_in.get("/t/acme/").status_code == 200


def test_nobody_removes_somebody_elses(signed_in, owner):
    key = add_passkey(owner)
    confirm(signed_in)

    assert signed_in.post(f"{FACTORS}passkeys/{key.pk}/remove/").status_code == 404
    assert signed_in.post(f"{FACTORS}passkeys/{key.pk}/", {"name": "Mine"}).status_code == 404


def test_the_list_of_members_tells_who_has_one(page, owner, person):
    assert b"Has a second factor" not in page(owner).get("/t/acme/settings/members/").content

    add_app(person)

    content = page(owner).get("/t/acme/settings/members/").content.decode()
    assert content.count("Has a second factor") == 1


def test_owners_require_it_once_they_have_one_themselves(page, owner, tenant):
    client, url = page(owner), "/t/acme/settings/sign-in/factor/"
    client.post(url, {"required": "on"})
    tenant.refresh_from_db()
    assert not tenant.requires_second_factor

    add_app(owner)
    client.post(url, {"required": "on"})
    tenant.refresh_from_db()
    assert tenant.requires_second_factor
    client.post(url)
    tenant.refresh_from_db()
    assert not tenant.requires_second_factor


def test_admins_do_not_decide_about_it(page, admin, tenant):
    assert (
        page(admin).post("/t/acme/settings/sign-in/factor/", {"required": "on"}).status_code == 403
    )
