import pytest

from tenants import services

pytestmark = pytest.mark.django_db


def test_the_only_organisation_is_entered_at_once(page, viewer):
    assert page(viewer).get("/")["Location"] == "/t/acme/"


def test_who_belongs_to_several_chooses(page, viewer, other_tenant):
    services.add_member(other_tenant, viewer, role="viewer")

    response = page(viewer).get("/", follow=True)

    assert response.redirect_chain[-1][0] == "/accounts/organisations/"
    assert b"Acme" in response.content
    assert b"Globex" in response.content


def test_the_switcher_lists_only_ones_own(page, viewer, other_tenant):
    response = page(viewer).get(
        "/accounts/organisations/?current=acme", headers={"HX-Request": "true"}
    )

    assert b"Acme" in response.content
    assert b"Globex" not in response.content
    assert b"<html" not in response.content


def test_who_belongs_nowhere_is_told_what_to_do(page, django_user_model):
    nobody = django_user_model.objects.create_user("nobody@example.org")

    assert b"Ask whoever keeps the members" in page(nobody).get("/", follow=True).content


def test_signed_out_there_is_nothing_to_choose(client):
    assert "/accounts/sign-in/" in client.get("/accounts/organisations/")["Location"]
    assert "/accounts/sign-in/" in client.get("/")["Location"]
