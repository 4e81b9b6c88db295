import pytest

from tenants.models import AuditEvent, Provider
from tests.factories.tenants import ProviderFactory, SecretFactory

pytestmark = pytest.mark.django_db
URL = "/t/acme/settings/providers/"


@pytest.fixture
def secret(tenant):
    return SecretFactory(tenant=tenant, name="Vendor key")


@pytest.fixture
def provider(tenant, secret):
    return ProviderFactory(
        tenant=tenant, name="Vendor", secret=secret, base_url="https://api.vendor.example/v1"
    )


def fields(provider, **changes):
    return {
        "name": provider.name,
        "kind": provider.kind,
        "base_url": provider.base_url,
        "secret": str(provider.secret_id or ""),
        "default_model": provider.default_model,
        **changes,
    }


def test_the_demo_provider_is_always_there(page, viewer):
    assert b"Built in" in page(viewer).get(URL).content


def test_an_admin_adds_a_provider(page, admin, secret):
    response = page(admin).post(
        f"{URL}new/",
        {
            "name": "Vendor",
            "kind": "openai",
            "base_url": "https://api.vendor.example/v1",
            "secret": str(secret.pk),
            "default_model": "small",
        },
        follow=True,
    )

    assert b"Vendor was added." in response.content
    assert Provider.unscoped.get().secret == secret


def test_a_foreign_secret_can_not_be_chosen(page, admin, other_tenant):
    foreign = SecretFactory(tenant=other_tenant)

    response = page(admin).post(
        f"{URL}new/",
        {
            "name": "V",
            "kind": "openai",
            "base_url": "https://v.example",
            "default_model": "m",
            "secret": str(foreign.pk),
        },
    )

    assert response.status_code == 422
    assert not Provider.unscoped.exists()


def test_an_edit_is_saved_and_noted(page, admin, provider):
    page(admin).post(f"{URL}{provider.pk}/", fields(provider, default_model="large"))

    provider.refresh_from_db()
    event = AuditEvent.unscoped.get(action="provider.updated")
    assert provider.default_model == "large"
    assert event.changes == {"default_model": ["test-model", "large"]}


def test_a_new_host_does_not_get_the_key_by_itself(page, admin, provider):
    moved = fields(provider, base_url="https://thief.example/v1")

    response = page(admin).post(f"{URL}{provider.pk}/", moved)

    provider.refresh_from_db()
    assert response.status_code == 422
    assert b"new host" in response.content
    assert provider.base_url == "https://api.vendor.example/v1"


def test_a_new_host_gets_the_key_when_that_is_confirmed(page, admin, provider):
    moved = fields(provider, base_url="https://eu.vendor.example/v1", is_secret_confirmed="on")

    page(admin).post(f"{URL}{provider.pk}/", moved)

    provider.refresh_from_db()
    assert provider.base_url == "https://eu.vendor.example/v1"


def test_a_provider_is_deleted(page, admin, provider):
    page(admin).post(f"{URL}{provider.pk}/delete/")

    assert not Provider.unscoped.exists()


def test_an_editor_sees_providers_but_keeps_none(page, editor, provider):
    client = page(editor)

    assert b"Vendor" in client.get(URL).content
    assert b"New provider" not in client.get(URL).content
    assert client.get(f"{URL}new/").status_code == 403
    assert client.post(f"{URL}{provider.pk}/", fields(provider)).status_code == 403
    assert client.post(f"{URL}{provider.pk}/delete/").status_code == 403


def test_a_foreign_provider_does_not_exist(page, stranger, provider):
    assert page(stranger).get(f"/t/globex/settings/providers/{provider.pk}/").status_code == 404


def test_the_settings_say_what_the_organisation_is(page, viewer):
    content = page(viewer).get("/t/acme/settings/").content.decode()

    assert "Acme" in content
    assert "Viewer" in content
