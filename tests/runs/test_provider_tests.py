"""Testing a connection: a real call through the guard, its cause in plain words."""

import pytest

from tenants.models import AuditEvent, Provider
from tests.factories.tenants import ProviderFactory, SecretFactory

pytestmark = pytest.mark.django_db
URL = "/t/acme/settings/providers/"
CANARY = "sk-canary-0123456789"


@pytest.fixture(params=["openai", "compatible", "anthropic", "gemini"])
def kind(request):
    return request.param


@pytest.fixture
def provider(tenant, fake, kind):
    """`provider(key="…")`: an account at the fake vendor of each kind."""

    def make(key=CANARY, **fields):
        url = fake.url_of(kind) if kind in ("anthropic", "gemini") else fake.base_url
        secret = SecretFactory(tenant=tenant, value=key)
        fields = {"base_url": url, "default_model": "fake-small", **fields}
        return ProviderFactory(tenant=tenant, kind=kind, secret=secret, **fields)

    return make


@pytest.fixture
def tested(page, admin):
    """`tested(provider)`: the page after the test, as htmx gets it."""

    def test(provider, by=admin):
        answer = page(by).post(f"{URL}{provider.pk}/test/", headers={"HX-Request": "true"})
        return answer.content.decode()

    return test


def test_what_works_lists_its_models(tested, provider):
    content = tested(provider())

    assert "It works" in content
    assert "<option>fake-large</option><option selected>fake-small</option>" in content
    assert AuditEvent.unscoped.get(action="provider.tested").changes == {"ok": True}


def test_a_default_model_that_is_not_listed_is_told(tested, provider):
    assert "“gone”, the default model, is not in its list" in tested(
        provider(default_model="gone")
    ).replace("&quot;", '"')


def test_a_server_without_a_list_is_asked_for_one_token(tested, provider, fake):
    content = tested(provider(key="unlisted-0123456789", default_model="words=1"))

    assert "It works" in content
    assert "It lists no models" in content
    assert "1" in str(fake.requests[-1])


def test_a_wrong_key_is_told_and_not_shown(tested, provider):
    content = tested(provider(key="wrong-canary-0123456789"))

    assert "does not accept the API key (401)" in content
    assert "wrong-canary" not in content
    assert "wrong-canary" not in str(AuditEvent.unscoped.values_list("changes"))


def test_a_closed_port_is_a_cause(tested, provider):
    assert "can&#x27;t be reached" in tested(provider(base_url="http://127.0.0.1:9"))


def test_a_private_address_is_refused(tested, provider, settings):
    settings.ALLOW_PRIVATE_NETWORKS = False

    assert "may not be reached" in tested(provider(base_url="http://127.0.0.2:9"))


def test_a_listed_model_becomes_the_default(page, admin, provider):
    account = provider()

    page(admin).post(f"{URL}{account.pk}/default-model/", {"model": "fake-large"})

    assert Provider.unscoped.get().default_model == "fake-large"


def test_only_who_keeps_providers_may_test_them(page, editor, provider, fake):
    account = provider()

    assert page(editor).post(f"{URL}{account.pk}/test/").status_code == 403
    assert b"Test connection" not in page(editor).get(f"{URL}{account.pk}/").content
    assert not fake.requests
