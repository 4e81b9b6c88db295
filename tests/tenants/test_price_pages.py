"""An organisation's own prices of models, on the page of their provider."""

from decimal import Decimal

import pytest

from tenants.models import AuditEvent, ModelPrice
from tests.factories.tenants import ModelPriceFactory, ProviderFactory

pytestmark = pytest.mark.django_db
URL = "/t/acme/settings/providers/"
PRICES = "/t/acme/settings/prices/"


@pytest.fixture
def provider(tenant):
    return ProviderFactory(
        tenant=tenant,
        name="Vendor",
        base_url="https://api.openai.com/v1",
        default_model="gpt-4o-mini",
    )


@pytest.fixture
def price(tenant, provider):
    return ModelPriceFactory(tenant=tenant, provider=provider, model="gpt-4o-mini")


def sent(**changes):
    return {
        "model": "gpt-4o-mini",
        "input_mtok": "0.1",
        "output_mtok": "0.4",
        "cached_input_mtok": "",
        "currency": "eur",
        **changes,
    }


def test_a_price_is_added_and_shown(page, admin, provider):
    response = page(admin).post(f"{URL}{provider.pk}/prices/new/", sent(), follow=True)

    price = ModelPrice.unscoped.get()
    assert (price.input_mtok, price.currency) == (Decimal("0.1"), "EUR")
    assert "€ 0.1000" in response.content.decode()
    assert AuditEvent.unscoped.filter(action="price.created").count() == 1


def test_the_public_price_is_told_beside_it(page, viewer, provider):
    content = page(viewer).get(f"{URL}{provider.pk}/").content.decode()

    assert "gpt-4o-mini: $ 0.1500 in and $ 0.6000 out publicly" in content


def test_an_unknown_server_has_no_public_price(page, viewer, tenant):
    unknown = ProviderFactory(tenant=tenant)

    assert "no public price" in page(viewer).get(f"{URL}{unknown.pk}/").content.decode()


def test_an_own_price_of_the_default_model_is_said_to_hold(page, viewer, tenant):
    priced = ModelPriceFactory(tenant=tenant, model="theirs", provider__default_model="theirs")
    other = ModelPriceFactory(tenant=tenant, model="another", provider__default_model="theirs")

    told = page(viewer).get(f"{URL}{priced.provider_id}/").content.decode()
    untold = page(viewer).get(f"{URL}{other.provider_id}/").content.decode()

    assert "Your own price below holds." in told
    assert "have no cost" not in told
    assert "Your own price" not in untold
    assert "have no cost" in untold


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("input_mtok", "-1"),
        ("output_mtok", "NaN"),
        ("output_mtok", "Infinity"),
        ("input_mtok", "1e30"),
        ("currency", "EURO"),
        ("currency", "€"),
        ("model", ""),
        ("model", "x" * 121),
    ],
)
def test_what_is_no_price_is_refused(page, admin, provider, field, value):
    response = page(admin).post(f"{URL}{provider.pk}/prices/new/", sent(**{field: value}))

    assert response.status_code == 422
    assert field in response.context["form"].errors
    assert not ModelPrice.unscoped.exists()


def test_a_model_has_one_price(page, admin, provider, price):
    response = page(admin).post(f"{URL}{provider.pk}/prices/new/", sent())

    assert response.status_code == 422
    assert "has a price of yours already" in response.content.decode()


def test_a_price_is_changed_and_deleted(page, admin, price):
    client = page(admin)

    client.post(f"{PRICES}{price.pk}/", sent(output_mtok="0.5"))
    price.refresh_from_db()
    assert price.output_mtok == Decimal("0.5")

    client.post(f"{PRICES}{price.pk}/delete/")
    assert not ModelPrice.unscoped.exists()


def test_a_form_shows_amounts_without_idle_noughts(page, admin, price):
    assert 'value="2"' in page(admin).get(f"{PRICES}{price.pk}/").content.decode()


def test_an_editor_reads_prices_and_sets_none(page, editor, provider, price):
    client = page(editor)

    assert client.get(f"{URL}{provider.pk}/").status_code == 200
    assert client.post(f"{URL}{provider.pk}/prices/new/", sent(model="other")).status_code == 403
    assert client.post(f"{PRICES}{price.pk}/", sent()).status_code == 403
    assert client.post(f"{PRICES}{price.pk}/delete/").status_code == 403


def test_a_foreign_price_does_not_exist(page, stranger, price):
    client = page(stranger)

    assert client.post(f"/t/globex/settings/prices/{price.pk}/", sent()).status_code == 404
    assert client.post(f"/t/globex/settings/prices/{price.pk}/delete/").status_code == 404
