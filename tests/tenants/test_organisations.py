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


def test_who_belongs_to_several_returns_to_where_they_were_last(page, viewer, other_tenant):
    services.add_member(other_tenant, viewer, role="viewer")
    page(viewer).get("/t/globex/")

    assert page(viewer).get("/")["Location"] == "/t/globex/"


def test_who_was_removed_from_there_chooses_anew(page, viewer, other_tenant, stranger, access):
    member = services.add_member(other_tenant, viewer, role="viewer")
    page(viewer).get("/t/globex/")
    services.remove_member(access(stranger, other_tenant), member)

    assert page(viewer).get("/")["Location"] == "/t/acme/"


def test_the_switcher_marks_what_is_archived(page, owner, tenant, access):
    services.archive_tenant(access(owner), tenant)

    content = page(owner).get("/accounts/organisations/").content.decode()

    assert "archived" in content


def test_who_looks_after_the_platform_is_led_there(page, viewer):
    assert b"/platform/" not in page(viewer).get("/accounts/organisations/").content
    viewer.is_platform_admin = True
    viewer.save()

    assert b"/platform/" in page(viewer).get("/accounts/organisations/").content
