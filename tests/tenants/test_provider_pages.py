import pytest

from tenants import secrets, services
from tenants.models import AuditEvent, Provider, Secret
from tests.factories.tenants import ProviderFactory, SecretFactory, UserFactory

pytestmark = pytest.mark.django_db
URL = "/t/acme/settings/providers/"
VALUE = "sk-shared-0123456789"


@pytest.fixture
def secret(tenant):
    return SecretFactory(tenant=tenant, name="Shared key", value=VALUE)


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


def new(**fields):
    return {
        "name": "Vendor",
        "kind": "openai",
        "base_url": "https://api.vendor.example/v1",
        "secret": "",
        "default_model": "small",
        **fields,
    }


def test_an_admin_adds_a_provider_with_a_key_as_typed(page, admin):
    response = page(admin).post(f"{URL}new/", new(key="sk-typed-0123456789"), follow=True)

    secret = Provider.unscoped.get().secret
    assert b"Vendor was added." in response.content
    assert secret.name == "Vendor key"
    assert secrets.reveal(secret) == "sk-typed-0123456789"
    event = AuditEvent.unscoped.get(actor=admin)  # one for both
    assert event.action == "provider.created"
    assert event.changes["secret"] == [None, str(secret.pk)]


def test_a_server_may_need_no_key(page, admin):
    page(admin).post(f"{URL}new/", new())

    assert Provider.unscoped.get().secret is None


def test_no_address_holds_a_password_that_everybody_would_read(page, admin):
    address = "https://user:s3cret@api.vendor.example/v1"
    response = page(admin).post(f"{URL}new/", new(base_url=address))

    assert response.status_code == 422
    assert "can’t contain a user name" in response.content.decode().replace("&#x27;", "’")
    assert not Provider.unscoped.exists()


def test_a_kept_secret_goes_to_a_new_host_only_with_its_value(page, admin, secret):
    client = page(admin)
    chosen = new(secret=str(secret.pk))

    refused = client.post(f"{URL}new/", {**chosen, "key": "a guess"})
    assert refused.status_code == 422
    assert "does not go to that host yet" in refused.content.decode()
    assert "a guess" not in refused.content.decode()

    client.post(f"{URL}new/", {**chosen, "key": VALUE})
    assert Provider.unscoped.get().secret == secret


def test_a_kept_secret_goes_again_to_its_host_without_asking(page, admin, provider, secret):
    again = new(name="Second", secret=str(secret.pk), base_url="https://api.vendor.example/v2")

    page(admin).post(f"{URL}new/", again)

    assert Provider.unscoped.filter(name="Second", secret=secret).exists()


def test_a_typed_key_takes_no_name_that_is_taken(page, admin, tenant):
    SecretFactory(tenant=tenant, name="Vendor key")

    page(admin).post(f"{URL}new/", new(key="sk-typed"))

    assert Provider.unscoped.get().secret.name == "Vendor key 2"


@pytest.mark.parametrize("held_for", ["tool", "sign_in"])
def test_only_what_is_held_for_providers_is_offered(page, admin, tenant, held_for):
    mine = SecretFactory(tenant=tenant)
    other = SecretFactory(tenant=tenant, held_for=held_for)

    client = page(admin)
    content = client.get(f"{URL}new/").content.decode()

    assert f'value="{mine.pk}"' in content
    assert f'value="{other.pk}"' not in content
    chosen = new(secret=str(other.pk), key="correct horse battery staple")
    assert client.post(f"{URL}new/", chosen).status_code == 422


def test_a_key_that_is_not_the_chosen_secrets_is_not_ignored(page, admin, provider):
    response = page(admin).post(f"{URL}{provider.pk}/edit/", fields(provider, key="another"))

    assert response.status_code == 422
    assert "not the value of the secret" in response.content.decode()


