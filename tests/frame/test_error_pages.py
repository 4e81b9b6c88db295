import pytest
from django.test import Client

pytestmark = pytest.mark.django_db


def test_a_missing_page_says_what_to_do_and_names_the_request(page, owner):
    response = page(owner).get("/t/acme/nothing-here/")

    assert response.status_code == 404
    assert b"There is nothing here" in response.content
    assert response["X-Request-ID"].encode() in response.content


def test_a_foreign_page_and_a_missing_one_look_the_same(page, stranger, tenant):
    foreign = page(stranger).get("/t/acme/").content.decode()
    missing = page(stranger).get("/t/no-such/").content.decode()

    assert "There is nothing here" in foreign
    assert foreign.split("Request")[0] == missing.split("Request")[0]


def test_a_right_that_is_missing_is_named(page, viewer):
    response = page(viewer).get("/t/acme/settings/secrets/")

    assert response.status_code == 403
    assert "manage secrets" in response.content.decode()


def test_a_damaged_link_is_explained(page, owner):
    response = page(owner).get("/t/acme/jobs/?after=garbage")

    assert response.status_code == 400
    assert b"damaged" in response.content


def test_an_address_that_only_does_something_says_so(page, owner):
    response = page(owner).get("/t/acme/settings/sign-in/factor/")

    assert (response.status_code, response["Allow"]) == (405, "POST")
    assert "This address is no page" in response.content.decode()


def test_sending_to_what_can_only_be_looked_at_says_that(page, owner, tenant):
    response = page(owner).post("/t/acme/runs/")

    assert response.status_code == 405
    assert "Nothing can be sent here" in response.content.decode()
    assert "Use POST" not in response.content.decode()


def test_a_crash_shows_a_page_that_needs_nothing(page, owner, monkeypatch, settings):
    def crash(*args, **kwargs):
        raise RuntimeError("canary-detail")

    monkeypatch.setattr("tenants.views.jobs.paginate", crash)
    client = page(owner)
    client.raise_request_exception = False

    response = client.get("/t/acme/jobs/")

    assert response.status_code == 500
    assert b"Something went wrong on our side" in response.content
    assert b"canary-detail" not in response.content


def test_an_error_keeps_the_theme(page, owner):
    client = page(owner)
    client.cookies["theme"] = "dark"

    assert b'data-theme="dark"' in client.get("/nothing/").content


def test_the_api_answers_errors_as_problems():
    response = Client().get("/api/v1/no-such-thing")

    assert response.status_code == 404
    assert response["Content-Type"] == "application/problem+json"
    assert response.json()["code"] == "not_found"
