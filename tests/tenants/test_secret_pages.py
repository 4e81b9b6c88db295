import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tenants import secrets
from tenants.models import AuditEvent, Secret
from tests.factories.tenants import ProviderFactory, SecretFactory
from tests.factories.tools import ToolFactory

pytestmark = pytest.mark.django_db
CANARY = "canary-sk-4f1d9c2e-never-shown"
URL = "/t/acme/settings/secrets/"


@pytest.fixture
def secret(tenant):
    return SecretFactory(tenant=tenant, name="Vendor key", value=CANARY)


def test_a_secret_goes_in_and_is_sealed(page, admin):
    response = page(admin).post(f"{URL}new/", {"name": "Vendor key", "value": CANARY}, follow=True)

    assert secrets.reveal(Secret.unscoped.get()) == CANARY
    assert b"ends in \xe2\x80\xa6hown" in response.content


def test_no_page_shows_the_value(page, admin, secret):
    client = page(admin)

    for url in (URL, f"{URL}{secret.pk}/", "/t/acme/settings/providers/new/", "/t/acme/"):
        assert CANARY.encode() not in client.get(url).content


def test_a_refused_form_does_not_give_the_value_back(page, admin, secret):
    response = page(admin).post(f"{URL}new/", {"name": secret.name, "value": CANARY})

    assert response.status_code == 422
    assert CANARY.encode() not in response.content


def test_two_secrets_of_one_name_are_refused_on_the_form(page, admin, secret):
    response = page(admin).post(f"{URL}new/", {"name": secret.name, "value": "x"})

    assert response.status_code == 422
    assert Secret.unscoped.count() == 1


def test_renaming_keeps_the_value(page, admin, secret):
    page(admin).post(f"{URL}{secret.pk}/", {"name": "Other", "value": ""})

    secret.refresh_from_db()
    assert secret.name == "Other"
    assert secrets.reveal(secret) == CANARY


def test_replacing_is_noted_without_the_value(page, admin, secret):
    page(admin).post(f"{URL}{secret.pk}/", {"name": secret.name, "value": "another-long-value"})

    secret.refresh_from_db()
    event = AuditEvent.unscoped.get(action="secret.updated")
    assert secrets.reveal(secret) == "another-long-value"
    assert event.changes == {"value": "changed"}


def test_a_secret_in_use_is_kept_and_its_users_are_named(page, admin, secret, tenant):
    ProviderFactory(tenant=tenant, secret=secret, name="Main vendor")

    response = page(admin).post(f"{URL}{secret.pk}/delete/", follow=True)

    assert "used by “Main vendor”" in response.content.decode()
    assert Secret.unscoped.filter(pk=secret.pk).exists()


def test_the_list_links_to_what_uses_a_secret(page, admin, secret, tenant):
    ProviderFactory(tenant=tenant, secret=secret, name="Main vendor")
    tool = ToolFactory(tenant=tenant, secret=secret, name="Order finder")

    content = page(admin).get(URL).content.decode()

    assert f'href="{tool.get_absolute_url()}">Order finder</a>' in content
    assert "Main vendor" in content
    assert "This secret is in use" in content


def test_users_that_the_reader_may_not_see_are_counted_only(page, admin, secret, tenant):
    ToolFactory(tenant=tenant, secret=secret, name="Withheld tool", is_restricted=True)

    client = page(admin)

    for url in (URL, f"{URL}{secret.pk}/"):
        content = client.get(url).content.decode()
        assert "1 that you may not see" in content
        assert "Withheld tool" not in content
    refused = client.post(f"{URL}{secret.pk}/delete/", follow=True).content.decode()
    assert "used by 1 that you may not see" in refused
    assert "Withheld tool" not in refused


def test_the_list_says_who_set_it_last(page, admin, secret):
    page(admin).post(f"{URL}{secret.pk}/", {"name": secret.name, "value": "another-long-value"})

    assert "just now</time> by Admin" in page(admin).get(URL).content.decode()


def test_the_list_asks_as_often_for_many_secrets_as_for_one(
    page, admin, secret, tenant, django_assert_num_queries
):
    client = page(admin)
    with CaptureQueriesContext(connection) as few:
        client.get(URL)
    for _ in range(5):
        ProviderFactory(tenant=tenant, secret=SecretFactory(tenant=tenant))

    with django_assert_num_queries(len(few)):
        client.get(URL)


def test_the_secret_of_a_tool_is_replaced_but_not_renamed(page, admin, tenant):
    secret = SecretFactory(tenant=tenant, name="Key of a tool", held_for="tool")

    page(admin).post(f"{URL}{secret.pk}/", {"name": "Mine", "value": "another-long-value"})

    secret.refresh_from_db()
    assert secret.name == "Key of a tool"
    assert secrets.reveal(secret) == "another-long-value"


def test_an_unused_secret_is_deleted(page, admin, secret):
    page(admin).post(f"{URL}{secret.pk}/delete/")

    assert not Secret.unscoped.filter(pk=secret.pk).exists()


def test_editors_keep_no_secrets(page, editor, secret):
    client = page(editor)

    assert client.get(URL).status_code == 403
    assert client.get(f"{URL}new/").status_code == 403
    assert client.get(f"{URL}{secret.pk}/").status_code == 404


def test_a_foreign_secret_does_not_exist(page, stranger, secret):
    assert page(stranger).get(f"{URL}{secret.pk}/").status_code == 404
    assert page(stranger).get(f"/t/globex/settings/secrets/{secret.pk}/").status_code == 404


def test_an_empty_list_says_what_a_secret_is(page, admin):
    assert b"No secrets yet" in page(admin).get(URL).content