@pytest.fixture
def keeper(tenant, owner, access):
    """Somebody who keeps providers and may see no secret."""
    person = UserFactory(email="keeper@acme.example")
    role = services.create_role(
        access(owner), label="Keeper", capabilities={"manage_providers", "view_agents"}
    )
    services.add_member(tenant, person, role=role.slug)
    return person


def without_secret(provider, **changes):
    sent = fields(provider, **changes)
    del sent["secret"]
    return sent


def test_who_sees_no_secrets_keeps_the_providers_own(page, keeper, provider, secret):
    response = page(keeper).get(f"{URL}{provider.pk}/edit/")
    page(keeper).post(f"{URL}{provider.pk}/edit/", without_secret(provider, default_model="large"))

    provider.refresh_from_db()
    assert (provider.secret, provider.default_model) == (secret, "large")
    assert "Shared key" not in response.content.decode()


def test_who_sees_no_secrets_cannot_drop_one_by_sending_the_field(page, keeper, provider, secret):
    page(keeper).post(f"{URL}{provider.pk}/edit/", fields(provider, secret=""))

    provider.refresh_from_db()
    assert provider.secret == secret


def test_who_sees_no_secrets_cannot_send_one_elsewhere(page, keeper, provider):
    moved = without_secret(provider, base_url="https://thief.example/v1")

    assert page(keeper).post(f"{URL}{provider.pk}/edit/", moved).status_code == 422

    page(keeper).post(f"{URL}{provider.pk}/edit/", {**moved, "key": "sk-their-own-0123456789"})
    provider.refresh_from_db()
    assert secrets.reveal(provider.secret) == "sk-their-own-0123456789"
    assert secrets.reveal(Secret.unscoped.get(name="Shared key")) == VALUE


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
    page(admin).post(f"{URL}{provider.pk}/edit/", fields(provider, default_model="large"))

    provider.refresh_from_db()
    event = AuditEvent.unscoped.get(action="provider.updated")
    assert provider.default_model == "large"
    assert event.changes == {"default_model": ["test-model", "large"]}


@pytest.mark.parametrize("elsewhere", ["https://thief.example/v1", "http://api.vendor.example/v1"])
def test_a_new_address_does_not_get_the_key_by_itself(page, admin, provider, elsewhere):
    response = page(admin).post(f"{URL}{provider.pk}/edit/", fields(provider, base_url=elsewhere))

    provider.refresh_from_db()
    assert response.status_code == 422
    assert provider.base_url == "https://api.vendor.example/v1"


def test_a_new_address_gets_the_key_from_who_can_type_it(page, admin, provider):
    moved = fields(provider, base_url="https://eu.vendor.example/v1", key=VALUE)

    page(admin).post(f"{URL}{provider.pk}/edit/", moved)

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
    assert client.post(f"{URL}{provider.pk}/edit/", fields(provider)).status_code == 403
    assert client.post(f"{URL}{provider.pk}/delete/").status_code == 403


def test_a_foreign_provider_does_not_exist(page, stranger, provider):
    assert (
        page(stranger).get(f"/t/globex/settings/providers/{provider.pk}/edit/").status_code == 404
    )


def test_the_settings_say_what_the_organisation_is(page, viewer):
    content = page(viewer).get("/t/acme/settings/").content.decode()

    assert "Acme" in content
    assert "Viewer" in content


@pytest.mark.parametrize(
    ("kind", "address"),
    [
        ("openai", "https://api.openai.com/v1"),
        ("anthropic", "https://api.anthropic.com"),
        ("gemini", "https://generativelanguage.googleapis.com"),
    ],
)
def test_a_vendors_own_address_needs_no_typing(page, admin, kind, address):
    page(admin).post(f"{URL}new/", new(kind=kind, base_url=""))

    assert Provider.unscoped.get().base_url == address


def test_a_compatible_server_needs_an_address(page, admin):
    response = page(admin).post(f"{URL}new/", new(kind="compatible", base_url=""))

    assert response.status_code == 422
    assert "Say where the server is." in response.content.decode()
